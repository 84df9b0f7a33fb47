// @ts-check
// How the map looks, in the light and the dark scheme: a quiet base, so that what matters stands out.
import { SHAPES } from "./marks.js";
import { collection } from "./geo.js";

/** The coast's data is coarse: near by, where it would mislead, its contrast fades (`soft`).
 *  The page's own font draws the labels: no glyph server is asked. */
const FONT = ["Inter"];
const FONT_BOLD = ["Inter SemiBold"];
const ATTRIBUTION = '© <a href="https://www.openstreetmap.org/copyright" rel="noreferrer">OpenStreetMap</a> · <a href="https://www.geonames.org/" rel="noreferrer">GeoNames</a>';

const INK = {
  light: {
    sea: "#cddde8", soft: "#e0e8ec", land: "#f6f5f1", shore: "#a9bfce", border: "#8e8a99", place: "#3a4250", halo: "#f6f5f1", tag: "#2b6cb0", old: "#7b8794", edge: "#ffffff",
    trail: "#1c4f8a", exclusion: "#b3122a", inclusion: "#1b7a4b", evidence: "#5b2a9d", text: "#1d2530",
    P1: "#b3122a", P2: "#b45309", P3: "#1f6f8b", P4: "#5f6b7a",
  },
  dark: {
    sea: "#0d1620", soft: "#141d27", land: "#1a232d", shore: "#2f4252", border: "#536273", place: "#a9b7c6", halo: "#121a23", tag: "#5fa8ea", old: "#6b7a8a", edge: "#0d1620",
    trail: "#8cc2f5", exclusion: "#ff7b86", inclusion: "#57c48a", evidence: "#c9a6ff", text: "#e6edf5",
    P1: "#ff6b78", P2: "#f5a54a", P3: "#6cc4de", P4: "#9aa8b8",
  },
};

/** Sources that the page fills. */
export const SOURCES = /** @type {const} */ (["zones", "trail", "accuracy", "evidence", "tags", "alerts"]);

/** @param {boolean} dark */
export const ink = (dark) => INK[dark ? "dark" : "light"];

