// @ts-check
// The priorities' marks. Shape as well as colour tells them apart: diamond, triangle, square, circle.
import { html, svg } from "../vendor/lit.js";
import { t } from "./i18n.js";

/** On a 16 x 16 grid; the map draws the same paths. */
export const SHAPES = {
  P1: "M8 0 16 8 8 16 0 8Z",
  P2: "M8 1 16 15H0Z",
  P3: "M2 2H14V14H2Z",
  P4: "M8 2A6 6 0 1 1 7.99 2Z",
};

/** @param {import("../api-types.d.ts").Priority} priority */
export const mark = (priority) =>
  html`<svg class="mark" data-priority=${priority} viewBox="0 0 16 16" aria-hidden="true" focusable="false">${svg`<path d=${SHAPES[priority]}></path>`}</svg>`;

/** @param {import("../api-types.d.ts").Priority} priority */
export const priorityName = (priority) => t("priority", { priority });

/** Icons of buttons: 16 x 16, drawn with a pen. @type {Record<string, string>} */
const PENS = {
  back: "M10 3 5 8l5 5",
  sound: "M3 6v4h2.5L9 13V3L5.5 6ZM11.5 5.5a3.5 3.5 0 0 1 0 5",
  silent: "M3 6v4h2.5L9 13V3L5.5 6ZM11.5 6.3l3 3.4M14.5 6.3l-3 3.4",
  sun: "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1.1 1.1M11.9 11.9 13 13M13 3l-1.1 1.1M4.1 11.9 3 13",
  moon: "M13 9.5A5.5 5.5 0 0 1 6.5 3 5.5 5.5 0 1 0 13 9.5Z",
  out: "M6.5 3H3v10h3.5M7 8h6.5M11 5.5 13.5 8 11 10.5",
  keys: "M1.5 4h13v8h-13ZM4 6.7h.1M6.6 6.7h.1M9.3 6.7h.1M12 6.7h.1M5 9.4h6",
  close: "M4 4l8 8M12 4l-8 8",
  check: "M3 8.5 6.5 12 13 4.5",
  note: "M3 2.5h10v11H3ZM5.5 6h5M5.5 8.5h5",
  resolve: "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8ZM5.2 8.2 7.2 10.2 11 6",
};

/** @param {keyof typeof PENS & string} name */
export const icon = (name) =>
  html`<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">${svg`<path d=${PENS[name] ?? ""}></path>`}</svg>`;
