// @ts-check
// Signing in. The error says what to do and takes the focus; the password is never kept.
import { html, nothing } from "../vendor/lit.js";
import { ApiError, api } from "./api.js";
import { brand, languageSwitch, schemeSwitch } from "./header.js";
import { t } from "./i18n.js";
import { Light } from "./light.js";

export class Login extends Light {
  static properties = { problem: { state: true }, busy: { state: true } };

  constructor() {
    super();
    /** Message id. */
    this.problem = "";
    this.busy = false;
  }
  firstUpdated() {
    this.querySelector("input")?.focus();
  }
  /** @param {SubmitEvent} event */
  async #submit(event) {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.target);
    const data = new FormData(form);
    const name = String(data.get("name")).trim();
    const password = String(data.get("password"));
    if (!name || !password) return this.#fail("sign-in-incomplete", name ? "password" : "name");
    this.busy = true;
    try {
      await api.signIn(name, password);
      this.dispatchEvent(new Event("signed-in", { bubbles: true }));
    } catch (error) {
      const status = error instanceof ApiError ? error.status : 0;
      this.#fail(status === 401 ? "sign-in-wrong" : status === 429 ? "sign-in-wait" : "sign-in-unavailable", "password");
    }
    this.busy = false;
  }
  /** @param {string} problem @param {string} field */
  async #fail(problem, field) {
    this.problem = problem;
    await this.updateComplete;
    const input = /** @type {HTMLInputElement | null} */ (this.querySelector(`[name=${field}]`));
    input?.focus();
    input?.select();
  }
  render() {
    const invalid = this.problem === "sign-in-wrong" || this.problem === "sign-in-incomplete";
    return html`<main class="login">
      <div class="login-tools">${languageSwitch(() => this.requestUpdate())}${schemeSwitch(() => this.requestUpdate())}</div>
      <form class="panel" novalidate @submit=${this.#submit}>
        <div class="login-brand">${brand()}<h1>${t("brand")}</h1></div>
        <p class="quiet">${t("sign-in-intro")}</p>
        <div class="problem-box" role="alert" id="sign-in-problem">${this.problem ? html`<div class="ds-alert" data-color="danger">${t(this.problem)}</div>` : nothing}</div>
        <div class="ds-field"><label class="ds-label" for="name">${t("user-name")}</label>
          <input class="ds-input" id="name" name="name" autocomplete="username" autocapitalize="none" spellcheck="false" required aria-invalid=${invalid} aria-describedby="sign-in-problem"></div>
        <div class="ds-field"><label class="ds-label" for="password">${t("password")}</label>
          <input class="ds-input" id="password" name="password" type="password" autocomplete="current-password" required aria-invalid=${invalid} aria-describedby="sign-in-problem"></div>
        <button class="ds-button" type="submit" ?disabled=${this.busy}>${t(this.busy ? "signing-in" : "sign-in")}</button>
      </form>
      <p class="quiet small">${t("sign-in-notice")}</p>
    </main>`;
  }
}
customElements.define("lenke-login", Login);