/** @param {boolean} dark @returns {any} */
export function style(dark) {
  const c = ink(dark);
  const empty = { type: "geojson", data: collection([]) };
  const exclusion = ["==", ["get", "kind"], "exclusion"];
  const inclusion = ["==", ["get", "kind"], "inclusion"];
  /** Own zones of others only near by, or the map is full of homes. */
  const shown = ["any", ["get", "shared"], ["get", "chosen"], [">=", ["zoom"], 12]];
  /** Zones that bind nobody at this hour are faint. */
  const strength = ["case", ["get", "chosen"], 1, ["get", "holds_now"], 0.65, 0.25];
  return {
    version: 8,
    sources: {
      base: { type: "vector", tiles: [`${location.origin}/basemap/{z}/{x}/{y}`], minzoom: 0, maxzoom: 9, attribution: ATTRIBUTION },
      ...Object.fromEntries(SOURCES.map((name) => [name, empty])),
    },
    layers: [
      { id: "sea", type: "background", paint: { "background-color": ["interpolate", ["linear"], ["zoom"], 10.5, c.sea, 13, c.soft] } },
      { id: "land", type: "fill", source: "base", "source-layer": "land", paint: { "fill-color": c.land, "fill-antialias": true } },
      { id: "shore", type: "line", source: "base", "source-layer": "land", minzoom: 6, maxzoom: 12, paint: { "line-color": c.shore, "line-width": ["interpolate", ["linear"], ["zoom"], 6, 0.3, 12, 1.2] } },
      { id: "borders", type: "line", source: "base", "source-layer": "borders", paint: { "line-color": c.border, "line-width": ["interpolate", ["linear"], ["zoom"], 3, 0.6, 10, 1.6], "line-dasharray": [4, 2] } },
      { id: "zone-inclusion", type: "fill", source: "zones", filter: ["all", inclusion, shown], paint: { "fill-color": c.inclusion, "fill-opacity": ["case", ["get", "chosen"], 0.16, ["get", "holds_now"], 0.07, 0] } },
      { id: "zone-exclusion", type: "fill", source: "zones", filter: ["all", exclusion, shown], paint: { "fill-pattern": "hatch", "fill-opacity": strength } },
      { id: "zone-inclusion-line", type: "line", source: "zones", filter: ["all", inclusion, shown], paint: { "line-color": c.inclusion, "line-width": 1.8, "line-opacity": strength, "line-dasharray": [3, 2] } },
      { id: "zone-exclusion-line", type: "line", source: "zones", filter: ["all", exclusion, shown], paint: { "line-color": c.exclusion, "line-width": ["case", ["get", "chosen"], 2.6, 1.4], "line-opacity": strength } },
      { id: "accuracy", type: "fill", source: "accuracy", paint: { "fill-color": c.tag, "fill-opacity": 0.13, "fill-outline-color": c.tag } },
      { id: "evidence-accuracy", type: "fill", source: "evidence", filter: ["==", ["get", "what"], "accuracy"], paint: { "fill-color": c.evidence, "fill-opacity": 0.1 } },
      { id: "evidence-accuracy-line", type: "line", source: "evidence", filter: ["==", ["get", "what"], "accuracy"], paint: { "line-color": c.evidence, "line-width": 1.2, "line-opacity": 0.8 } },
      { id: "trail-edge", type: "line", source: "trail", filter: ["==", ["get", "what"], "line"], layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": c.edge, "line-width": 5, "line-opacity": 0.8 } },
      { id: "trail", type: "line", source: "trail", filter: ["==", ["get", "what"], "line"], layout: { "line-join": "round", "line-cap": "round" }, paint: { "line-color": c.trail, "line-width": 2.4 } },
      { id: "trail-gap", type: "line", source: "trail", filter: ["==", ["get", "what"], "gap"], paint: { "line-color": c.old, "line-width": 1.6, "line-dasharray": [2, 2.5] } },
      { id: "trail-points", type: "circle", source: "trail", minzoom: 12.5, filter: ["==", ["get", "what"], "point"], paint: { "circle-radius": 2.2, "circle-color": ["case", ["get", "late"], c.edge, c.trail], "circle-stroke-width": 1.2, "circle-stroke-color": c.trail } },
      { id: "tags", type: "circle", source: "tags", paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 4, 2.4, 9, 4.5, 13, 6], "circle-color": ["case", ["get", "old"], c.edge, c.tag],
        "circle-stroke-width": ["case", ["get", "old"], 1.6, 1], "circle-stroke-color": ["case", ["get", "old"], c.old, c.edge] } },
      { id: "places", type: "symbol", source: "base", "source-layer": "places", layout: {
        "text-field": ["get", "n"], "text-font": FONT, "text-size": ["interpolate", ["linear"], ["zoom"], 4, ["interpolate", ["linear"], ["get", "p"], 1000, 10, 800000, 13], 11, ["interpolate", ["linear"], ["get", "p"], 1000, 12, 800000, 18]],
        "symbol-sort-key": ["-", ["get", "p"]], "text-padding": 6, "text-anchor": "bottom", "text-offset": [0, -0.3] }, paint: { "text-color": c.place, "text-halo-color": c.halo, "text-halo-width": 1.4 } },
      { id: "tag-labels", type: "symbol", source: "tags", minzoom: 12, layout: { "text-field": ["get", "label"], "text-font": FONT, "text-size": 11, "text-offset": [0, 0.9], "text-anchor": "top", "text-optional": true }, paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.4 } },
      { id: "evidence-points", type: "circle", source: "evidence", filter: ["==", ["get", "what"], "fix"], paint: { "circle-radius": 8, "circle-color": c.evidence, "circle-stroke-width": 1.5, "circle-stroke-color": c.edge } },
      { id: "evidence-numbers", type: "symbol", source: "evidence", filter: ["==", ["get", "what"], "fix"], layout: { "text-field": ["get", "number"], "text-font": FONT_BOLD, "text-size": 10.5, "text-allow-overlap": true, "text-ignore-placement": true }, paint: { "text-color": c.edge } },
      { id: "alerts", type: "symbol", source: "alerts", layout: {
        "icon-image": ["concat", ["get", "priority"], ["case", ["get", "chosen"], "-chosen", ["get", "taken"], "-taken", ""]], "icon-size": 1, "icon-allow-overlap": true, "icon-ignore-placement": true, "symbol-sort-key": ["get", "rank"] } },
      { id: "alert-labels", type: "symbol", source: "alerts", minzoom: 8, layout: { "text-field": ["get", "label"], "text-font": FONT_BOLD, "text-size": 12, "text-offset": [0, 1.4], "text-anchor": "top", "text-optional": true }, paint: { "text-color": c.text, "text-halo-color": c.halo, "text-halo-width": 1.8 } },
    ],
  };
}

