// @ts-check
// Small geometry for drawing. Nothing is decided here: verdicts come from the centre.

const EARTH_M = 6_371_008.8;
const CIRCLE_POINTS = 48;
const RADIANS = Math.PI / 180;

/** A circle on the ground as a polygon. @param {number} lon @param {number} lat @param {number} radius_m
 *  @returns {GeoJSON.Polygon} */
export function circle(lon, lat, radius_m) {
  const north = radius_m / EARTH_M / RADIANS;
  const east = north / Math.cos(lat * RADIANS);
  const ring = Array.from({ length: CIRCLE_POINTS + 1 }, (_, index) => {
    const angle = (2 * Math.PI * (index % CIRCLE_POINTS)) / CIRCLE_POINTS;
    return [lon + east * Math.sin(angle), lat + north * Math.cos(angle)];
  });
  return { type: "Polygon", coordinates: [ring] };
}

/** West, south, east, north of anything with coordinates, `null` if there is nothing.
 *  @param {unknown} coordinates @param {[number, number, number, number] | null} [box]
 *  @returns {[number, number, number, number] | null} */
export function bounds(coordinates, box = null) {
  if (!Array.isArray(coordinates)) return box;
  const [lon, lat] = coordinates;
  if (typeof lon === "number" && typeof lat === "number") {
    return box ? [Math.min(box[0], lon), Math.min(box[1], lat), Math.max(box[2], lon), Math.max(box[3], lat)] : [lon, lat, lon, lat];
  }
  return coordinates.reduce((found, inner) => bounds(inner, found), box);
}

/** @param {GeoJSON.Feature[]} features @returns {GeoJSON.FeatureCollection} */
export const collection = (features) => ({ type: "FeatureCollection", features });

/** A trail as lines: solid where fixes follow each other, dashed over gaps.
 *  @param {{at: number, lat: number, lon: number, late: boolean}[]} fixes oldest first @param {number} gap_ms
 *  @returns {GeoJSON.Feature[]} */
export function trailFeatures(fixes, gap_ms) {
  /** @type {GeoJSON.Feature[]} */
  const features = [];
  /** @type {number[][]} */
  let line = [];
  /** @param {number[][]} coordinates @param {boolean} gap */
  const add = (coordinates, gap) => {
    if (coordinates.length > 1) features.push({ type: "Feature", properties: { what: gap ? "gap" : "line" }, geometry: { type: "LineString", coordinates } });
  };
  for (const [index, fix] of fixes.entries()) {
    const before = fixes[index - 1];
    if (before && fix.at - before.at > gap_ms) {
      add(line, false);
      add([[before.lon, before.lat], [fix.lon, fix.lat]], true);
      line = [];
    }
    line.push([fix.lon, fix.lat]);
    features.push({ type: "Feature", properties: { what: "point", late: fix.late }, geometry: { type: "Point", coordinates: [fix.lon, fix.lat] } });
  }
  add(line, false);
  return features;
}
