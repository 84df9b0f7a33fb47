// A small made-up monitoring centre, the same at every start: tags that move, alerts of every priority, zones.

const OSLO = [10.7522, 59.9139];
const COPENHAGEN = [12.5683, 55.6761];
const TOWNS = [OSLO, OSLO, COPENHAGEN, COPENHAGEN, [5.3221, 60.3913], [10.3951, 63.4305], [10.2039, 56.1629], [5.7331, 58.9700], [18.9553, 69.6492], [9.9187, 57.0488], [10.4024, 55.4038], [8.0182, 58.1599]];
const MINUTE = 60_000;

/** Numbers that look random and never change. @param {number} seed */
function random(seed) {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}
const wearerText = (number) => `W-${String(number).padStart(5, "0")}`;
const deviceText = (number) => `lk${String(number).padStart(6, "0")}`;
const hex = (number) => number.toString(16).padStart(32, "0");
const round = (value) => Math.round(value * 1e7) / 1e7;

function circle([lon, lat], radius_m) {
  const north = radius_m / 111_195;
  const east = north / Math.cos((lat * Math.PI) / 180);
  return { type: "Polygon", coordinates: [Array.from({ length: 33 }, (_, i) => [round(lon + east * Math.cos((i % 32) * (Math.PI / 16))), round(lat + north * Math.sin((i % 32) * (Math.PI / 16)))])] };
}

