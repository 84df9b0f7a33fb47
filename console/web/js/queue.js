// @ts-check
// The queue of open alerts. Its order never changes under the operator's hand: while it is in use, new alerts wait
// behind a button, and every row keeps its place.
import { html, nothing, repeat } from "../vendor/lit.js";
import { centre } from "./centre.js";
import { actorName, desk } from "./desk.js";
import { kindName } from "./explain.js";
import { briefMoment, countdown, duration } from "./format.js";
import { t } from "./i18n.js";
import { Light } from "./light.js";
import { live } from "./live.js";
import { icon, mark, priorityName } from "./marks.js";
import { router } from "./router.js";
/** @typedef {import("../api-types.d.ts").Alert} Alert */

/** The queue counts as in use for so long after the last key or pointer in it. */
const IN_USE_MS = 12_000;
/** Share of the time to respond that is left when a deadline starts to show as short. */
const SHORT_SHARE = 0.25;

/** Changes that start the time to respond. */
const ARMS = ["raised", "recurred", "escalated"];

/** @param {Alert} a @param {Alert} b */
const order = (a, b) =>
  Number(a.state !== "raised") - Number(b.state !== "raised") ||
  a.priority.localeCompare(b.priority) || a.deadline_at - b.deadline_at || a.id.localeCompare(b.id);

export class Queue extends Light {
  static properties = { rows: { state: true }, waiting: { state: true }, spoken: { state: true } };

  constructor() {
    super();
    /** Ids in the order shown. @type {string[]} */
    this.rows = [];
    /** New alerts that are not shown yet. @type {string[]} */
    this.waiting = [];
    this.spoken = "";
    this.usedAt = -Infinity;
  }
  connectedCallback() {
    super.connectedCallback();
    this.sort();
    this.listen(live, ["snapshot"], () => (this.inUse() ? this.#await() : this.sort()));
    this.listen(live, ["alert"], (event) => this.#take(event.detail));
    this.listen(live, ["tick"], () => {
      if (!this.inUse() && this.#stale()) this.sort();
      this.requestUpdate();
    });
    this.listen(desk, ["selected"], () => this.requestUpdate());
    for (const name of ["keydown", "pointermove", "pointerdown"]) this.addEventListener(name, () => (this.usedAt = performance.now()));
    this.addEventListener("pointerleave", () => {
      if (!this.contains(document.activeElement)) this.usedAt = -Infinity;
    });
  }
  inUse() {
    return performance.now() - this.usedAt < IN_USE_MS;
  }
  #open() {
    return [...live.alerts.values()].filter((alert) => alert.state !== "resolved");
  }
  #stale() {
    return this.waiting.length > 0 || this.#open().sort(order).some((alert, index) => alert.id !== this.rows[index]);
  }
  sort() {
    this.rows = this.#open().sort(order).map((alert) => alert.id);
    this.waiting = [];
    const kept = desk.selectedId !== null && live.alerts.has(desk.selectedId);
    if (!kept && desk.wearer === null && this.rows[0]) desk.select(this.rows[0], { look: false });
  }
  #await() {
    const shown = new Set(this.rows);
    this.waiting = this.#open().filter((alert) => !shown.has(alert.id)).map((alert) => alert.id);
  }
  /** @param {{alert: Alert, before?: Alert}} event */
  #take({ alert, before }) {
    if (this.inUse()) this.#await();
    else this.sort();
    const urgent = alert.priority === "P1" || alert.priority === "P2";
    if (!before && urgent && alert.state === "raised") {
      this.spoken = t("announce-new", { priority: priorityName(alert.priority), kind: kindName(alert.kind), wearer: alert.wearer });
    } else if (before && before.escalation < alert.escalation && urgent) {
      this.spoken = t("announce-overdue", { priority: priorityName(alert.priority), kind: kindName(alert.kind), wearer: alert.wearer });
    }
    this.requestUpdate();
  }
  showWaiting() {
    const first = this.waiting.map((id) => live.alerts.get(id)).filter((alert) => alert !== undefined).sort(order)[0];
    this.sort();
    if (first) this.select(first.id);
  }
  /** @param {string} id */
  select(id, focus = true) {
    desk.select(id);
    if (focus) this.updateComplete.then(() => this.focusSelected());
  }
  /** Puts the focus on the selected row, or on the first if the selected one is gone. */
  focusSelected() {
    const first = this.rows[0];
    if (first && !this.rows.includes(desk.selectedId ?? "")) return this.select(first);
    const row = /** @type {HTMLElement | null} */ (this.querySelector('[aria-selected="true"]'));
    row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest" });
  }
  /** @param {number} step from the selected row, or to the first or last @param {"step" | "first" | "last"} [how] */
  move(step, how = "step") {
    const at = this.rows.indexOf(desk.selectedId ?? "");
    const to = how === "first" ? 0 : how === "last" ? this.rows.length - 1 : Math.min(Math.max(at + step, 0), this.rows.length - 1);
    const id = this.rows[to];
    if (id) this.select(id);
  }

