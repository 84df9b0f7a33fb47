// @ts-check
// The top of every page: is it live, how much is there to do, who am I, and the settings of this desk.
import { html, nothing } from "../vendor/lit.js";
import { api } from "./api.js";
import { centre } from "./centre.js";
import { desk } from "./desk.js";
import { openDialog } from "./dialogs.js";
import { clock, decimal, duration, whole } from "./format.js";
import { LANGUAGES, chooseLanguage, currentLanguage, t } from "./i18n.js";
import { Light } from "./light.js";
import { live } from "./live.js";
import { icon } from "./marks.js";
import { follow, router } from "./router.js";
import { isDark, setDark, settings } from "./settings.js";
import { setSound, soundOn, soundReady } from "./sound.js";
/** @typedef {import("./i18n.js").Language} Language */

const RATE_WINDOW_MS = 600_000;

/** @param {() => void} redraw */
export const languageSwitch = (redraw) => html`<label class="language"><span class="ds-sr-only">${t("language")}</span>
  <select class="ds-input" data-size="sm" @change=${async (/** @type {Event} */ event) => { await chooseLanguage(/** @type {Language} */ (/** @type {HTMLSelectElement} */ (event.target).value)); redraw(); }}>
    ${Object.keys(LANGUAGES).map((code) => html`<option value=${code} lang=${code} ?selected=${code === currentLanguage()}>${t(`language-${code}`)}</option>`)}
  </select></label>`;

/** @param {() => void} redraw */
export const schemeSwitch = (redraw) => {
  const label = t(isDark() ? "scheme-to-light" : "scheme-to-dark");
  return html`<button type="button" class="ds-button icon-button" data-tool="scheme" data-variant="tertiary" data-size="sm" aria-label=${label} title=${label}
    @click=${() => { setDark(!isDark()); redraw(); }}>${icon(isDark() ? "sun" : "moon")}</button>`;
};

export const brand = () => html`<svg class="brand-mark" viewBox="0 0 32 20" aria-hidden="true" focusable="false"><rect x="2" y="3" width="16" height="14" rx="7"/><rect x="14" y="3" width="16" height="14" rx="7"/></svg>`;

export class Header extends Light {
  connectedCallback() {
    super.connectedCallback();
    this.listen(live, ["tick", "alert", "snapshot", "status"], () => this.requestUpdate());
    this.listen(settings, ["sound", "scheme"], () => this.requestUpdate());
    this.listen(desk, ["me"], () => this.requestUpdate());
    this.listen(router, ["change"], () => this.requestUpdate());
  }
  async #signOut() {
    await api.signOut().catch(() => undefined);
    live.stop();
    location.assign("/login");
  }
  #figures() {
    const now = centre.now();
    const open = [...live.alerts.values()].filter((alert) => alert.state !== "resolved");
    const raised = open.filter((alert) => alert.state === "raised");
    const overdue = raised.filter((alert) => alert.deadline_at < now || alert.escalation > 0).length;
    return [
      { name: "unacknowledged", value: raised.length, tone: raised.some((alert) => alert.priority === "P1") ? "danger" : "calm" },
      { name: "overdue", value: overdue, tone: overdue ? "danger" : "calm" },
      { name: "open", value: open.length, tone: "calm" },
      { name: "rate", value: [...live.alerts.values()].filter((alert) => alert.raised_at > now - RATE_WINDOW_MS).length, tone: "calm" },
      { name: "tags", value: live.tags.size, tone: "calm" },
    ];
  }
  render() {
    const { stale } = live;
    /** @param {string} view @param {string} path */
    const link = (view, path) => html`<a href=${path} @click=${follow} aria-current=${(router.route.view === "admin") === (view === "admin") ? "page" : "false"}>${t(`nav-${view}`)}</a>`;
    return html`<header class="top">
        <a class="brand" href="/" @click=${follow}>${brand()}<span>${t("brand")}</span></a>
        <nav aria-label=${t("nav")}>${link("triage", "/")}${desk.me?.role === "administrator" ? link("admin", "/admin") : nothing}</nav>
        <dl class="figures">${this.#figures().map(({ name, value, tone }) => html`<div data-tone=${tone} data-figure=${name}><dt>${t(`figure-${name}`)}</dt><dd>${whole(value)}</dd></div>`)}</dl>
        <div class="now" data-stale=${stale}><span class="live-dot" aria-hidden="true"></span>
          <span class="live-word">${t(stale ? "stale" : "live")}</span><time class="clock" title=${t("centre-time")}>${clock(centre.now())}</time>
          ${centre.speed === 1 ? nothing : html`<span class="speed" title=${t("speed-hint")}>${t("speed", { factor: decimal(centre.speed) })}</span>`}</div>
        <div class="tools">${this.#sound()}
          <button type="button" class="ds-button icon-button" data-variant="tertiary" data-size="sm" aria-label=${t("keys-title")} title=${t("keys-title")} @click=${() => openDialog("keys")}>${icon("keys")}</button>
          ${schemeSwitch(() => this.requestUpdate())}${languageSwitch(() => this.requestUpdate())}
          <span class="me" title=${desk.me ? t(`role-${desk.me.role}`) : ""}>${desk.me?.display ?? ""}</span>
          <button type="button" class="ds-button icon-button" data-variant="tertiary" data-size="sm" aria-label=${t("sign-out")} title=${t("sign-out")} @click=${this.#signOut}>${icon("out")}</button></div>
      </header>
      <div role="status" class="stale-banner" ?hidden=${!stale}>${stale ? t("stale-banner", { age: duration(live.silence() / 1000) }) : nothing}</div>`;
  }
  #sound() {
    const on = soundOn();
    const label = t(on ? (soundReady() ? "sound-is-on" : "sound-waits") : "sound-is-off");
    return html`<button type="button" class="ds-button icon-button" data-variant="tertiary" data-size="sm" aria-pressed=${on} aria-label=${t("sound")} title=${label} data-ready=${soundReady()}
      @click=${() => setSound(!on)}>${icon(on ? "sound" : "silent")}</button>`;
  }
}
customElements.define("lenke-header", Header);
