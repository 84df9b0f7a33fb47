// @ts-check
// What a person asks for: writing a note, resolving, the list of keys. Nothing else ever opens in front of the work.
import { html, nothing } from "../vendor/lit.js";
import { api } from "./api.js";
import { desk } from "./desk.js";
import { kindName } from "./explain.js";
import { t } from "./i18n.js";
import { Light } from "./light.js";
import { live } from "./live.js";
import { settings } from "./settings.js";
/** @typedef {import("../api-types.d.ts").Alert} Alert */
/** @typedef {"note" | "resolve" | "keys"} DialogName */

export const OUTCOMES = /** @type {const} */ (["handled", "excused", "false_alert", "police"]);
/** Kinds that only a person can end: these may be closed in any way at any time. */
const LATCHED = ["strap_tamper", "case_tamper", "panic", "signal_tamper", "security_event"];
/** As long as the server takes. */
const TEXT_CHARS_MAX = 2000;

export const keysOn = () => settings.get("keys") !== "off";

/** @param {DialogName} name @param {Alert} [alert] */
export function openDialog(name, alert) {
  const dialogs = /** @type {Dialogs | null} */ (document.querySelector("lenke-dialogs"));
  dialogs?.open(name, alert);
}

export class Dialogs extends Light {
  static properties = { name: { state: true }, id_: { state: true }, problem: { state: true }, busy: { state: true } };

  constructor() {
    super();
    /** @type {DialogName | null} */
    this.name = null;
    /** @type {string | null} */
    this.id_ = null;
    this.problem = "";
    this.busy = false;
    /** @type {HTMLElement | null} */
    this.from = null;
  }
  get #dialog() {
    return /** @type {HTMLDialogElement | null} */ (this.querySelector("dialog"));
  }
  /** @param {DialogName} name @param {Alert} [alert] */
  open(name, alert) {
    if (name !== "keys" && (!alert || alert.state === "resolved")) return;
    this.from = /** @type {HTMLElement} */ (document.activeElement);
    Object.assign(this, { name, id_: alert?.id ?? null, problem: "", busy: false });
    this.updateComplete.then(() => {
      const dialog = this.#dialog;
      if (!dialog) return;
      dialog.querySelector("form")?.reset();
      if (!dialog.open) dialog.showModal();
      /** @type {HTMLElement | null} */ (dialog.querySelector("[data-first]"))?.focus();
    });
  }
  #close() {
    this.#dialog?.close();
    this.#closed();
  }
  /** The browser tells a close later, by which time the next dialog may be open. */
  #closed() {
    if (!this.name || this.#dialog?.open) return;
    this.name = null;
    this.from?.focus({ preventScroll: true });
  }
  /** @param {SubmitEvent} event */
  async #send(event) {
    event.preventDefault();
    const alert = this.id_ === null ? undefined : live.alerts.get(this.id_);
    if (!alert) return;
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const text = String(data.get("text") ?? "").trim();
    const outcome = String(data.get("outcome") ?? "");
    if (this.name === "resolve" && !outcome) return void (this.problem = t("resolve-needs-outcome"));
    if (!text) return void (this.problem = t("text-needed"));
    this.busy = true;
    const result = await desk.act(() => (this.name === "resolve" ? api.resolve(alert, outcome, text) : api.note(alert, text)));
    this.busy = false;
    if (result === "done") this.#close();
    else this.problem = result === "conflict" ? t("conflict-retry") : result.refused;
  }

  render() {
    if (!this.name) return nothing;
    return html`<dialog class="ds-dialog lenke-dialog" aria-labelledby="dialog-title" @close=${this.#closed}>
      ${this.name === "keys" ? this.#keys() : this.#form()}
    </dialog>`;
  }
  #form() {
    const alert = this.id_ === null ? undefined : live.alerts.get(this.id_);
    if (!alert) return nothing;
    const resolve = this.name === "resolve";
    return html`<form novalidate @submit=${this.#send}>
      <h2 id="dialog-title">${t(resolve ? "resolve-title" : "note-title")}</h2>
      <p class="quiet">${kindName(alert.kind)} · ${alert.wearer}</p>
      ${resolve && alert.active && !LATCHED.includes(alert.kind) ? html`<p class="hint">${t("resolve-still-active")}</p>` : nothing}
      ${resolve
        ? html`<fieldset class="ds-fieldset outcomes"><legend>${t("outcome")}</legend>
            ${OUTCOMES.map((outcome, index) => html`<label class="choice"><input class="ds-input" type="radio" name="outcome" value=${outcome} ?data-first=${index === 0}><span>${t(`outcome-${outcome}`)}<small>${t(`outcome-${outcome}-hint`)}</small></span></label>`)}
          </fieldset>`
        : nothing}
      <div class="ds-field"><label class="ds-label" for="dialog-text">${t(resolve ? "resolve-text" : "note-text")}</label>
        <textarea class="ds-input" id="dialog-text" name="text" rows="4" maxlength=${TEXT_CHARS_MAX} ?data-first=${!resolve} aria-describedby="dialog-problem" @keydown=${this.#submitKey}></textarea></div>
      <p class="problem" id="dialog-problem" role="alert">${this.problem}</p>
      <div class="buttons"><button class="ds-button" type="submit" ?disabled=${this.busy}>${t(resolve ? "resolve" : "save-note")}</button>
        <button class="ds-button" type="button" data-variant="secondary" @click=${this.#close}>${t("cancel")}</button></div>
    </form>`;
  }
  /** Ctrl+Enter sends. @param {KeyboardEvent} event */
  #submitKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) /** @type {HTMLTextAreaElement} */ (event.target).form?.requestSubmit();
  }
  #keys() {
    /** @type {[string, string][]} */
    const keys = [["↑ ↓", "move"], ["Home End", "ends"], ["K", "acknowledge"], ["N", "note"], ["R", "resolve"], ["↵", "open"], ["Esc", "back"], ["?", "keys"]];
    return html`<div>
      <h2 id="dialog-title">${t("keys-title")}</h2>
      <dl class="keys">${keys.map(([key, name]) => html`<div><dt>${key.split(" ").map((one) => html`<kbd>${one}</kbd> `)}</dt><dd>${t(`key-${name}`)}</dd></div>`)}</dl>
      <label class="choice"><input class="ds-input" type="checkbox" .checked=${keysOn()} @change=${(/** @type {Event} */ event) => settings.set("keys", /** @type {HTMLInputElement} */ (event.target).checked ? "on" : "off")}><span>${t("keys-on")}<small>${t("keys-on-hint")}</small></span></label>
      <div class="buttons"><button class="ds-button" type="button" data-first @click=${this.#close}>${t("close")}</button></div>
    </div>`;
  }
}
customElements.define("lenke-dialogs", Dialogs);
