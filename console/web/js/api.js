// @ts-check
// The public HTTP API; the pages use nothing else.
/** @typedef {import("../api-types.d.ts").Alert} Alert */
/** @typedef {import("../api-types.d.ts").Problem} Problem */

/** A refused request, with the server's problem document where it sent one. */
export class ApiError extends Error {
  /** @param {number} status @param {Problem | null} problem */
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? String(status));
    this.status = status;
    this.problem = problem;
  }
}

/** Somebody else changed the alert first. */
export class Conflict extends Error {
  /** @param {Alert} alert as it is now */
  constructor(alert) {
    super("conflict");
    this.alert = alert;
  }
}

/** Tells the page that the session is over. */
export const session = new EventTarget();

/** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
async function call(method, path, body) {
  /** @type {Record<string, string>} */
  const headers = { accept: "application/json" };
  if (method !== "GET") headers["x-lenke-request"] = "1";
  if (body !== undefined) headers["content-type"] = "application/json";
  /** @type {RequestInit} */
  const init = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (body !== undefined) init.body = JSON.stringify(body);
  const response = await fetch(`/api/v1${path}`, init);
  if (response.status === 204) return null;
  const text = await response.text();
  const content = text && /json/.test(response.headers.get("content-type") ?? "") ? JSON.parse(text) : null;
  if (response.ok) return content;
  if (response.status === 409 && content?.timeline) throw new Conflict(content);
  if (response.status === 401 && path !== "/session") session.dispatchEvent(new Event("ended"));
  throw new ApiError(response.status, content);
}

/** @param {string} id */
const alertPath = (id) => `/alerts/${encodeURIComponent(id)}`;

export const api = {
  /** @param {string} name @param {string} password @returns {Promise<null>} */
  signIn: (name, password) => call("POST", "/session", { name, password }),
  /** @returns {Promise<null>} */
  signOut: () => call("DELETE", "/session"),
  /** @returns {Promise<import("../api-types.d.ts").Me>} */
  me: () => call("GET", "/me"),
  /** @returns {Promise<Alert[]>} */
  openAlerts: () => call("GET", "/alerts?state=open"),
  /** @param {string} id @returns {Promise<Alert>} */
  alert: (id) => call("GET", alertPath(id)),
  /** @param {Alert} alert @returns {Promise<Alert>} */
  acknowledge: (alert) => call("POST", `${alertPath(alert.id)}/acknowledge`, { expected_version: alert.version }),
  /** @param {Alert} alert @param {string} text @returns {Promise<Alert>} */
  note: (alert, text) => call("POST", `${alertPath(alert.id)}/note`, { expected_version: alert.version, text }),
  /** @param {Alert} alert @param {string} outcome @param {string} text @returns {Promise<Alert>} */
  resolve: (alert, outcome, text) => call("POST", `${alertPath(alert.id)}/resolve`, { expected_version: alert.version, outcome, text }),
  /** @returns {Promise<import("../api-types.d.ts").LastPosition[]>} */
  positions: () => call("GET", "/positions"),
  /** The reason goes into the audit log. @param {string} wearer @param {number} from @param {number} to @param {string} reason @returns {Promise<import("../api-types.d.ts").TrailFix[]>} */
  trail: (wearer, from, to, reason) => call("GET", `/wearers/${encodeURIComponent(wearer)}/trail?from=${Math.round(from)}&to=${Math.round(to)}&limit=2000&reason=${encodeURIComponent(reason)}`),
  /** @param {string} wearer @param {number} from @param {number} to @returns {Promise<import("../api-types.d.ts").Compliance>} */
  compliance: (wearer, from, to) => call("GET", `/wearers/${encodeURIComponent(wearer)}/compliance?from=${Math.round(from)}&to=${Math.round(to)}`),
  /** @returns {Promise<import("../api-types.d.ts").ZoneFeatures>} */
  zones: () => call("GET", "/zones"),
  /** @returns {Promise<import("../api-types.d.ts").AdminStatus>} */
  adminStatus: () => call("GET", "/admin/status"),
  /** @param {number} limit @returns {Promise<import("../api-types.d.ts").Quarantined[]>} */
  quarantine: (limit) => call("GET", `/admin/quarantine?limit=${limit}`),
  /** @param {URLSearchParams} search @returns {Promise<import("../api-types.d.ts").AuditEntry[]>} */
  audit: (search) => call("GET", `/admin/audit?${search}`),
};
