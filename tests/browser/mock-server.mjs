// The console's HTTP API over a made-up world, for the pages' own tests and for work on the pages:
//
//   node mock-server.mjs [port]      then sign in as operator or admin with the password "demo-password"
//
// It keeps the API's manners: sessions, the change header, versions (409), problem documents and the strict CSP.
import { randomBytes } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { PMTiles } from "pmtiles";
import { createWorld } from "./mock-world.mjs";

const web = join(dirname(fileURLToPath(import.meta.url)), "../../console/web");
export const PASSWORD = "demo-password";
const USERS = { operator: { name: "operator", display: "Ola Operatør", role: "operator" }, admin: { name: "admin", display: "Anne Admin", role: "administrator" } };
const TYPES = { ".html": "text/html; charset=utf-8", ".js": "text/javascript", ".mjs": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2", ".ftl": "text/plain; charset=utf-8" };
const CSP = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** A PMTiles archive on disk. @param {string} path */
async function archive(path) {
  const file = await open(path);
  return new PMTiles({
    getKey: () => path,
    getBytes: async (offset, length) => {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, offset);
      return { data: buffer.buffer.slice(buffer.byteOffset, buffer.byteOffset + bytesRead) };
    },
  });
}

/** @param {{port?: number, tags?: number, speed?: number}} [options] */
export async function startMock({ port = 0, tags = 120, speed = 1 } = {}) {
  const start = Date.now();
  const now = () => Math.round(start + (Date.now() - start) * speed);
  const world = createWorld(start, tags);
  const alerts = new Map(world.first.map((alert) => [alert.id, alert]));
  const tiles = await archive(join(web, "basemap/nordic.pmtiles"));
  /** @type {Map<string, typeof USERS.operator>} */
  const sessions = new Map();
  /** @type {Set<import("node:http").ServerResponse>} */
  const streams = new Set();
  let silent = false;

  const send = (event, data) => {
    if (silent) return;
    for (const stream of streams) stream.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  };
  const change = (alert, actor, what, fields = {}) => {
    Object.assign(alert, fields, { version: alert.version + 1 });
    alert.timeline.push({ at: now(), actor, what, version: alert.version });
    send("alert", alert);
    return alert;
  };
  const raiseLater = (index) => {
    const alert = world.raise({ ...world.later[index % world.later.length], now: now() });
    alerts.set(alert.id, alert);
    send("alert", alert);
    return alert;
  };
  const row = (person) => {
    const [lon, lat] = world.position(person, now());
    return [person.wearer, lon, lat, 6 + (person.wearer % 20), now() - 2000, world.deviceText(person.wearer), 3, 1300];
  };

  const json = (response, status, body, type = "application/json") => {
    response.writeHead(status, { "content-type": type, "cache-control": "no-store" });
    response.end(JSON.stringify(body));
  };
  const problem = (response, status, title, detail = title) => json(response, status, { type: `urn:lenke:problem:${status}`, title, status, detail }, "application/problem+json");

  async function api(request, response, path, query) {
    const cookie = /lenke_session=(\w+)/.exec(request.headers.cookie ?? "")?.[1] ?? "";
    const user = sessions.get(cookie);
    const { method } = request;
    if (method !== "GET" && request.headers["x-lenke-request"] !== "1") return problem(response, 403, "The request does not come from the console");
    let body = {};
    if (method === "POST") {
      const chunks = [];
      for await (const chunk of request) chunks.push(chunk);
      body = JSON.parse(Buffer.concat(chunks).toString() || "{}");
    }
    if (path === "/session" && method === "POST") {
      const found = body.password === PASSWORD ? USERS[body.name] : undefined;
      if (!found) return problem(response, 401, "Name or password are wrong");
      const key = randomBytes(16).toString("hex");
      sessions.set(key, found);
      response.writeHead(204, { "set-cookie": `lenke_session=${key}; HttpOnly; SameSite=Strict; Path=/` });
      return response.end();
    }
    if (!user) return problem(response, 401, "Sign in first");
    if (path === "/session" && method === "DELETE") {
      sessions.delete(cookie);
      response.writeHead(204);
      return response.end();
    }
    if (path === "/me") return json(response, 200, user);
    if (path === "/alerts") return json(response, 200, [...alerts.values()].filter((alert) => (alert.state === "resolved") === (query.get("state") === "resolved")));
    if (path === "/positions") return json(response, 200, world.people.map((person) => ({ ...Object.fromEntries(["", "lon", "lat", "accuracy_m", "at", "device"].map((name, index) => [name, row(person)[index]]).slice(1)), wearer: world.wearerText(person.wearer), received_at: now(), speed_m_s: 1.2, battery_percent: person.battery })));
    if (path === "/zones") return json(response, 200, { type: "FeatureCollection", features: world.zones });
    if (path === "/stream") return stream(request, response);
    const trail = /^\/wearers\/W-(\d+)\/trail$/.exec(path);
    if (trail) {
      const person = world.people[Number(trail[1]) - 1];
      const to = Number(query.get("to"));
      const fixes = Array.from({ length: 60 }, (_, index) => to - (60 - index) * 60_000).filter((_, index) => index < 20 || index > 30);
      return json(response, 200, person ? fixes.map((at) => ({ at, lon: world.position(person, at)[0], lat: world.position(person, at)[1], accuracy_m: 12, late: false })) : []);
    }
    if (/^\/wearers\/W-\d+\/compliance$/.test(path)) return json(response, 200, compliance(Number(query.get("from")), Number(query.get("to"))));
    const action = /^\/alerts\/([0-9a-f]{32})(?:\/(\w+))?$/.exec(path);
    if (action) return act(response, user, alerts.get(action[1]), action[2], body);
    if (path.startsWith("/admin/")) return admin(response, user, path);
    if (path === "/test/raise") return json(response, 200, raiseLater(Number(query.get("index"))));
    if (path === "/test/steal") return json(response, 200, change(alerts.get(query.get("id")), "kari", { change: "acknowledged" }, { state: "acknowledged", owner: "kari" }));
    if (path === "/test/silence") {
      silent = query.get("on") === "1";
      return json(response, 200, { silent });
    }
    return problem(response, 404, "There is no such thing");
  }

  /** Each day home by night, a silence, a stay where nobody may be, a leave. */
  function compliance(from, to) {
    const HOUR = 3_600_000;
    const totals = (stretches) => {
      const sum = { compliant_ms: 0, exempt_ms: 0, unknown_ms: 0, violating_ms: 0, uncertain_ms: 0 };
      for (const stretch of stretches) {
        sum[`${stretch.state}_ms`] += stretch.to - stretch.from;
        if (stretch.uncertain) sum.uncertain_ms += stretch.to - stretch.from;
      }
      return sum;
    };
    const days = [];
    for (let begins = from; begins < to; begins += 24 * HOUR) {
      const plan = [["compliant", "kept", 5], ["unknown", "silent", 2], ["compliant", "kept", 6], ["violating", "inside", 0.5], ["violating", "inside", 0.5], ["exempt", "permitted", 4], ["compliant", "kept", 6]];
      let at = begins;
      const stretches = plan.map(([state, cause, hours], index) => {
        const stretch = { from: at, to: (at += hours * HOUR), state, cause, uncertain: index === 4 };
        return stretch;
      });
      days.push({ date: new Date(begins).toISOString().slice(0, 10), begins, ends: begins + 24 * HOUR, totals: totals(stretches), stretches });
    }
    const all = days.flatMap((day) => day.stretches);
    return { from, to, totals: totals(all), days, lines: [{ clause: "1", rule: "exclusion", zone_name: "Sentrum", totals: totals(all), stretches: all }] };
  }

  function act(response, user, alert, action, body) {
    if (!alert) return problem(response, 404, "There is no such thing");
    if (!action) return json(response, 200, alert);
    if (body.expected_version !== alert.version) return json(response, 409, alert);
    if (alert.state === "resolved") return problem(response, 422, "The alert does not allow this now", "it is resolved");
    if (action === "acknowledge") return json(response, 200, change(alert, user.name, { change: "acknowledged" }, { state: "acknowledged", owner: user.name }));
    if (action === "note") return json(response, 200, change(alert, user.name, { change: "noted", text: body.text }));
    return json(response, 200, change(alert, user.name, { change: "resolved", outcome: body.outcome, text: body.text }, { state: "resolved", owner: alert.owner ?? user.name }));
  }

  function admin(response, user, path) {
    if (user.role !== "administrator") return problem(response, 403, "Your role does not allow this");
    if (path === "/admin/status") {
      const n = Math.floor((now() - start) / 100);
      return json(response, 200, { headroom: [{ what: "transaction ids", used: 0.83, level: "bad", detail: "1782579527 of 2147483648" }, { what: "partitions ahead", used: 0, level: "good", detail: "4 of 4 weeks" }], counters: { received: 48_211 + n, stored: 48_190 + n, duplicate: 12, late: 340, lost: 0, rejected: 25, alerts: { strap_tamper: 1, exclusion_breach: 4 } }, rejections: { garbage: 3, truncated: 2, oversized: 1, unknown_device: 14, wrong_key: 1, replayed: 0, conflicting_bytes: 1, clock_ahead: 2, before_enrolment: 0, foreign_topic: 1, no_activation: 0, undecodable: 1 }, console: { now: now(), speed, sessions: 2, streams: 1, alerts_open: alerts.size }, store: { fixes: 1_204_118, frames: 401_220, alerts: 311, quarantined: 25 }, queues: { journal_bytes: 18_220, shard_0: 0, shard_1: 2 } });
    }
    if (path === "/admin/audit") {
      const what = [["alert.read", `W-00007/${"ab".repeat(16)}`, ""], ["positions.read", "all", ""], ["trail.read", "W-00003", "from 1 to 2: phone call"]];
      return json(response, 200, Array.from({ length: 50 }, (_, index) => ({ seq: 400 - index, at: start - index * 41_000, actor: "operator", action: what[index % 3][0], object: what[index % 3][1], detail: what[index % 3][2], hash: "ab".repeat(32) })));
    }
    const why = [["garbage", "no CBOR tag 16 at offset 0"], ["unknown_device", "lk999999 is not enrolled"], ["conflicting_bytes", "epoch 3 seq 1188 was taken with other bytes"], ["clock_ahead", "a fix lies 86400 s in the future"]];
    return json(response, 200, Array.from({ length: 12 }, (_, index) => ({ received_at: start - index * 73_000, source: `lenke/v1/${world.deviceText(index + 1)}/up/live`, device: index % 4 === 0 ? null : world.deviceText(index + 1), reason: why[index % 4][0], detail: why[index % 4][1], bytes_hex: "d08344a1010aa1054600030000002b".repeat(4) })));
  }

  function stream(request, response) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`event: hello\ndata: ${JSON.stringify({ now: now(), speed })}\n\n`);
    streams.add(response);
    request.on("close", () => streams.delete(response));
  }

  async function tile(response, z, x, y) {
    const found = await tiles.getZxy(z, x, y);
    if (!found) return response.writeHead(204).end();
    response.writeHead(200, { "content-type": "application/x-protobuf", "cache-control": "max-age=86400" });
    response.end(Buffer.from(found.data));
  }

  async function page(response, path) {
    const route = path === "/" || path === "/login" || path === "/admin" || path.startsWith("/alerts/");
    const file = route ? "index.html" : normalize(path).replace(/^\/+/, "");
    try {
      const content = await readFile(join(web, file));
      response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "application/octet-stream", "content-security-policy": CSP, "x-content-type-options": "nosniff", "cache-control": "no-cache" });
      response.end(content);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" }).end("not found");
    }
  }

  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://x");
    const base = /^\/basemap\/(\d+)\/(\d+)\/(\d+)$/.exec(pathname);
    const done = base ? tile(response, ...base.slice(1).map(Number)) : pathname.startsWith("/api/v1/") ? api(request, response, pathname.slice(7), searchParams) : page(response, pathname);
    Promise.resolve(done).catch((error) => {
      console.error(pathname, error);
      if (!response.headersSent) problem(response, 500, String(error));
    });
  });
  await new Promise((done) => server.listen(port, "127.0.0.1", done));
  const timers = [
    setInterval(() => send("positions", world.people.filter((person) => person.wearer !== 29).map(row)), 1000),
    setInterval(() => send("clock", { now: now(), speed }), 5000),
    setInterval(() => {
      for (const alert of alerts.values()) if (alert.state === "raised" && alert.escalation === 0 && alert.deadline_at < now()) change(alert, "system", { change: "escalated" }, { escalation: 1 });
    }, 1000),
  ];
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : port}`,
    raiseLater,
    stop: () => {
      for (const timer of timers) clearInterval(timer);
      for (const stream of streams) stream.destroy();
      server.close();
      server.closeAllConnections();
    },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const mock = await startMock({ port: Number(process.argv[2] ?? 8099), speed: Number(process.argv[3] ?? 1) });
  setInterval(() => mock.raiseLater(Math.round(Date.now() / 20_000)), 20_000);
  console.log(`${mock.url}  (operator or admin, ${PASSWORD})`);
}