  render() {
    const raised = this.rows.filter((id) => live.alerts.get(id)?.state === "raised").length;
    const urgent = this.waiting.some((id) => live.alerts.get(id)?.priority === "P1");
    return html`<section class="panel queue" aria-labelledby="queue-title" id="queue">
      <header class="panel-head"><h2 id="queue-title">${t("queue")}</h2>
        <span class="quiet">${t("queue-counts", { raised, taken: this.rows.length - raised })}</span>
        ${this.waiting.length
          ? html`<button type="button" class="ds-button waiting" data-size="sm" data-color=${urgent ? "danger" : "accent"} @click=${this.showWaiting}>${t("queue-waiting", { count: this.waiting.length })}</button>`
          : nothing}
      </header>
      <div class="ds-sr-only" role="alert" data-announcer>${this.spoken}</div>
      ${this.rows.length ? this.#grid() : html`<p class="empty">${icon("check")}${t("queue-empty")}</p>`}
    </section>`;
  }
  #grid() {
    const current = this.rows.includes(desk.selectedId ?? "") ? desk.selectedId : this.rows[0];
    return html`<div class="scroll" role="grid" aria-labelledby="queue-title" aria-rowcount=${this.rows.length + 1}>
      <div role="row" class="row row-head">${["priority", "event", "deadline", "owner"].map((name) => html`<span role="columnheader" class="col-${name}">${t(`column-${name}`)}</span>`)}</div>
      ${repeat(this.rows, (id) => id, (id) => this.#row(live.alerts.get(id), id === current))}
    </div>`;
  }
  /** @param {Alert | undefined} alert @param {boolean} current */
  #row(alert, current) {
    if (!alert) return nothing;
    const place = alert.explanation.zone?.name;
    return html`<div role="row" class="row" data-id=${alert.id} data-state=${alert.state} data-priority=${alert.priority}
        aria-selected=${alert.id === desk.selectedId} tabindex=${current ? 0 : -1}
        @click=${() => this.select(alert.id)} @dblclick=${() => router.go(`/alerts/${alert.id}`)} @focus=${() => desk.select(alert.id)}>
      <span role="gridcell" class="col-priority">${mark(alert.priority)}<span class="priority-name">${alert.priority}<span class="ds-sr-only"> ${priorityName(alert.priority)}</span></span></span>
      <span role="gridcell" class="col-event">
        <span class="kind">${kindName(alert.kind)}${alert.occurrences > 1 ? html` <span class="times">×${alert.occurrences}</span>` : nothing}</span>
        <span class="about"><span class="wearer">${alert.wearer}</span>${place ? html`<span class="place">${place}</span>` : nothing}<span>${briefMoment(alert.occurred_at)}</span>
          ${alert.escalation && alert.state === "raised" ? html`<span class="flag" data-flag="escalated">${t("flag-escalated")}</span>` : nothing}
          ${alert.late ? html`<span class="flag">${t("flag-late")}</span>` : nothing}${alert.active ? nothing : html`<span class="flag">${t("flag-ended")}</span>`}</span>
      </span>
      <span role="gridcell" class="col-deadline">${deadline(alert)}</span>
      <span role="gridcell" class="col-owner">${this.#owner(alert, current)}</span>
    </div>`;
  }
  /** @param {Alert} alert @param {boolean} current */
  #owner(alert, current) {
    if (alert.state !== "raised") {
      const mine = alert.owner !== null && alert.owner === desk.me?.name;
      return html`<span class="state">${t(`state-${alert.state}`)}</span><span class="owner" data-mine=${mine}>${alert.owner ? (mine ? t("owner-me") : actorName(alert.owner)) : nothing}</span>`;
    }
    return html`<button type="button" class="ds-button ack" data-size="sm" data-variant=${current ? "primary" : "secondary"} tabindex="-1"
      @click=${(/** @type {Event} */ event) => { event.stopPropagation(); void desk.acknowledge(alert); }}>${t("acknowledge")}<span class="ds-sr-only"> ${kindName(alert.kind)} ${alert.wearer}</span></button>`;
  }
}

/** The time left as a count-down, and how much of it as a bar; for one that is taken: since when. @param {Alert} alert */
export function deadline(alert) {
  const now = centre.now();
  if (alert.state !== "raised") {
    const taken = alert.timeline.findLast((entry) => entry.what.change === (alert.state === "resolved" ? "resolved" : "acknowledged"));
    return taken ? html`<span class="since">${t("taken-ago", { time: duration(Math.max(0, now - taken.at) / 1000, 1) })}</span>` : nothing;
  }
  const left = (alert.deadline_at - now) / 1000;
  const armed = alert.timeline.findLast((entry) => ARMS.includes(entry.what.change))?.at ?? alert.raised_at;
  const share = (left * 1000) / Math.max(1, alert.deadline_at - armed);
  const urgency = left < 0 ? "over" : share < SHORT_SHARE ? "short" : "calm";
  return html`<span class="deadline" data-urgency=${urgency}><span class="left">${countdown(left)}</span>
    ${left < 0 ? html`<span class="over">${t("overdue")}</span>` : html`<meter class="time-bar" min="0" max="1" .value=${Math.max(0, Math.min(1, share))} aria-label=${t("time-left")}></meter>`}</span>`;
}
customElements.define("lenke-queue", Queue);
