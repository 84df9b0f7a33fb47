// @ts-check
// Single keys of the desk. They work while the queue, an alert or nothing in particular has the focus, never in a
// field or dialog, and can be switched off.
import { desk } from "./desk.js";
import { keysOn, openDialog } from "./dialogs.js";
import { router } from "./router.js";
/** @typedef {import("./queue.js").Queue} Queue */

const MOVES = /** @type {const} */ ({ ArrowDown: [1, "step"], ArrowUp: [-1, "step"], Home: [0, "first"], End: [0, "last"] });

/** @param {Element | null} at */
const inWork = (at) => at === null || at === document.body || at.closest("lenke-queue, lenke-detail, lenke-brief") !== null;

/** @param {KeyboardEvent} event */
function handle(event) {
  const at = document.activeElement;
  if (event.ctrlKey || event.altKey || event.metaKey || document.querySelector("dialog[open]") || at?.matches("input, textarea, select")) return;
  const { view } = router.route;
  if ((view !== "triage" && view !== "alert") || !inWork(at)) return;
  const queue = /** @type {Queue | null} */ (document.querySelector("lenke-queue"));
  if (view === "triage" && event.key in MOVES) {
    const [step, how] = MOVES[/** @type {keyof typeof MOVES} */ (event.key)];
    queue?.move(step, how);
    return event.preventDefault();
  }
  if (view === "alert" && event.key === "Escape") {
    router.go("/");
    queue?.updateComplete.then(() => queue.focusSelected());
    return event.preventDefault();
  }
  const alert = desk.selected;
  const onControl = at?.matches("a, button, summary") ?? false;
  if (event.key === "Enter" && view === "triage" && alert && !onControl) {
    router.go(`/alerts/${alert.id}`);
    return event.preventDefault();
  }
  if (!keysOn()) return;
  if (event.key === "?") return openDialog("keys");
  if (!alert) return;
  const key = event.key.toLowerCase();
  if (key === "k") void desk.acknowledge(alert);
  else if (key === "n") openDialog("note", alert);
  else if (key === "r") openDialog("resolve", alert);
  else return;
  event.preventDefault();
}

export const watchKeys = () => addEventListener("keydown", handle);
