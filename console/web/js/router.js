// @ts-check
// Paths and what they show. The back button works everywhere.

/** @typedef {{view: "login" | "triage" | "alert" | "admin" | "nowhere", id?: string}} Route */

/** @param {string} path @returns {Route} */
export function parse(path) {
  if (path === "/" || path === "") return { view: "triage" };
  if (path === "/login") return { view: "login" };
  if (path === "/admin") return { view: "admin" };
  const alert = /^\/alerts\/([0-9a-f]{32})$/.exec(path);
  return alert?.[1] ? { view: "alert", id: alert[1] } : { view: "nowhere" };
}

class Router extends EventTarget {
  route = parse(location.pathname);

  constructor() {
    super();
    addEventListener("popstate", () => this.#show());
  }
  /** @param {string} path @param {{replace?: boolean}} [how] */
  go(path, how = {}) {
    if (path === location.pathname) return;
    if (how.replace) history.replaceState(null, "", path);
    else history.pushState(null, "", path);
    this.#show();
  }
  #show() {
    this.route = parse(location.pathname);
    this.dispatchEvent(new Event("change"));
  }
}

export const router = new Router();

/** For `@click` of links inside the console. @param {MouseEvent} event */
export function follow(event) {
  const link = /** @type {HTMLElement} */ (event.currentTarget).closest("a");
  if (!link || event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  router.go(link.pathname);
}
