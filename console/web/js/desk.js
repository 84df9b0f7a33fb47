// @ts-check
// The operator's desk: which alert is in hand, who sits here, and what was told to them.
//
// Events: `selected`, `me`, `notices`.
import { ApiError, Conflict, api } from "./api.js";
import { t } from "./i18n.js";
import { live, wearerNumber } from "./live.js";
/** @typedef {import("../api-types.d.ts").Alert} Alert */
/** @typedef {{id: number, tone: "info" | "success" | "warning" | "danger", text: string, alert?: string, lasting: boolean}} Notice */

const NOTICES_MAX = 4;
const NOTICE_MS = 8_000;

class Desk extends EventTarget {
  /** @type {import("../api-types.d.ts").Me | null} */
  me = null;
  /** @type {string | null} */
  selectedId = null;
  /** Set when a tag without an open alert was chosen on the map. @type {number | null} */
  wearer = null;
  /** The selected alert was chosen by a person, so the map should show it. */
  look = false;
  /** @type {Notice[]} */
  notices = [];
  #count = 0;

  get selected() {
    return this.selectedId === null ? undefined : live.alerts.get(this.selectedId);
  }
  /** @param {import("../api-types.d.ts").Me | null} me */
  setMe(me) {
    this.me = me;
    this.dispatchEvent(new Event("me"));
  }
  /** @param {string | null} id @param {{look?: boolean}} [how] `look`: bring the map there */
  select(id, { look = true } = {}) {
    const alert = id === null ? undefined : live.alerts.get(id);
    const changed = id !== this.selectedId;
    this.selectedId = id;
    this.look = look;
    this.wearer = alert ? wearerNumber(alert.wearer) : null;
    if (changed) this.dispatchEvent(new CustomEvent("selected", { detail: { look } }));
  }
  /** @param {number} wearer */
  selectWearer(wearer) {
    this.selectedId = null;
    this.wearer = wearer;
    this.dispatchEvent(new CustomEvent("selected", { detail: { look: false } }));
  }

  /** Says something without getting in the way. @param {Omit<Notice, "id" | "lasting"> & {lasting?: boolean}} notice */
  tell(notice) {
    const entry = { lasting: false, ...notice, id: ++this.#count };
    const others = this.notices.filter((other) => !entry.alert || other.alert !== entry.alert);
    this.notices = [...others, entry].slice(-NOTICES_MAX);
    if (!entry.lasting) setTimeout(() => this.dismiss(entry.id), NOTICE_MS);
    this.dispatchEvent(new Event("notices"));
  }
  /** @param {number} id */
  dismiss(id) {
    this.notices = this.notices.filter((notice) => notice.id !== id);
    this.dispatchEvent(new Event("notices"));
  }

  /** @param {Alert} alert */
  async acknowledge(alert) {
    if (alert.state === "raised") await this.act(() => api.acknowledge(alert));
  }
  /** Does something to an alert and says what came of it. @param {() => Promise<Alert>} action
   *  @returns {Promise<"done" | "conflict" | {refused: string}>} */
  async act(action) {
    try {
      live.put(await action());
      return "done";
    } catch (error) {
      if (error instanceof Conflict) {
        live.put(error.alert);
        const last = error.alert.timeline.at(-1);
        this.tell({ tone: "warning", lasting: true, text: t("conflict", { actor: actorName(last?.actor ?? "system"), state: t(`state-${error.alert.state}`) }) });
        return "conflict";
      }
      const reason = error instanceof ApiError ? errorText(error, this.selected?.active ?? false) : t("error-network");
      this.tell({ tone: "danger", lasting: true, text: reason });
      return { refused: reason };
    }
  }
}

/** @param {string} actor */
export const actorName = (actor) => (actor === "system" ? t("actor-system") : actor);

/** @param {ApiError} error @param {boolean} active the condition holds */
function errorText(error, active) {
  if (error.status === 422 && active) return t("error-still-active");
  if (error.status === 422) return t("error-refused", { detail: error.message });
  if (error.status === 403) return t("error-forbidden");
  if (error.status === 401) return t("error-signed-out");
  return t("error-server", { detail: error.message });
}

export const desk = new Desk();
