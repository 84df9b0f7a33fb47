// @ts-check
// The program of the pages: languages, session, and which screen is shown.
import { html, nothing } from "../vendor/lit.js";
import { ApiError, api, session } from "./api.js";
import { desk } from "./desk.js";
import { start as startMessages, t } from "./i18n.js";
import { watchKeys } from "./keys.js";
import { Light } from "./light.js";
import { live } from "./live.js";
import { router } from "./router.js";
import { watchForSound } from "./sound.js";
import "./admin.js";
import "./brief.js";
import "./detail.js";
import "./dialogs.js";
import "./header.js";
import "./login.js";
import "./map.js";
import "./queue.js";

const RETRY_MS = 3_000;

class App extends Light {
  static properties = { ready: { state: true }, problem: { state: true } };

  constructor() {
    super();
    this.ready = false;
    this.problem = "";
  }
  connectedCallback() {
    super.connectedCallback();
    this.listen(router, ["change"], () => {
      this.#title();
      this.requestUpdate();
    });
    this.listen(session, ["ended"], () => this.#toLogin());
    this.addEventListener("signed-in", () => this.#enter());
    void this.#enter();
  }
  /** The address to come back to after signing in stands in the query. */
  #toLogin() {
    this.ready = false;
    desk.setMe(null);
    if (router.route.view !== "login") history.replaceState({ from: location.pathname }, "", "/login");
    router.go("/login", { replace: true });
    router.route = { view: "login" };
    this.requestUpdate();
  }
  async #enter() {
    try {
      desk.setMe(await api.me());
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) return this.#toLogin();
      this.problem = "error-unreachable";
      setTimeout(() => this.#enter(), RETRY_MS);
      return;
    }
    this.problem = "";
    this.ready = true;
    if (router.route.view === "login") router.go(history.state?.from ?? "/", { replace: true });
    this.#title();
    await live.start().catch(() => undefined);
  }
  #title() {
    const { view } = router.route;
    document.title = view === "login" ? t("title-login") : t("title", { page: t(view === "admin" ? "nav-admin" : view === "alert" ? "title-alert" : "nav-triage") });
  }
  render() {
    const { view } = router.route;
    if (this.problem) return html`<main class="login"><div class="ds-alert" role="alert" data-color="danger">${t(this.problem)}</div></main>`;
    if (view === "login") return html`<lenke-login></lenke-login>`;
    if (!this.ready) return nothing;
    const atDesk = view === "triage" || view === "alert";
    return html`<a class="ds-skip-link" href=${view === "triage" ? "#queue" : "#main"}>${t("skip")}</a>
      <lenke-header></lenke-header>
      ${view === "admin" ? html`<lenke-admin></lenke-admin>` : nothing}
      ${view === "nowhere" ? html`<main class="login" id="main"><p>${t("page-missing")}</p><a class="ds-link" href="/">${t("back-to-queue")}</a></main>` : nothing}
      <main class="desk" id=${atDesk ? "main" : nothing} data-view=${view} ?hidden=${!atDesk}><h1 class="ds-sr-only">${t("nav-triage")}</h1>
        <lenke-queue></lenke-queue><lenke-detail></lenke-detail><div class="map-side"><lenke-map></lenke-map><lenke-brief></lenke-brief></div></main>
      <lenke-notices></lenke-notices><lenke-dialogs></lenke-dialogs>`;
  }
}

await startMessages();
watchForSound();
watchKeys();
customElements.define("lenke-app", App);
