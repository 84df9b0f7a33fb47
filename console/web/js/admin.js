// @ts-check
// For administrators: what came in, what was refused and why, what is stored. Read anew every few seconds.
import { html, nothing } from "../vendor/lit.js";
import { ApiError, api } from "./api.js";
import "./audit-search.js";
import { kindName, rejectionName, rejectionWhy } from "./explain.js";
import { moment, percent, whole } from "./format.js";
import { has, t } from "./i18n.js";
import { Light } from "./light.js";
/** @typedef {import("../api-types.d.ts").AdminStatus} AdminStatus */
/** @typedef {import("../api-types.d.ts").Quarantined} Quarantined */

const REFRESH_MS = 3_000;
const QUARANTINE_ROWS = 50;
/** What an administrator looks at first. */
const FIRST = ["received", "stored", "duplicate", "rejected", "late", "fixes", "acked"];

/** Numbers of a nested object with their paths: `{store: {fixes: 3}}` -> `[["store.fixes", 3]]`.
 *  @param {unknown} value @param {string} [path] @returns {[string, number][]} */
export function leaves(value, path = "") {
  if (typeof value === "number") return [[path, value]];
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([name, inner]) => leaves(inner, path ? `${path}.${name}` : name));
}

/** A counter's name in words, if we know it. @param {string} path */
function label(path) {
  if (path.startsWith("alerts.")) return kindName(path.slice("alerts.".length));
  const id = `counter-${path.replaceAll(".", "-").replaceAll("_", "-")}`;
  return has(id) ? t(id) : path.replaceAll("_", " ");
}

/** A limit's name in words, if we know it. @param {string} what */
function limitName(what) {
  const id = `limit-${what.replaceAll(" ", "-")}`;
  return has(id) ? t(id) : what;
}

export class Admin extends Light {
  static properties = { status: { state: true }, quarantine: { state: true }, problem: { state: true } };

