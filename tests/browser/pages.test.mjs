// What of the pages can be told without a browser.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { bounds, circle, trailFeatures } from "../../console/web/js/geo.js";

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const web = join(root, "console/web");
const MAP_BYTES_MAX = 6_000_000;
const LINES_MAX = 300;

test("a drawn circle has its radius in every direction", () => {
  const { coordinates: [ring] } = circle(10.75, 59.91, 500);
  for (const [lon, lat] of ring) {
    const east = (lon - 10.75) * 111_195 * Math.cos((59.91 * Math.PI) / 180);
    const north = (lat - 59.91) * 111_195;
    assert.ok(Math.abs(Math.hypot(east, north) - 500) < 2);
  }
  assert.deepEqual(ring[0], ring.at(-1));
});

test("bounds cover points and nested rings, and are none for nothing", () => {
  assert.equal(bounds([[], []]), null);
  assert.deepEqual(bounds([[[10, 60], [11, 59]], [[[5, 62], [6, 61]]]]), [5, 59, 11, 62]);
});

test("a trail is solid between near fixes and dashed over gaps", () => {
  const at = (minute, late = false) => ({ at: minute * 60_000, lat: 60, lon: 10 + minute / 100, late });
  const features = trailFeatures([at(0), at(1), at(2, true), at(30), at(31)], 5 * 60_000);
  const kinds = features.map((feature) => feature.properties?.what);
  assert.equal(kinds.filter((kind) => kind === "point").length, 5);
  assert.equal(kinds.filter((kind) => kind === "line").length, 2);
  assert.equal(kinds.filter((kind) => kind === "gap").length, 1);
  assert.deepEqual(trailFeatures([], 1), []);
});

test("vendored files are those of the manifest", () => {
  execFileSync(process.execPath, [join(root, "tools/vendor/vendor.mjs"), "--verify"], { stdio: "pipe" });
});

test("the base map is small and the modules are short", () => {
  assert.ok(statSync(join(web, "basemap/nordic.pmtiles")).size < MAP_BYTES_MAX);
  for (const file of readdirSync(join(web, "js"))) {
    const lines = readFileSync(join(web, "js", file), "utf8").split("\n").length;
    assert.ok(lines <= LINES_MAX, `${file} has ${lines} lines`);
  }
});
