// @ts-check
// Figures as people read them: times in the order's zone with UTC on hover, distances, durations.
import { html } from "../vendor/lit.js";
import { centre } from "./centre.js";
import { formatLocale } from "./i18n.js";

const TIME_ZONE = "Europe/Oslo";

/** @type {Map<string, Intl.DateTimeFormat | Intl.NumberFormat>} */
const made = new Map();

/** Formatters are slow to make and there are few. @template {Intl.DateTimeFormat | Intl.NumberFormat} F
 *  @param {string} name @param {(locale: string) => F} make @returns {F} */
function cached(name, make) {
  const key = `${formatLocale()} ${name}`;
  if (!made.has(key)) made.set(key, make(formatLocale()));
  return /** @type {F} */ (made.get(key));
}

/** @param {string} name @param {Intl.DateTimeFormatOptions} options */
const dates = (name, options) => cached(name, (locale) => new Intl.DateTimeFormat(locale, { timeZone: TIME_ZONE, ...options }));
/** @param {string} name @param {Intl.NumberFormatOptions} options */
const numbers = (name, options) => cached(name, (locale) => new Intl.NumberFormat(locale, options));

/** @param {number} at */
const day = (at) => new Intl.DateTimeFormat("sv-SE", { timeZone: TIME_ZONE }).format(at);

/** `21:04:31` @param {number} at */
export const clock = (at) => dates("clock", { hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23" }).format(at);
/** `21:04` @param {number} at */
const shortClock = (at) => dates("short", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
/** `21 Nov` @param {number} at */
const shortDate = (at) => dates("date", { day: "numeric", month: "short" }).format(at);

/** The time, with the date if it is not today. @param {number} at */
export function timeText(at) {
  const text = clock(at);
  return day(at) === day(centre.now()) ? text : `${shortDate(at)} ${text}`;
}

/** Nobody mixes up a time that is less than so long ago with another day's. */
const NEAR_MS = 18 * 3_600_000;

/** For narrow places: `21:04`, with the date only if it is long ago. @param {number} at */
export const briefMoment = (at) => {
  const text = Math.abs(centre.now() - at) < NEAR_MS ? shortClock(at) : `${shortDate(at)} ${shortClock(at)}`;
  return html`<time datetime=${new Date(at).toISOString()} title=${`${timeText(at)} · ${utc(at)}`}>${text}</time>`;
};

/** `2026-11-21 20:04:31 UTC` @param {number} at */
const utc = (at) => `${new Date(at).toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** A moment on a page: local time, UTC on hover. @param {number} at */
export const moment = (at) => html`<time datetime=${new Date(at).toISOString()} title=${utc(at)}>${timeText(at)}</time>`;

const TIME_UNITS = ["second", "minute", "hour", "day"];
/** @param {number} value @param {string} unit @param {number} [digits] */
const withUnit = (value, unit, digits = 0) =>
  numbers(`${unit}${digits}`, { style: "unit", unit, unitDisplay: TIME_UNITS.includes(unit) ? "narrow" : "short", maximumFractionDigits: digits }).format(value);

/** `45s`, `12m 5s`, `3h 20m`, as the language writes it. @param {number} seconds @param {number} [units] at most so many */
export function duration(seconds, units = 2) {
  const s = Math.round(Math.abs(seconds));
  /** @type {[string, number][]} */
  const parts = s < 60 ? [["second", s]]
    : s < 3600 ? [["minute", Math.floor(s / 60)], ["second", s % 60]]
    : s < 86_400 ? [["hour", Math.floor(s / 3600)], ["minute", Math.floor((s % 3600) / 60)]]
    : [["day", Math.floor(s / 86_400)], ["hour", Math.floor((s % 86_400) / 3600)]];
  return parts.slice(0, units).filter(([, value], index) => index === 0 || value > 0).map(([unit, value]) => withUnit(value, unit)).join(" ");
}

/** `85 m`, `1.4 km` @param {number} metres */
export const distance = (metres) =>
  Math.abs(metres) < 1000 ? withUnit(Math.round(metres), "meter") : withUnit(metres / 1000, "kilometer", 1);

/** `97 %`; a probability is never shown as certainty. @param {number} probability */
export function percent(probability) {
  const shown = Math.min(probability, 0.999);
  const digits = shown > 0.99 ? 1 : 0;
  return numbers(`percent${digits}`, { style: "percent", maximumFractionDigits: digits }).format(shown);
}
/** `88 %` of a battery. @param {number} charge */
export const charged = (charge) => numbers("percent0", { style: "percent", maximumFractionDigits: 0 }).format(charge / 100);

/** @param {number} value */
export const whole = (value) => numbers("whole", { maximumFractionDigits: 0 }).format(value);
/** @param {number} value */
export const decimal = (value) => numbers("decimal", { maximumFractionDigits: 1 }).format(value);

/** Time left as a count-down: `4:31`, `−0:12`, `3:20:00`. @param {number} seconds */
export function countdown(seconds) {
  const s = Math.floor(Math.abs(seconds));
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  const text = s < 3600 ? `${Math.floor(s / 60)}:${two(s % 60)}` : `${Math.floor(s / 3600)}:${two(Math.floor((s % 3600) / 60))}:${two(s % 60)}`;
  return seconds < 0 && s > 0 ? `−${text}` : text;
}