  constructor() {
    super();
    /** @type {AdminStatus | null} */
    this.status = null;
    /** @type {Quarantined[]} */
    this.quarantine = [];
    /** Refused reports when quarantine was last read. */
    this.refused = -1;
    /** Message id. */
    this.problem = "";
  }
  connectedCallback() {
    super.connectedCallback();
    void this.#read();
    this.every(REFRESH_MS, () => document.hidden || this.problem === "admin-forbidden" || void this.#read());
  }
  /** Quarantine is looked at only when there is something new: every look is written to the audit log. */
  async #read() {
    try {
      const status = await api.adminStatus();
      const refused = Object.values(status.rejections ?? {}).reduce((sum, count) => sum + count, 0);
      if (refused !== this.refused) {
        this.quarantine = await api.quarantine(QUARANTINE_ROWS);
        this.refused = refused;
      }
      this.status = status;
      this.problem = "";
    } catch (error) {
      this.problem = error instanceof ApiError && error.status === 403 ? "admin-forbidden" : "admin-unavailable";
    }
  }
  render() {
    return html`<main class="admin" id="main" tabindex="0" aria-labelledby="admin-title"><h1 id="admin-title">${t("admin-title")}</h1>
      ${this.problem ? html`<div class="ds-alert" role="alert" data-color=${this.problem === "admin-forbidden" ? "warning" : "danger"}>${t(this.problem)}</div>` : nothing}
      ${this.problem === "admin-forbidden" ? nothing : this.status ? this.#page(this.status) : html`<p class="quiet">${t("loading")}</p>`}
    </main>`;
  }
  /** @param {AdminStatus} status */
  #page(status) {
    const { counters, rejections, headroom, ...sections } = status;
    const figures = leaves(counters ?? {}).filter(([path]) => !/^(rejections|queues)\./.test(path));
    const byKind = (/** @type {[string, number]} */ [path]) => path.startsWith("alerts.");
    const rank = (/** @type {[string, number]} */ [path]) => (FIRST.includes(path) ? FIRST.indexOf(path) : FIRST.length);
    const short = (headroom ?? []).filter((limit) => limit.level !== "good");
    return html`${short.map((limit) => html`<div class="ds-alert" role="alert" data-color=${limit.level === "bad" ? "danger" : "warning"}>${t(limit.level === "bad" ? "limit-act" : "limit-look", { limit: limitName(limit.what), used: percent(limit.used) })}</div>`)}
      ${this.#cards("counters", figures.filter((figure) => !byKind(figure)).sort((a, b) => rank(a) - rank(b)))}
      <section class="panel" aria-labelledby="rejections-title"><header class="panel-head"><h2 id="rejections-title">${t("admin-rejections")}</h2><span class="quiet">${t("admin-rejections-intro")}</span></header>
        ${this.#rejections(rejections ?? {})}</section>
      <section class="panel" aria-labelledby="quarantine-title"><header class="panel-head"><h2 id="quarantine-title">${t("admin-quarantine")}</h2><span class="quiet">${t("admin-quarantine-intro")}</span></header>
        ${this.#quarantined()}</section>
      <lenke-audit></lenke-audit>
      ${this.#cards("alerts", figures.filter(byKind))}
      ${this.#headroom(headroom ?? [])}
      ${["store", "queues", "console"].map((name) => this.#cards(name, leaves(sections[name]).filter(([path]) => path !== "now")))}`;
  }
  /** @param {string} name @param {[string, number][]} figures */
  #cards(name, figures) {
    if (!figures.length) return nothing;
    const title = has(`admin-${name}`) ? t(`admin-${name}`) : name.replaceAll("_", " ");
    return html`<section class="panel" aria-labelledby=${`${name}-title`}><header class="panel-head"><h2 id=${`${name}-title`}>${title}</h2></header>
      <dl class="cards">${figures.map(([path, value]) => html`<div><dt>${label(path)}</dt><dd>${whole(value)}</dd></div>`)}</dl></section>`;
  }
  /** @param {import("../api-types.d.ts").Headroom[]} limits */
  #headroom(limits) {
    if (!limits.length) return nothing;
    return html`<section class="panel" aria-labelledby="headroom-title"><header class="panel-head"><h2 id="headroom-title">${t("admin-headroom")}</h2><span class="quiet">${t("admin-headroom-intro")}</span></header>
      <div class="table-box"><table class="plain headroom"><thead><tr><th scope="col">${t("limit-what")}</th><th scope="col" class="num">${t("limit-used")}</th><th scope="col">${t("limit-detail")}</th></tr></thead>
      <tbody>${limits.map((limit) => html`<tr><th scope="row">${limitName(limit.what)}</th><td class="num">${percent(limit.used)}</td><td>${limit.detail}</td></tr>`)}</tbody></table></div></section>`;
  }
  /** @param {Record<string, number>} rejections */
  #rejections(rejections) {
    const rows = Object.entries(rejections).sort(([, a], [, b]) => b - a);
    if (!rows.length) return html`<p class="empty">${t("admin-no-rejections")}</p>`;
    return html`<div class="table-box"><table class="plain rejections"><thead><tr><th scope="col">${t("rejection-reason")}</th><th scope="col" class="num">${t("rejection-count")}</th><th scope="col">${t("rejection-meaning")}</th></tr></thead>
      <tbody>${rows.map(([code, count]) => html`<tr data-zero=${count === 0}><th scope="row">${rejectionName(code)} <code>${code}</code></th><td class="num">${whole(count)}</td><td>${rejectionWhy(code)}</td></tr>`)}</tbody></table></div>`;
  }
  #quarantined() {
    if (!this.quarantine.length) return html`<p class="empty">${t("admin-no-quarantine")}</p>`;
    return html`<div class="table-box" tabindex="0" role="group" aria-labelledby="quarantine-title"><table class="plain"><thead><tr><th scope="col">${t("quarantine-time")}</th><th scope="col">${t("rejection-reason")}</th><th scope="col">${t("device")}</th><th scope="col">${t("quarantine-source")}</th><th scope="col">${t("quarantine-detail")}</th><th scope="col">${t("quarantine-bytes")}</th></tr></thead>
      <tbody>${this.quarantine.map((row) => html`<tr><td>${moment(row.received_at)}</td><th scope="row">${rejectionName(row.reason)}</th><td>${row.device ?? "–"}</td><td><code>${row.source}</code></td><td>${row.detail}</td><td><code class="bytes" title=${row.bytes_hex}>${row.bytes_hex}</code></td></tr>`)}</tbody></table></div>`;
  }
}
customElements.define("lenke-admin", Admin);
