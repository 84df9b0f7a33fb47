// @ts-check
// The live map beside the queue: everybody's last position, open alerts, zones, and the trail and evidence of the
// selected alert. The queue is its equivalent for those who do not see it.
import * as maplibre from "../vendor/maplibre-gl.mjs";
import { html } from "../vendor/lit.js";
import { api } from "./api.js";
import { centre } from "./centre.js";
import { desk } from "./desk.js";
import { kindName } from "./explain.js";
import { distance, duration } from "./format.js";
import { bounds, circle, collection, trailFeatures } from "./geo.js";
import { messages, t } from "./i18n.js";
import { Light } from "./light.js";
import { live, wearerNumber, wearerText } from "./live.js";
import { addIcons, repaint, style } from "./map-style.js";
import { router } from "./router.js";
import { isDark, motionReduced, settings } from "./settings.js";
/** @typedef {import("../api-types.d.ts").Alert} Alert */

/** Moving tags are drawn at most this often, and never while the last drawing is under way. */
const REDRAW_MS = 500;
/** A position older than this is drawn hollow. */
const OLD_MS = 15 * 60_000;
const TRAIL_MS = 2 * 3_600_000;
const TRAIL_GAP_MS = 5 * 60_000;
const TRAIL_READ_EVERY_MS = 5_000;
const ZONES_READ_EVERY_MS = 60_000;
const CLOSE_ZOOM = 13;
const HOME = { center: /** @type {[number, number]} */ ([11.2, 60.2]), zoom: 4.6 };

export class MapPanel extends Light {
  #map = /** @type {any} */ (null);
  #loaded = false;
  #dirty = false;
  #fitted = false;
  /** @type {import("../api-types.d.ts").ZoneFeature[]} */
  #zones = [];
  /** @type {import("../api-types.d.ts").TrailFix[]} */
  #trail = [];
  #trailAt = 0;

