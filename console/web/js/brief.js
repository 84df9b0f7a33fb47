// @ts-check
// The selected alert in a few lines over the map: what, why, how sure, what next. Enough to take it or leave it.
import { html, nothing } from "../vendor/lit.js";
import { desk } from "./desk.js";
import { openDialog } from "./dialogs.js";
import { kindName, nextStep, surety, why } from "./explain.js";
import { charged, duration, percent } from "./format.js";
import { centre } from "./centre.js";
import { t } from "./i18n.js";
import { Light } from "./light.js";
import { live, wearerText } from "./live.js";
import { mark, priorityName } from "./marks.js";
import { follow, router } from "./router.js";
import { deadline } from "./queue.js";

export class Brief extends Light {
  connectedCallback() {
    super.connectedCallback();
    this.listen(desk, ["selected", "me"], () => this.requestUpdate());
    this.listen(live, ["alert", "snapshot", "tick"], () => this.requestUpdate());
    this.listen(router, ["change"], () => this.requestUpdate());
  }
  render() {
    if (router.route.view !== "triage") return nothing;
    const alert = desk.selected;
    if (!alert) return desk.wearer === null ? nothing : this.#tag(desk.wearer);
    const sure = surety(alert);
    return html`<section class="panel brief" aria-labelledby="brief-title" data-priority=${alert.priority}>
      <header>${mark(alert.priority)}<h2 id="brief-title">${kindName(alert.kind)} <span class="wearer">${alert.wearer}</span></h2>${deadline(alert)}</header>
      <p class="why">${why(alert)}</p>
      <dl class="pairs">
        ${sure === null ? nothing : html`<div><dt>${t("surety")}</dt><dd>${percent(sure)}</dd></div>`}
        <div><dt>${t("priority-label")}</dt><dd>${alert.priority} ${priorityName(alert.priority)}</dd></div>
        ${this.#age(Number(alert.wearer.slice(2)))}
      </dl>
      <p class="next"><strong>${t("next-step")}</strong> ${nextStep(alert.kind)}</p>
      <div class="buttons">
        ${alert.state === "raised" ? html`<button type="button" class="ds-button" data-size="sm" @click=${() => desk.acknowledge(alert)}>${t("acknowledge")} <kbd>K</kbd></button>` : nothing}
        <a class="ds-button" data-size="sm" data-variant="secondary" href=${`/alerts/${alert.id}`} @click=${follow}>${t("open-alert")} <kbd>↵</kbd></a>
        <button type="button" class="ds-button" data-size="sm" data-variant="tertiary" @click=${() => openDialog("note", alert)}>${t("note")} <kbd>N</kbd></button>
        ${alert.state === "acknowledged" ? html`<button type="button" class="ds-button" data-size="sm" data-variant="tertiary" @click=${() => openDialog("resolve", alert)}>${t("resolve")} <kbd>R</kbd></button>` : nothing}
      </div>
    </section>`;
  }
  /** @param {number} wearer */
  #age(wearer) {
    const tag = live.tags.get(wearer);
    if (!tag) return nothing;
    return html`<div><dt>${t("last-fix")}</dt><dd>${t("ago", { time: duration(Math.max(0, centre.now() - tag.at) / 1000) })}</dd></div>
      ${tag.battery_percent === null ? nothing : html`<div><dt>${t("battery")}</dt><dd>${charged(tag.battery_percent)}</dd></div>`}`;
  }
  /** A tag without an open alert. @param {number} wearer */
  #tag(wearer) {
    return html`<section class="panel brief" aria-labelledby="brief-title">
      <header><h2 id="brief-title"><span class="wearer">${wearerText(wearer)}</span></h2></header>
      <dl class="pairs">${this.#age(wearer)}<div><dt>${t("device")}</dt><dd>${live.tags.get(wearer)?.device ?? ""}</dd></div></dl>
      <p class="next">${t("no-open-alert")}</p>
    </section>`;
  }
}
customElements.define("lenke-brief", Brief);
