// @ts-check
// For administrators: who looked at what and who did what. Nothing is read before somebody searches, since every
// search is written down too.
import { html, nothing } from "../vendor/lit.js";
import { ApiError, api } from "./api.js";
import { moment } from "./format.js";
import { t } from "./i18n.js";
import { Light } from "./light.js";
/** @typedef {import("../api-types.d.ts").AuditEntry} AuditEntry */

/** Entries of one page. */
const ROWS = 50;

export class AuditSearch extends Light {
  static properties = { rows: { state: true }, busy: { state: true }, problem: { state: true }, older: { state: true } };

  constructor() {
    super();
    /** @type {AuditEntry[] | null} */
    this.rows = null;
    this.busy = false;
    /** What went wrong, in words. */
    this.problem = "";
    /** Whether there may be more. */
    this.older = false;
    /** @type {Record<string, string>} */
    this.search = {};
  }
  /** @param {SubmitEvent} event */
  #submit(event) {
    event.preventDefault();
    const data = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const text = (/** @type {string} */ name) => String(data.get(name) ?? "").trim();
    const time = (/** @type {string} */ name) => (text(name) ? String(new Date(text(name)).getTime()) : "");
    this.search = { subject: text("subject"), actor: text("actor"), action: text("action"), from: time("from"), to: time("to") };
    this.rows = null;
    void this.#read();
  }
  async #read() {
    const last = this.rows?.at(-1);
    const asked = Object.entries({ ...this.search, before: last ? String(last.seq) : "", limit: String(ROWS) }).filter(([, value]) => value);
    this.busy = true;
    try {
      const page = await api.audit(new URLSearchParams(asked));
      this.rows = [...(this.rows ?? []), ...page];
      this.older = page.length === ROWS;
      this.problem = "";
    } catch (error) {
      this.problem = error instanceof ApiError ? t("error-server", { detail: error.message }) : t("error-network");
    }
    this.busy = false;
  }
  render() {
    return html`<section class="panel" aria-labelledby="audit-title"><header class="panel-head"><h2 id="audit-title">${t("admin-audit")}</h2><span class="quiet">${t("admin-audit-intro")}</span></header>
      <form class="audit-form" @submit=${this.#submit}>
        ${this.#field("subject", t("audit-subject"), "text")}${this.#field("actor", t("audit-actor"), "text")}${this.#field("action", t("audit-action"), "text")}
        ${this.#field("from", t("audit-from"), "datetime-local")}${this.#field("to", t("audit-to"), "datetime-local")}
        <button class="ds-button" type="submit" ?disabled=${this.busy}>${t("audit-search")}</button>
      </form>
      <div role="status">${this.problem ? html`<div class="ds-alert" data-color="danger">${this.problem}</div>` : this.rows?.length === 0 ? html`<p class="empty">${t("audit-none")}</p>` : nothing}</div>
      ${this.rows?.length ? this.#table(this.rows) : nothing}</section>`;
  }
  /** @param {string} name @param {string} label @param {string} type */
  #field(name, label, type) {
    return html`<div class="ds-field"><label class="ds-label" for=${`audit-${name}`}>${label}</label><input class="ds-input" id=${`audit-${name}`} name=${name} type=${type} maxlength="100" autocomplete="off" spellcheck="false"></div>`;
  }
  /** @param {AuditEntry[]} rows */
  #table(rows) {
    return html`<div class="table-box" tabindex="0" role="group" aria-labelledby="audit-title"><table class="plain"><thead><tr><th scope="col">${t("audit-time")}</th><th scope="col">${t("audit-actor")}</th><th scope="col">${t("audit-action")}</th><th scope="col">${t("audit-object")}</th><th scope="col">${t("audit-detail")}</th></tr></thead>
      <tbody>${rows.map((row) => html`<tr><td>${moment(row.at)}</td><td>${row.actor}</td><th scope="row"><code>${row.action}</code></th><td>${row.object}</td><td>${row.detail}</td></tr>`)}</tbody></table></div>
      ${this.older ? html`<button class="ds-button audit-more" data-variant="secondary" ?disabled=${this.busy} @click=${() => void this.#read()}>${t("audit-more")}</button>` : nothing}`;
  }
}
customElements.define("lenke-audit", AuditSearch);
