// @ts-check
// Why an alert was raised, in the reader's words: the reason's code picks the sentence, its figures fill it.
import { actorName } from "./desk.js";
import { distance, duration, percent, timeText } from "./format.js";
import { has, t } from "./i18n.js";
/** @typedef {import("../api-types.d.ts").Alert} Alert */
/** @typedef {import("../api-types.d.ts").Reason} Reason */

/** Codes that the server may come to know before these pages do are shown as they are. @param {string} kind */
export const kindName = (kind) => (has(`kind-${kind}`) ? t(`kind-${kind}`) : kind);

/** Figures of a reason by how they are read. */
const READ = {
  distance: ["depth_m", "buffer_m", "chord_m", "within_m", "ring_m"],
  duration: ["late_s", "grace_s", "silent_s", "allowed_s"],
  time: ["entered_at", "left_at", "curfew_from", "curfew_to"],
};
/** Figures that may be absent; the message says so with `none`. */
const MAYBE = {
  distance: ["distance_m"],
  duration: ["contact_s", "victim_age_s", "wearer_age_s"],
  time: ["empty_at", "last_heard", "last_fix"],
};
/** @type {Record<string, (value: number) => string>} */
const WORDS = { distance: (m) => distance(Math.abs(m)), duration, time: (at) => timeText(at) };

/** @param {Reason} reason @param {Alert} alert */
function figures(reason, alert) {
  /** @type {Record<string, string | number>} */
  const args = { zone: alert.explanation.zone?.name ?? t("zone-unnamed"), kind: kindName(alert.kind), victim: alert.victim ? ` ${alert.victim}` : "", fixes: alert.explanation.fixes.length };
  const values = /** @type {Record<string, number | string | null>} */ (/** @type {unknown} */ (reason));
  for (const [how, names] of Object.entries(READ)) {
    for (const name of names) if (typeof values[name] === "number") args[name] = WORDS[how]?.(values[name]) ?? "";
  }
  for (const [how, names] of Object.entries(MAYBE)) {
    for (const name of names) {
      if (!(name in values)) continue;
      const value = values[name];
      args[`has_${name}`] = typeof value === "number" ? "yes" : "no";
      args[name] = typeof value === "number" ? (WORDS[how]?.(value) ?? "") : "";
    }
  }
  if (typeof values.probability === "number") args.probability = percent(values.probability);
  for (const name of ["hits", "window", "percent", "rule"]) {
    const value = values[name];
    if (value !== undefined && value !== null) args[name] = name === "rule" ? rejectionName(String(value)) : value;
  }
  return args;
}

/** One or two sentences: why. @param {Alert} alert */
export function why(alert) {
  const { reason } = alert.explanation;
  const id = `reason-${reason.code}`;
  return has(id) ? t(id, figures(reason, alert)) : t("reason-unknown", { code: reason.code });
}

/** What is usually done next. @param {string} kind */
export function nextStep(kind) {
  const group = Object.entries(GROUPS).find(([, kinds]) => kinds.includes(kind))?.[0] ?? "other";
  return t(`next-${group}`);
}
/** @type {Record<string, string[]>} */
const GROUPS = {
  victim: ["victim_proximity", "victim_approach"],
  blind: ["protection_blind"],
  exclusion: ["exclusion_breach", "exclusion_approach", "exclusion_transit"],
  curfew: ["curfew_absent", "curfew_left_early", "curfew_late_return", "curfew_not_returned", "curfew_unknown"],
  tamper: ["strap_tamper", "case_tamper", "signal_tamper"],
  panic: ["panic"],
  battery: ["battery_low", "battery_critical"],
  contact: ["communication_failure", "location_failure"],
};

/** The surest of the fixes it rests on, where being inside is what it says. @param {Alert} alert @returns {number | null} */
export function surety(alert) {
  if (!alert.explanation.reason.code.startsWith("inside_")) return null;
  const values = alert.explanation.fixes.map((fix) => fix.probability).filter((value) => value !== null);
  return values.length ? Math.max(...values) : null;
}

/** One line of the timeline. @param {import("../api-types.d.ts").TimelineEntry} entry */
export function changeText(entry) {
  const args = { actor: actorName(entry.actor) };
  const { what } = entry;
  if (what.change === "ended" && what.permission) {
    const { id, reason, to } = what.permission;
    return t("change-ended-permitted", { id: String(id), reason: t(`permission-${reason}`), to: timeText(to) });
  }
  return what.change === "resolved" ? t("change-resolved", { ...args, outcome: t(`outcome-${what.outcome}`) }) : t(`change-${what.change}`, args);
}

/** @param {string} code */
export const rejectionName = (code) => (has(`rejection-${code}`) ? t(`rejection-${code}`) : code);
/** @param {string} code */
export const rejectionWhy = (code) => (has(`rejection-${code}-why`) ? t(`rejection-${code}-why`) : t("rejection-unknown-why"));