/** @param {number} start the centre's time when it begins @param {number} tags */
export function createWorld(start, tags = 120) {
  const dice = random(7);
  const people = Array.from({ length: tags }, (_, index) => {
    const [lon, lat] = TOWNS[index % TOWNS.length];
    const spread = index % 5 === 0 ? 0.4 : 0.06;
    return { wearer: index + 1, home: [lon + (dice() - 0.5) * spread, lat + (dice() - 0.5) * spread * 0.6], phase: dice() * 6.28, pace: 0.4 + dice(), battery: 20 + Math.floor(dice() * 80) };
  });
  for (const [index, home] of [[0, [10.774, 59.934]], [3, [12.549, 55.697]], [8, [5.356, 60.3745]], [60, [10.781, 59.933]]]) people[index].home = home;
  const position = (person, at) => {
    const angle = person.phase + ((at - start) / (9 * MINUTE)) * person.pace;
    return [round(person.home[0] + 0.006 * Math.cos(angle) * person.pace), round(person.home[1] + 0.003 * Math.sin(angle * 1.3))];
  };
  const fixAt = (wearer, at) => position(people[wearer - 1], at);

  const zones = [
    zone(1, "Torshov", "exclusion", true, null, circle([10.778, 59.936], 700)),
    zone(2, "Nørrebro", "exclusion", true, null, circle([12.545, 55.699], 900)),
    zone(3, "Årstad", "exclusion", true, null, circle([5.352, 60.372], 600)),
    ...people.slice(0, 40).map((person, index) => zone(100 + index, `Hjem ${wearerText(person.wearer)}`, "inclusion", false, wearerText(person.wearer), circle(person.home, 150))),
  ];
  function zone(id, name, kind, shared, wearer, geometry) {
    return { type: "Feature", id, properties: { id: `Z-${String(id).padStart(5, "0")}`, version: 2, name, kind, buffer_m: kind === "exclusion" ? 300 : 0, shared, wearer, holds_now: true }, geometry };
  }
  const zoneRef = (id) => ({ id: `Z-${String(id).padStart(5, "0")}`, version: 2, name: zones.find((z) => z.id === id).properties.name });

  let count = 0;
  /** @param {{wearer: number, kind: string, priority: string, respond_s: number, age_s: number, rule: string, reason: object, zone?: number, fixes?: number, active?: boolean, late?: boolean, now?: number}} about */
  function raise(about) {
    const now = about.now ?? start;
    const raised_at = now - about.age_s * 1000;
    const fixes = Array.from({ length: about.fixes ?? 0 }, (_, index) => {
      const at = raised_at - 4000 - ((about.fixes ?? 0) - 1 - index) * MINUTE;
      const [lon, lat] = fixAt(about.wearer, at);
      const depth = 20 + index * 31;
      return { device: deviceText(about.wearer), frame: { epoch: 3, seq: 1200 + index }, at, position: { lat, lon }, accuracy_m: 8 + index * 4.5, signed_distance_m: about.zone ? depth - 25 : null, probability: about.zone ? Math.min(0.995, 0.42 + index * 0.29) : null };
    });
    const [lon, lat] = fixAt(about.wearer, raised_at);
    return {
      id: hex(++count), wearer: wearerText(about.wearer), order: 4000 + about.wearer, kind: about.kind, priority: about.priority, state: "raised", active: about.active ?? true, occurrences: 1, escalation: 0, late: about.late ?? false,
      occurred_at: raised_at - 4000, raised_at, deadline_at: raised_at + about.respond_s * 1000, ended_at: about.active === false ? raised_at + 30_000 : null, owner: null, position: { lat, lon },
      explanation: { rule: about.rule, reason: about.reason, zone: about.zone ? zoneRef(about.zone) : null, fixes }, version: 1, timeline: [{ at: raised_at, actor: "system", what: { change: "raised" }, version: 1 }],
    };
  }

  const first = [
    { wearer: 3, kind: "victim_proximity", priority: "P1", respond_s: 60, age_s: 14, rule: "victim.ring/2", reason: { code: "near_victim", within_m: 1000, ring_m: 1000, contact_s: 340 }, fixes: 2 },
    { wearer: 14, kind: "strap_tamper", priority: "P1", respond_s: 60, age_s: 75, rule: "device.strap/1", reason: { code: "device_reported", value: 1 } },
    { wearer: 1, kind: "exclusion_breach", priority: "P2", respond_s: 300, age_s: 41, rule: "exclusion.confirm/1", reason: { code: "inside_repeatedly", hits: 2, window: 3, depth_m: 82 }, zone: 1, fixes: 3 },
    { wearer: 4, kind: "exclusion_transit", priority: "P2", respond_s: 300, age_s: 180, rule: "exclusion.path/1", reason: { code: "path_crossed", chord_m: 412, entered_at: start - 252_000, left_at: start - 201_000 }, zone: 2, fixes: 2, active: false },
    { wearer: 17, kind: "curfew_not_returned", priority: "P2", respond_s: 600, age_s: 220, rule: "curfew.presence/3", reason: { code: "not_home", distance_m: 2310, curfew_from: start - 21 * MINUTE, grace_s: 600 }, zone: 116, fixes: 1 },
    { wearer: 29, kind: "communication_failure", priority: "P2", respond_s: 900, age_s: 130, rule: "device.silence/1", reason: { code: "silent", last_heard: start - 12 * MINUTE, allowed_s: 600 } },
    { wearer: 9, kind: "exclusion_approach", priority: "P3", respond_s: 3600, age_s: 300, rule: "exclusion.buffer/1", reason: { code: "in_buffer", distance_m: 140, buffer_m: 300 }, zone: 3, fixes: 1 },
    { wearer: 31, kind: "curfew_late_return", priority: "P3", respond_s: 3600, age_s: 900, rule: "curfew.presence/3", reason: { code: "came_late", late_s: 760, curfew_from: start - 30 * MINUTE }, zone: 130, fixes: 2, active: false },
    { wearer: 22, kind: "battery_critical", priority: "P3", respond_s: 3600, age_s: 400, rule: "device.battery/1", reason: { code: "battery", percent: 7, empty_at: start + 55 * MINUTE } },
    { wearer: 50, kind: "location_failure", priority: "P3", respond_s: 7200, age_s: 1300, rule: "device.no_fix/1", reason: { code: "no_fix", last_fix: start - 36 * MINUTE, allowed_s: 1800 } },
    { wearer: 61, kind: "exclusion_transit", priority: "P3", respond_s: 7200, age_s: 3500, late: true, active: false, rule: "exclusion.path/1", reason: { code: "path_crossed", chord_m: 96, entered_at: start - 7_752_000, left_at: start - 7_701_000 }, zone: 1, fixes: 2 },
    { wearer: 44, kind: "battery_low", priority: "P4", respond_s: 14_400, age_s: 2500, rule: "device.battery/1", reason: { code: "battery", percent: 19, empty_at: null } },
  ].map(raise);
  for (const [index, minutes] of [[6, 3], [8, 6]]) {
    const at = start - minutes * MINUTE;
    Object.assign(first[index], { state: "acknowledged", owner: index === 6 ? "kari" : "operator", version: 2 });
    first[index].timeline.push({ at, actor: first[index].owner, what: { change: "acknowledged" }, version: 2 });
  }
  Object.assign(first[1], { escalation: 1, version: 2 });
  first[1].timeline.push({ at: start - 15_000, actor: "system", what: { change: "escalated" }, version: 2 });

  return {
    people, zones, first, raise, position, wearerText, deviceText,
    later: [
      { wearer: 6, kind: "panic", priority: "P1", respond_s: 60, age_s: 0, rule: "device.panic/1", reason: { code: "device_reported", value: 1 } },
      { wearer: 12, kind: "curfew_left_early", priority: "P2", respond_s: 600, age_s: 0, rule: "curfew.presence/3", reason: { code: "left_home", distance_m: 420, curfew_to: start + 300 * MINUTE }, fixes: 2 },
    ],
  };
}
