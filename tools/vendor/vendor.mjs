// Copies the pages' third-party code from npm packages into console/web/vendor and records what it copied.
//
//   npm ci && node vendor.mjs            re-creates the files and tools/vendor/manifest.json
//   node vendor.mjs --verify             only checks the committed files against the manifest (needs no packages)
//
// Packages made of many small modules (Lit, Fluent) are joined into one file each; nothing else is changed.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, "node_modules");
const target = join(here, "../../console/web/vendor");
const manifestPath = join(here, "manifest.json");

/** One joined module: the text of its entry and the file it becomes. */
const JOINED = [
  {
    package: "lit",
    file: "lit.js",
    entry: `export { LitElement, html, svg, nothing, render } from "lit"; export { repeat } from "lit/directives/repeat.js"; export { classMap } from "lit/directives/class-map.js"; export { live } from "lit/directives/live.js";`,
  },
  { package: "@fluent/bundle", file: "fluent-bundle.js", entry: `export { FluentBundle, FluentResource } from "@fluent/bundle";` },
];

/** Files taken as they are: package, path in it, name here. */
const COPIED = [
  ["maplibre-gl", "dist/maplibre-gl.mjs", "maplibre-gl.mjs"],
  ["maplibre-gl", "dist/maplibre-gl-worker.mjs", "maplibre-gl-worker.mjs"],
  ["maplibre-gl", "dist/maplibre-gl.css", "maplibre-gl.css"],
  ["@digdir/designsystemet-css", "dist/src/index.css", "designsystemet.css"],
  ["@digdir/designsystemet-css", "dist/theme/designsystemet.css", "designsystemet-theme.css"],
  ...["latin", "latin-ext"].flatMap((subset) =>
    [400, 600].map((weight) => ["@fontsource/inter", `files/inter-${subset}-${weight}-normal.woff2`, `fonts/inter-${subset}-${weight}.woff2`]),
  ),
];
/** Types for the editor and `tsc`: they send it to the packages that tests/browser installs. */
const TYPES = {
  "lit.d.ts": `export { LitElement, html, svg, nothing, render } from "lit";\nexport { repeat } from "lit/directives/repeat.js";\nexport { classMap } from "lit/directives/class-map.js";\nexport { live } from "lit/directives/live.js";\n`,
  "fluent-bundle.d.ts": `export { FluentBundle, FluentResource } from "@fluent/bundle";\n`,
  "maplibre-gl.d.mts": `export * from "maplibre-gl";\n`,
};
/** Packages that come without their licence's text. */
const LICENCE_NOTES = {
  "@fluent/bundle": "Copyright Mozilla and others, Project Fluent. Licensed under the Apache License, Version 2.0;\nyou may obtain a copy of it at https://www.apache.org/licenses/LICENSE-2.0\n",
};

const sha256 = (path) => createHash("sha256").update(readFileSync(path)).digest("hex");
const about = (name) => JSON.parse(readFileSync(join(modules, name, "package.json"), "utf8"));

function verify() {
  const manifest = JSON.parse(readFileSync(manifestPath, "utf8"));
  const wrong = manifest.files.filter(({ file, sha256: expected }) => sha256(join(target, file)) !== expected);
  for (const { file } of wrong) console.error(`console/web/vendor/${file} differs from tools/vendor/manifest.json`);
  console.log(`${manifest.files.length - wrong.length} vendored files match, ${wrong.length} differ`);
  process.exitCode = wrong.length ? 1 : 0;
}

async function create() {
  const { build } = await import("esbuild");
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, "fonts"), { recursive: true });
  mkdirSync(join(target, "licences"), { recursive: true });
  const files = [];
  const record = (name, file) => {
    const { version, license } = about(name);
    files.push({ file, package: name, version, licence: license, bytes: statSync(join(target, file)).size, sha256: sha256(join(target, file)) });
  };
  for (const { package: name, file, entry } of JOINED) {
    await build({ stdin: { contents: entry, resolveDir: here }, bundle: true, format: "esm", minify: true, target: "es2022", legalComments: "inline", outfile: join(target, file), logLevel: "error" });
    record(name, file);
  }
  for (const [name, from, file] of COPIED) {
    copyFileSync(join(modules, name, from), join(target, file));
    record(name, file);
  }
  for (const name of new Set(files.map((file) => file.package))) {
    const text = ["LICENSE", "LICENSE.txt", "LICENSE.md"].map((file) => join(modules, name, file)).find((path) => statSync(path, { throwIfNoEntry: false }));
    const note = LICENCE_NOTES[name];
    if (!text && !note) throw new Error(`${name} carries no licence text`);
    const file = `licences/${name.replace(/^@/, "").replace("/", "-")}.txt`;
    if (text) copyFileSync(text, join(target, file));
    else writeFileSync(join(target, file), note);
    record(name, file);
  }
  for (const [file, text] of Object.entries(TYPES)) writeFileSync(join(target, file), text);
  writeFileSync(manifestPath, `${JSON.stringify({ files }, null, 2)}\n`);
  console.log(`${files.length} files, ${Math.round(files.reduce((sum, file) => sum + file.bytes, 0) / 1024)} KiB`);
}

if (process.argv.includes("--verify")) verify();
else await create();
