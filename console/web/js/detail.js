// @ts-check
// One alert: why it was raised, on what evidence, what has been done, and what can be done now.
import { html, nothing, repeat } from "../vendor/lit.js";
import "./account.js";
import { ApiError, api } from "./api.js";
import { desk } from "./desk.js";
import { openDialog } from "./dialogs.js";
import { changeText, kindName, nextStep, surety, why } from "./explain.js";
import { distance, duration, moment, percent } from "./format.js";
import { t } from "./i18n.js";
import { Light } from "./light.js";
import { live } from "./live.js";
import { icon, mark, priorityName } from "./marks.js";
import { deadline } from "./queue.js";
import { follow, router } from "./router.js";
/** @typedef {import("../api-types.d.ts").Alert} Alert */

export class Detail extends Light {
  static properties = { alertId: { state: true }, missing: { state: true } };

  constructor() {
    super();
    /** @type {string | undefined} */
    this.alertId = undefined;
    this.missing = false;
  }
  connectedCallback() {
    super.connectedCallback();
    this.listen(router, ["change"], () => this.#follow());
    this.listen(live, ["alert", "snapshot", "tick"], () => this.requestUpdate());
    this.listen(desk, ["me"], () => this.requestUpdate());
    this.#follow();
  }
  async #follow() {
    const { route } = router;
    if (route.view !== "alert" || !route.id) return void (this.alertId = undefined);
    const fresh = this.alertId !== route.id;
    this.alertId = route.id;
    this.missing = false;
    if (!live.alerts.has(route.id)) await this.#fetch(route.id);
    desk.select(route.id);
    await this.updateComplete;
    if (fresh) /** @type {HTMLElement | null} */ (this.querySelector("#detail-title"))?.focus({ preventScroll: true });
  }
  /** @param {string} id */
  async #fetch(id) {
    try {
      live.put(await api.alert(id));
    } catch (error) {
      if (this.alertId === id) this.missing = error instanceof ApiError;
    }
  }

  render() {
    if (!this.alertId) return nothing;
    const alert = live.alerts.get(this.alertId);
    const back = html`<a class="ds-button back" data-variant="tertiary" data-size="sm" href="/" @click=${follow}>${icon("back")}${t("back-to-queue")} <kbd>Esc</kbd></a>`;
    if (!alert) return html`<section class="panel detail"><header class="panel-head">${back}</header><p class="empty" role="status">${t(this.missing ? "alert-missing" : "loading")}</p></section>`;
    return html`<section class="panel detail" aria-labelledby="detail-title" data-priority=${alert.priority} data-state=${alert.state}>
      <header class="panel-head">${back}</header>
      <div class="scroll" tabindex="0" role="group" aria-labelledby="detail-title">
        <div class="headline">${mark(alert.priority)}
          <div><h2 id="detail-title" tabindex="-1">${kindName(alert.kind)}</h2>
            <p class="about"><span class="wearer">${alert.wearer}</span><span>${t("order-number", { number: String(alert.order) })}</span><span>${alert.priority} ${priorityName(alert.priority)}</span></p></div>
          ${deadline(alert)}</div>
        ${this.#state(alert)}
        <section class="why-box" aria-labelledby="why-title"><h3 id="why-title">${t("why-title")}</h3><p class="why" data-why>${why(alert)}</p>
          ${alert.state === "resolved" ? nothing : html`<p class="next"><strong>${t("next-step")}</strong> ${nextStep(alert.kind)}</p>`}</section>
        ${this.#facts(alert)}${this.#evidence(alert)}${this.#timeline(alert)}
        <lenke-account .wearer=${alert.wearer}></lenke-account>
      </div>
      ${this.#actions(alert)}
    </section>`;
  }
  /** @param {Alert} alert */
  #state(alert) {
    const owner = alert.owner === null ? "" : alert.owner === desk.me?.name ? t("owner-me") : alert.owner;
    return html`<p class="chips"><span class="chip" data-chip="state" data-value=${alert.state}>${t(`state-${alert.state}`)}${owner ? html` · <span class="owner">${owner}</span>` : nothing}</span>
      <span class="chip" data-chip="active" data-value=${alert.active}>${t(alert.active ? "condition-holds" : "condition-ended")}</span>
      ${alert.late ? html`<span class="chip">${t("flag-late")}</span>` : nothing}
      ${alert.occurrences > 1 ? html`<span class="chip">${t("occurrences", { count: alert.occurrences })}</span>` : nothing}
      ${alert.escalation ? html`<span class="chip" data-chip="escalated">${t("escalation", { step: alert.escalation })}</span>` : nothing}</p>`;
  }
  /** @param {Alert} alert */
  #facts(alert) {
    const { explanation } = alert;
    const sure = surety(alert);
    const delay = (alert.raised_at - alert.occurred_at) / 1000;
    /** @type {[string, unknown][]} */
    const facts = [
      ["occurred", moment(alert.occurred_at)],
      ["raised", html`${moment(alert.raised_at)} <span class="quiet">${t("after", { time: duration(delay) })}</span>`],
      ["ended", alert.ended_at === null ? null : moment(alert.ended_at)],
      ["rule", html`<code>${explanation.rule}</code>`],
      ["zone", explanation.zone && html`${explanation.zone.name} <span class="quiet">${t("zone-version", { id: explanation.zone.id, version: explanation.zone.version })}</span>`],
      ["surety", sure === null ? null : html`<meter class="sure" min="0" max="1" .value=${sure} aria-label=${t("surety")}></meter> ${percent(sure)}`],
    ];
    return html`<dl class="facts">${facts.filter(([, value]) => value).map(([name, value]) => html`<div><dt>${t(`fact-${name}`)}</dt><dd>${value}</dd></div>`)}</dl>`;
  }
  /** @param {Alert} alert */
  #evidence(alert) {
    const { fixes, zone } = alert.explanation;
    if (!fixes.length) return html`<section aria-labelledby="evidence-title"><h3 id="evidence-title">${t("evidence")}</h3><p class="quiet">${t("evidence-none")}</p></section>`;
    return html`<section aria-labelledby="evidence-title"><h3 id="evidence-title">${t("evidence-count", { count: fixes.length })}</h3>
      <div class="table-box"><table class="plain"><thead><tr><th scope="col">${t("evidence-time")}</th><th scope="col" class="num">${t("evidence-accuracy")}</th>
        ${zone ? html`<th scope="col" class="num">${t("evidence-distance")}</th><th scope="col" class="num">${t("evidence-probability")}</th>` : nothing}<th scope="col">${t("evidence-frame")}</th></tr></thead>
      <tbody>${fixes.map((fix, index) => html`<tr><th scope="row"><span class="fix-number">${index + 1}</span>${moment(fix.at)}</th><td class="num">± ${distance(fix.accuracy_m)}</td>
        ${zone ? html`<td class="num">${fix.signed_distance_m === null ? "" : t(fix.signed_distance_m >= 0 ? "inside-by" : "outside-by", { distance: distance(Math.abs(fix.signed_distance_m)) })}</td>
          <td class="num">${fix.probability === null ? "" : percent(fix.probability)}</td>` : nothing}
        <td><code title=${`${fix.position.lat.toFixed(6)}, ${fix.position.lon.toFixed(6)}`}>${fix.device} ${fix.frame.epoch}/${fix.frame.seq}</code></td></tr>`)}</tbody></table></div></section>`;
  }
  /** @param {Alert} alert */
  #timeline(alert) {
    return html`<section aria-labelledby="timeline-title"><h3 id="timeline-title">${t("timeline")}</h3>
      <ol class="timeline">${repeat([...alert.timeline].reverse(), (entry) => entry.version, (entry) => html`<li data-change=${entry.what.change}>${moment(entry.at)}<span>${changeText(entry)}</span>
        ${"text" in entry.what && entry.what.text ? html`<blockquote>${entry.what.text}</blockquote>` : nothing}</li>`)}</ol></section>`;
  }
  /** @param {Alert} alert */
  #actions(alert) {
    if (alert.state === "resolved") return html`<footer class="actions"><p>${icon("check")}${t("resolved-line")}</p></footer>`;
    return html`<footer class="actions">
      ${alert.state === "raised" ? html`<button type="button" class="ds-button" data-action="acknowledge" @click=${() => desk.acknowledge(alert)}>${icon("check")}${t("acknowledge")} <kbd>K</kbd></button>` : nothing}
      <button type="button" class="ds-button" data-variant="secondary" data-action="note" @click=${() => openDialog("note", alert)}>${icon("note")}${t("note")} <kbd>N</kbd></button>
      <button type="button" class="ds-button" data-variant=${alert.state === "acknowledged" ? "primary" : "secondary"} data-action="resolve" @click=${() => openDialog("resolve", alert)}>${icon("resolve")}${t("resolve")} <kbd>R</kbd></button>
    </footer>`;
  }
}
customElements.define("lenke-detail", Detail);

