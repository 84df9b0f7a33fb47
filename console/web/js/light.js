// @ts-check
// The base of our elements: Lit without shadow trees, so that the design system's style sheet and the browser's own
// semantics apply as they are.
import { LitElement } from "../vendor/lit.js";
import { messages } from "./i18n.js";

export class Light extends LitElement {
  /** @type {(() => void)[]} */
  #stops = [];

  /** @override @returns {this} */
  createRenderRoot() {
    return this;
  }
  connectedCallback() {
    super.connectedCallback();
    this.listen(messages, ["change"], () => this.requestUpdate());
  }
  disconnectedCallback() {
    super.disconnectedCallback();
    for (const stop of this.#stops.splice(0)) stop();
  }
  /** Listens for as long as the element is on the page.
   *  @param {EventTarget} target @param {string[]} names @param {(event: any) => void} take */
  listen(target, names, take) {
    for (const name of names) {
      target.addEventListener(name, take);
      this.#stops.push(() => target.removeEventListener(name, take));
    }
  }
  /** Runs again and again while the element is on the page. @param {number} ms @param {() => void} run */
  every(ms, run) {
    const timer = setInterval(run, ms);
    this.#stops.push(() => clearInterval(timer));
  }
}