  render() {
    return html`<div class="panel map-panel"><div class="map-box"></div>
      <details class="legend"><summary>${t("legend")}</summary><ul>
        ${["tag", "old", "trail", "gap", "exclusion", "inclusion", "evidence"].map((name) => html`<li><span class="swatch" data-swatch=${name}></span>${t(`legend-${name}`)}</li>`)}
      </ul></details></div>`;
  }
  async firstUpdated() {
    await Promise.all(["400 12px Inter", "600 12px Inter"].map((font) => document.fonts.load(font, "Tromsø Kárášjohka")));
    const container = /** @type {HTMLElement} */ (this.querySelector(".map-box"));
    const map = new maplibre.Map({ container, style: style(isDark()), ...HOME, minZoom: 3.2, maxZoom: 17, attributionControl: false, dragRotate: false, pitchWithRotate: false, touchPitch: false, fadeDuration: motionReduced() ? 0 : 150, locale: { "Map.Title": t("map") } });
    this.#map = map;
    map.touchZoomRotate.disableRotation();
    map.addControl(new maplibre.AttributionControl({ compact: false }));
    map.addControl(new maplibre.NavigationControl({ showCompass: false }), "top-right");
    map.addControl(new maplibre.ScaleControl({ maxWidth: 90 }), "bottom-left");
    map.on("load", () => this.#start());
    map.on("idle", () => (this.dataset.idle = "true"));
    this.#hover();
    this.#name();
    this.listen(messages, ["change"], () => this.#name());
    this.listen(settings, ["scheme"], () => this.#loaded && repaint(map, isDark()));
  }
  disconnectedCallback() {
    super.disconnectedCallback();
    this.#map?.remove();
  }
  /** Names the map's parts in the reader's language. */
  #name() {
    /** @param {string} selector @param {string} id */
    const set = (selector, id) => {
      const element = this.querySelector(selector);
      element?.setAttribute("aria-label", t(id));
      if (element instanceof HTMLButtonElement) element.title = t(id);
    };
    set(".maplibregl-canvas", "map");
    set(".maplibregl-ctrl-zoom-in", "zoom-in");
    set(".maplibregl-ctrl-zoom-out", "zoom-out");
  }
  #start() {
    addIcons(this.#map, isDark());
    this.#loaded = true;
    this.listen(live, ["positions", "alert", "snapshot"], () => (this.#dirty = true));
    this.listen(live, ["snapshot"], () => void this.#readZones());
    this.listen(desk, ["selected"], (event) => void this.#select(event.detail.look));
    this.listen(router, ["change"], () => this.#routed());
    this.every(REDRAW_MS, () => this.#dirty && !document.hidden && this.#draw());
    this.every(TRAIL_READ_EVERY_MS, () => void this.#readTrail());
    this.every(ZONES_READ_EVERY_MS, () => void this.#readZones());
    void this.#readZones();
    this.#fitAll();
    void this.#select(desk.look || router.route.view === "alert");
    this.dataset.ready = "true";
  }
  /** @param {string} name @param {GeoJSON.Feature[]} features */
  #set(name, features) {
    if (this.#loaded) this.#map.getSource(name)?.setData(collection(features));
  }
  #fitAll() {
    this.#fitted = true;
    const box = bounds([...live.tags.values()].map((tag) => [tag.lon, tag.lat]));
    if (box) this.#map.fitBounds(box, { padding: this.#padding(), maxZoom: 8, animate: false });
    else this.#fitted = false;
  }
  #draw() {
    this.#dirty = false;
    if (!this.#fitted) this.#fitAll();
    const now = centre.now();
    /** @type {Map<number, Alert>} */
    const worst = new Map();
    for (const alert of live.alerts.values()) {
      if (alert.state === "resolved") continue;
      const wearer = wearerNumber(alert.wearer);
      const other = worst.get(wearer);
      if (alert.id === desk.selectedId || !other || (other.id !== desk.selectedId && alert.priority < other.priority)) worst.set(wearer, alert);
    }
    this.#set("tags", [...live.tags.values()].filter((tag) => !worst.has(tag.wearer)).map((tag) => ({
      type: "Feature", id: tag.wearer, properties: { wearer: tag.wearer, label: wearerText(tag.wearer), old: now - tag.at > OLD_MS },
      geometry: { type: "Point", coordinates: [tag.lon, tag.lat] },
    })));
    this.#set("alerts", [...worst].flatMap(([wearer, alert]) => {
      const at = live.tags.get(wearer) ?? alert.position;
      if (!at) return [];
      const chosen = alert.id === desk.selectedId;
      return [{ type: /** @type {const} */ ("Feature"), id: wearer, properties: { id: alert.id, wearer, priority: alert.priority, chosen, taken: alert.state !== "raised", rank: (chosen ? 10 : 5) - Number(alert.priority[1]), label: `${alert.wearer}\n${kindName(alert.kind)}` }, geometry: { type: /** @type {const} */ ("Point"), coordinates: [at.lon, at.lat] } }];
    }));
    const tag = desk.wearer === null ? undefined : live.tags.get(desk.wearer);
    this.#set("accuracy", tag ? [{ type: "Feature", properties: {}, geometry: circle(tag.lon, tag.lat, tag.accuracy_m) }] : []);
    const last = this.#trail.at(-1);
    if (tag && last && tag.at > last.at) {
      this.#trail.push({ at: tag.at, lat: tag.lat, lon: tag.lon, accuracy_m: tag.accuracy_m, late: false });
      this.#drawTrail();
    }
  }
  #routed() {
    this.#drawEvidence();
    if (router.route.view === "alert") this.#look();
    requestAnimationFrame(() => this.#map?.resize());
  }
  /** @param {boolean} look */
  async #select(look) {
    this.#trail = [];
    this.#drawTrail();
    this.#draw();
    this.#drawZones();
    this.#drawEvidence();
    if (look) this.#look();
    await this.#readTrail(true);
  }
  /** Room at the edges, so that nothing lies under the brief. */
  #padding() {
    const { clientWidth: width, clientHeight: height } = /** @type {HTMLElement} */ (this.querySelector(".map-box"));
    const brief = router.route.view === "triage" && width > 700;
    const side = Math.min(70, width / 6);
    return { top: Math.min(60, height / 8), right: side, left: side, bottom: brief ? Math.min(270, height / 2.5) : Math.min(60, height / 8) };
  }
  /** Brings the selected alert into view: near enough to judge, with its zone and evidence. */
  #look() {
    const alert = desk.selected;
    if (!alert) return;
    const tag = live.tags.get(wearerNumber(alert.wearer));
    const points = alert.explanation.fixes.map((fix) => [fix.position.lon, fix.position.lat]);
    if (tag) points.push([tag.lon, tag.lat]);
    else if (alert.position) points.push([alert.position.lon, alert.position.lat]);
    const zone = router.route.view === "alert" && this.#zones.find((candidate) => candidate.properties.id === alert.explanation.zone?.id);
    const box = bounds([points, zone && "coordinates" in zone.geometry ? zone.geometry.coordinates : []]);
    if (!box) return;
    this.#map.fitBounds(box, { padding: this.#padding(), maxZoom: CLOSE_ZOOM, animate: !motionReduced(), duration: 500 });
  }
  async #readTrail(now = false) {
    const { wearer } = desk;
    const real = performance.now();
    if (wearer === null || (!now && (document.hidden || real - this.#trailAt < TRAIL_READ_EVERY_MS))) return;
    this.#trailAt = real;
    const reason = desk.selectedId ? `alert ${desk.selectedId}` : "chosen on the map";
    const fixes = await api.trail(wearerText(wearer), centre.now() - TRAIL_MS, centre.now(), reason).catch(() => null);
    if (!fixes || wearer !== desk.wearer) return;
    this.#trail = fixes;
    this.#drawTrail();
  }
  #drawTrail() {
    this.#set("trail", trailFeatures(this.#trail, TRAIL_GAP_MS));
  }
  async #readZones() {
    const zones = await api.zones().catch(() => null);
    if (!zones) return;
    const first = this.#zones.length === 0;
    this.#zones = zones.features;
    this.#drawZones();
    if (first && router.route.view === "alert") this.#look();
  }
  #drawZones() {
    const zone = desk.selected?.explanation.zone?.id;
    const wearer = desk.wearer === null ? null : wearerText(desk.wearer);
    this.#set("zones", this.#zones.map((feature) => ({ ...feature, properties: { ...feature.properties, chosen: feature.properties.id === zone || (wearer !== null && feature.properties.wearer === wearer) } })));
  }
  #drawEvidence() {
    const alert = router.route.view === "alert" ? desk.selected : undefined;
    this.#set("evidence", (alert?.explanation.fixes ?? []).flatMap(({ position: { lon, lat }, accuracy_m }, index) => [
      { type: /** @type {const} */ ("Feature"), properties: { what: "accuracy" }, geometry: circle(lon, lat, accuracy_m) },
      { type: /** @type {const} */ ("Feature"), properties: { what: "fix", number: String(index + 1) }, geometry: { type: /** @type {const} */ ("Point"), coordinates: [lon, lat] } },
    ]));
  }
  /** A click on a tag selects it; the pointer over one says who and how old. */
  #hover() {
    const map = this.#map;
    const popup = new maplibre.Popup({ closeButton: false, closeOnClick: false, offset: 12, className: "map-tip" });
    for (const layer of ["tags", "alerts"]) {
      map.on("mousemove", layer, (/** @type {any} */ event) => {
        const tag = live.tags.get(event.features[0].properties.wearer);
        if (!tag) return;
        map.getCanvas().style.cursor = "pointer";
        popup.setLngLat([tag.lon, tag.lat]).setText(t("map-tip", { wearer: wearerText(tag.wearer), age: duration(Math.max(0, centre.now() - tag.at) / 1000), accuracy: distance(tag.accuracy_m) })).addTo(map);
      });
      map.on("mouseleave", layer, () => {
        map.getCanvas().style.cursor = "";
        popup.remove();
      });
      map.on("click", layer, (/** @type {any} */ event) => {
        const { id, wearer } = event.features[0].properties;
        if (id && router.route.view === "triage") desk.select(id, { look: false });
        else if (id) router.go(`/alerts/${id}`);
        else desk.selectWearer(wearer);
      });
    }
  }
}
customElements.define("lenke-map", MapPanel);
