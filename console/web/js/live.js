// @ts-check
// What the centre knows right now: a snapshot from the API, kept current by its event stream.
//
// Events: `snapshot`, `alert` ({alert, before}), `positions`, `status` (live or stale), `tick` (once a second).
import { api, session } from "./api.js";
import { centre } from "./centre.js";
/** @typedef {import("../api-types.d.ts").Alert} Alert */
/** @typedef {{wearer: number, lat: number, lon: number, accuracy_m: number, at: number, device: string, battery_percent: number | null}} Tag */

/** Silence of the stream after which what is on the page may no longer be true. */
const STALE_AFTER_MS = 15_000;
/** Closed alerts that a page keeps; older ones are read again when somebody opens them. */
const CLOSED_MAX = 500;
const RETRY_MS_MIN = 1_000;
const RETRY_MS_MAX = 15_000;

/** `W-00042` -> 42 @param {string} wearer */
export const wearerNumber = (wearer) => Number(wearer.slice(2));
/** 42 -> `W-00042` @param {number} number */
export const wearerText = (number) => `W-${String(number).padStart(5, "0")}`;

class Live extends EventTarget {
  /** Open alerts, and those closed since this page was opened. @type {Map<string, Alert>} */
  alerts = new Map();
  /** Last known position of each wearer. @type {Map<number, Tag>} */
  tags = new Map();
  started = false;
  #heardAt = performance.now();
  #stale = false;
  #retry = RETRY_MS_MIN;
  /** @type {EventSource | null} */
  #source = null;
  #timers = /** @type {number[]} */ ([]);

  async start() {
    if (this.started) return;
    this.started = true;
    this.#heardAt = performance.now();
    this.#timers = [window.setInterval(() => this.#tick(), 1000)];
    this.#connect();
    await this.#snapshot();
  }

  stop() {
    this.started = false;
    this.#source?.close();
    for (const timer of this.#timers) clearInterval(timer);
    this.alerts.clear();
    this.tags.clear();
  }

  /** Milliseconds of real time since the stream was last heard. */
  silence() {
    return performance.now() - this.#heardAt;
  }
  get stale() {
    return this.silence() > STALE_AFTER_MS;
  }

  /** Takes an alert, unless a newer version is known. @param {Alert} alert */
  put(alert) {
    const before = this.alerts.get(alert.id);
    if (before && before.version > alert.version) return;
    this.alerts.set(alert.id, alert);
    if (alert.state === "resolved") this.#forget();
    this.dispatchEvent(new CustomEvent("alert", { detail: { alert, before } }));
  }

  #forget() {
    const closed = [...this.alerts.values()].filter((alert) => alert.state === "resolved");
    for (const { id } of closed.slice(0, Math.max(0, closed.length - CLOSED_MAX))) this.alerts.delete(id);
  }

  #connect() {
    const source = new EventSource("/api/v1/stream");
    this.#source = source;
    source.onopen = () => {
      this.#retry = RETRY_MS_MIN;
      this.#heard();
    };
    source.onerror = () => this.#failed();
    /** @param {string} name @param {(data: any) => void} take */
    const on = (name, take) => source.addEventListener(name, (event) => {
      this.#heard();
      take(event.data ? JSON.parse(event.data) : {});
    });
    on("hello", (clock) => centre.set(clock));
    on("clock", (clock) => centre.set(clock));
    on("alert", (alert) => this.put(alert));
    on("positions", (rows) => this.#move(rows));
    on("end", ({ reason }) => reason === "session" && session.dispatchEvent(new Event("ended")));
    on("resync", () => this.#snapshot().catch(() => this.#failed()));
  }

  /** The browser reconnects by itself after a dropped line, but not after a refusal. */
  #failed() {
    if (!this.started || this.#source?.readyState !== EventSource.CLOSED) return;
    window.setTimeout(async () => {
      if (!this.started) return;
      try {
        await api.me();
        this.#connect();
        await this.#snapshot();
      } catch {
        this.#retry = Math.min(this.#retry * 2, RETRY_MS_MAX);
        this.#failed();
      }
    }, this.#retry);
  }

  async #snapshot() {
    const [alerts, positions] = await Promise.all([api.openAlerts(), api.positions()]);
    const open = new Set(alerts.map((alert) => alert.id));
    for (const [id, known] of this.alerts) if (!open.has(id) && known.state !== "resolved") this.alerts.delete(id);
    for (const alert of alerts) {
      const known = this.alerts.get(alert.id);
      if (!known || known.version <= alert.version) this.alerts.set(alert.id, alert);
    }
    for (const position of positions) {
      const wearer = wearerNumber(position.wearer);
      const known = this.tags.get(wearer);
      if (!known || known.at <= position.at) this.tags.set(wearer, { ...position, wearer });
    }
    this.dispatchEvent(new Event("snapshot"));
  }

  /** @param {import("../api-types.d.ts").LiveRow[]} rows */
  #move(rows) {
    for (const [wearer, lon, lat, accuracy_m, at, device] of rows) {
      const known = this.tags.get(wearer);
      if (known && known.at > at) continue;
      this.tags.set(wearer, { wearer, lon, lat, accuracy_m, at, device, battery_percent: known?.battery_percent ?? null });
    }
    this.dispatchEvent(new CustomEvent("positions", { detail: rows }));
  }

  #heard() {
    this.#heardAt = performance.now();
    if (this.#stale) {
      this.#stale = false;
      this.#snapshot().catch(() => undefined);
      this.dispatchEvent(new Event("status"));
    }
  }

  #tick() {
    if (this.stale && !this.#stale) {
      this.#stale = true;
      this.dispatchEvent(new Event("status"));
    }
    this.dispatchEvent(new Event("tick"));
  }
}

export const live = new Live();
session.addEventListener("ended", () => live.stop());
