// @ts-check
// What the last days of an order were: a strip a day, with its figures in words beside it and its causes below.
// It is asked for by a person, since looking is written down.
import { html, nothing, svg } from "../vendor/lit.js";
import { api } from "./api.js";
import { centre } from "./centre.js";
import { duration, moment } from "./format.js";
import { has, t } from "./i18n.js";
import { Light } from "./light.js";
import { icon } from "./marks.js";
/** @typedef {import("../api-types.d.ts").Compliance} Compliance */
/** @typedef {import("../api-types.d.ts").ComplianceDay} Day */
/** @typedef {import("../api-types.d.ts").ComplianceStretch} Stretch */

const DAYS = 7;
const DAY_MS = 86_400_000;
/** Causes that are listed. */
const CAUSES_SHOWN = 40;
/** The worse, the taller: colour is not all that tells them apart. [top, height] of 12. */
const BARS = { compliant: [9, 3], exempt: [6, 6], unknown: [3, 9], violating: [0, 12] };
/** @type {Stretch["state"][]} */
const STATES = ["violating", "unknown", "exempt", "compliant"];

/** @param {Day} day */
const inWords = (day) =>
  STATES.filter((state) => day.totals[`${state}_ms`] > 0)
    .map((state) => t("account-part", { state: t(`account-${state}`), time: duration(day.totals[`${state}_ms`] / 1000) }))
    .join(", ");

export class Account extends Light {
  static properties = { wearer: { type: String }, account: { state: true }, state: { state: true } };

  constructor() {
    super();
    this.wearer = "";
    /** @type {Compliance | undefined} */
    this.account = undefined;
    /** @type {"closed" | "loading" | "failed" | "open"} */
    this.state = "closed";
  }
  /** @param {Map<string, unknown>} changed */
  willUpdate(changed) {
    if ([...changed.keys()].includes("wearer")) [this.account, this.state] = [undefined, "closed"];
  }
  async #load() {
    const { wearer } = this;
    this.state = "loading";
    try {
      const now = centre.now();
      const account = await api.compliance(wearer, now - DAYS * DAY_MS, now);
      if (wearer === this.wearer) [this.account, this.state] = [account, "open"];
    } catch {
      if (wearer === this.wearer) this.state = "failed";
    }
  }

  render() {
    return html`<section aria-labelledby="account-title"><h3 id="account-title">${t("account-title", { days: DAYS })}</h3>
      ${this.account && this.state === "open" ? this.#open(this.account) : html`
        <button type="button" class="ds-button" data-variant="secondary" data-size="sm" data-action="account" ?disabled=${this.state === "loading"} @click=${() => this.#load()}>${icon("resolve")}${t(this.state === "loading" ? "loading" : "account-show")}</button>
        <p class="quiet" role="status">${this.state === "failed" ? t("account-failed") : t("account-notice")}</p>`}</section>`;
  }
  /** @param {Compliance} account */
  #open(account) {
    if (!account.days.length) return html`<p class="quiet">${t("account-none")}</p>`;
    return html`<ul class="account-legend">${STATES.map((state) => html`<li>${strip([{ state, from: 0, to: 1 }], 0, 1)}${t(`account-${state}`)}</li>`)}</ul>
      <ol class="account">${account.days.map((day) => html`<li><span class="date">${day.date}</span>${strip(day.stretches, day.begins, day.ends)}<span class="figures">${inWords(day)}</span></li>`)}</ol>
      ${this.#causes(account)}`;
  }
  /** @param {Compliance} account */
  #causes(account) {
    const causes = account.lines
      .flatMap((line) => line.stretches.map((stretch) => ({ line, stretch })))
      .filter(({ stretch }) => stretch.state !== "compliant")
      .sort((a, b) => b.stretch.from - a.stretch.from);
    if (!causes.length) return html`<p>${t("account-clean")}</p>`;
    return html`<div class="table-box"><table class="plain"><thead><tr><th scope="col">${t("account-from")}</th><th scope="col">${t("account-to")}</th><th scope="col">${t("account-state")}</th><th scope="col">${t("account-cause")}</th></tr></thead>
      <tbody>${causes.slice(0, CAUSES_SHOWN).map(({ line, stretch }) => html`<tr><th scope="row">${moment(stretch.from)}</th><td>${moment(stretch.to)}</td>
        <td>${t(`account-${stretch.state}`)}${stretch.uncertain ? html` <span class="quiet">${t("account-uncertain")}</span>` : nothing}</td>
        <td>${cause(stretch.cause)} <span class="quiet">${line.zone_name ?? ""}</span></td></tr>`)}</tbody></table></div>
      ${causes.length > CAUSES_SHOWN ? html`<p class="quiet">${t("account-more", { count: causes.length - CAUSES_SHOWN })}</p>` : nothing}`;
  }
}
customElements.define("lenke-account", Account);

/** @param {string} code */
const cause = (code) => (has(`account-cause-${code}`) ? t(`account-cause-${code}`) : code);

/** One day from its begin to its end; what it was stands in words beside it.
 *  @param {Pick<Stretch, "state" | "from" | "to">[]} stretches @param {number} from @param {number} to */
function strip(stretches, from, to) {
  const x = (/** @type {number} */ at) => ((at - from) / (to - from)) * 1000;
  const bars = stretches.map((stretch) => {
    const [top, height] = BARS[stretch.state] ?? [0, 12];
    // A minute of violation in a day is still to be seen.
    const width = Math.max(x(stretch.to) - x(stretch.from), stretch.state === "compliant" ? 0 : 2);
    return svg`<rect data-state=${stretch.state} x=${x(stretch.from)} y=${top} width=${width} height=${height}></rect>`;
  });
  return html`<svg class="strip" viewBox="0 0 1000 12" preserveAspectRatio="none" aria-hidden="true" focusable="false">${bars}</svg>`;
}