/** Changes the colours of a map that is drawn already. @param {any} map @param {boolean} dark */
export function repaint(map, dark) {
  for (const { id, paint } of style(dark).layers) {
    for (const [name, value] of Object.entries(paint ?? {})) map.setPaintProperty(id, name, value);
  }
  addIcons(map, dark);
}

const ICON_PX = 30;
const RATIO = 2;

/** The same marks as in the queue, as pictures for the map. @param {any} map @param {boolean} dark */
export function addIcons(map, dark) {
  const c = ink(dark);
  for (const priority of /** @type {(keyof typeof SHAPES)[]} */ (Object.keys(SHAPES))) {
    const path = new Path2D(SHAPES[priority]);
    for (const how of ["", "-chosen", "-taken"]) {
      put(map, `${priority}${how}`, ICON_PX, (pen) => {
        pen.translate(ICON_PX / 2, ICON_PX / 2);
        if (how === "-chosen") {
          pen.beginPath();
          pen.arc(0, 0, ICON_PX / 2 - 1.5, 0, 2 * Math.PI);
          pen.lineWidth = 2.5;
          pen.strokeStyle = c[priority];
          pen.fillStyle = `${c.edge}cc`;
          pen.fill();
          pen.stroke();
        }
        pen.translate(-8, -8);
        pen.lineJoin = "round";
        pen.lineWidth = 4;
        pen.strokeStyle = c.edge;
        pen.stroke(path);
        pen.fillStyle = how === "-taken" ? c.edge : c[priority];
        pen.fill(path);
        pen.lineWidth = 2;
        pen.strokeStyle = c[priority];
        if (how === "-taken") pen.stroke(path);
      });
    }
  }
  put(map, "hatch", 12, (pen) => {
    pen.fillStyle = `${c.exclusion}26`;
    pen.fillRect(0, 0, 12, 12);
    pen.strokeStyle = `${c.exclusion}73`;
    pen.lineWidth = 1.4;
    for (const shift of [-12, 0, 12]) {
      pen.beginPath();
      pen.moveTo(shift - 1, 13);
      pen.lineTo(shift + 13, -1);
      pen.stroke();
    }
  });
}

/** @param {any} map @param {string} name @param {number} size @param {(pen: OffscreenCanvasRenderingContext2D) => void} draw */
function put(map, name, size, draw) {
  const pen = new OffscreenCanvas(size * RATIO, size * RATIO).getContext("2d");
  if (!pen) return;
  pen.scale(RATIO, RATIO);
  draw(pen);
  const image = pen.getImageData(0, 0, size * RATIO, size * RATIO);
  if (map.hasImage(name)) map.updateImage(name, image);
  else map.addImage(name, image, { pixelRatio: RATIO });
}