/** Messages that come while somebody works: never in front of the work. */
export class Notices extends Light {
  connectedCallback() {
    super.connectedCallback();
    this.listen(desk, ["notices"], () => this.requestUpdate());
    this.listen(router, ["change"], () => this.requestUpdate());
    this.listen(live, ["alert"], ({ detail: { alert, before } }) => {
      const elsewhere = router.route.view === "alert" ? router.route.id !== alert.id : router.route.view === "admin";
      if (elsewhere && !before && alert.state === "raised" && alert.priority <= "P2") {
        desk.tell({ tone: alert.priority === "P1" ? "danger" : "warning", lasting: alert.priority === "P1", alert: alert.id, text: t("incoming", { priority: alert.priority, kind: kindName(alert.kind), wearer: alert.wearer }) });
      }
    });
  }
  render() {
    return html`<div class="notices" role="log" aria-label=${t("notices")}>${repeat(desk.notices, (notice) => notice.id, (notice) => html`<div class="notice" data-tone=${notice.tone}>
      <span>${notice.text}</span>${notice.alert ? html`<a href=${`/alerts/${notice.alert}`} @click=${(/** @type {MouseEvent} */ event) => { follow(event); desk.dismiss(notice.id); }}>${t("open-alert")}</a>` : nothing}
      <button type="button" class="dismiss" aria-label=${t("dismiss")} title=${t("dismiss")} @click=${() => desk.dismiss(notice.id)}>${icon("close")}</button></div>`)}</div>`;
  }
}
customElements.define("lenke-notices", Notices);
