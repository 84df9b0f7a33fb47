// Shared by the browser tests: a headless Chromium, steps that are counted, accessibility checks.
import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { chromium } from "playwright-core";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/** `./test` says which one it found or installed. */
const CHROMIUM = process.env.LENKE_TEST_CHROMIUM || "/usr/bin/chromium";
const ARGUMENTS = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"];
const STEP_MS = 60_000;

/** Opens a page that writes down everything that should not happen on it.
 *  @param {import("playwright-core").BrowserContextOptions} [options] */
export async function openPage(options = {}) {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ARGUMENTS });
  const context = await browser.newContext({ viewport: { width: 1600, height: 950 }, reducedMotion: "reduce", locale: "en-GB", ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_MS);
  /** @type {string[]} */
  const problems = [];
  page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
  page.on("console", (message) => {
    if (message.type() !== "error" && message.type() !== "warning") return;
    // The browser itself reports answers such as 401 before signing in, or 409 and 422 of an action, as errors.
    if (/Failed to load resource: the server responded with a status of (401|403|404|409|422) /.test(message.text()) && message.location().url.includes("/api/v1/")) return;
    if (/GPU stall due to ReadPixels/.test(message.text())) return;
    problems.push(`console ${message.type()}: ${message.text()}`);
  });
  page.on("request", (request) => {
    const { protocol, host } = new URL(request.url());
    if (protocol.startsWith("http") && host !== new URL(page.url() === "about:blank" ? request.url() : page.url()).host) problems.push(`asked another host: ${request.url()}`);
  });
  await page.addInitScript(() => document.addEventListener("securitypolicyviolation", (event) => console.error(`content policy: ${event.violatedDirective} ${event.blockedURI}`)));
  return { browser, context, page, problems };
}

/** Counts steps and says which failed and why. */
export class Steps {
  passed = 0;
  failed = 0;
  /** @param {string} name @param {() => Promise<unknown>} run @returns {Promise<boolean>} */
  async step(name, run) {
    const start = performance.now();
    try {
      await run();
      this.passed += 1;
      console.log(`ok   ${name} (${Math.round(performance.now() - start)} ms)`);
      return true;
    } catch (error) {
      this.failed += 1;
      console.log(`FAIL ${name}\n     ${String(error instanceof Error ? error.message : error).split("\n").slice(0, 12).join("\n     ")}`);
      return false;
    }
  }
  /** Prints the last line and sets the exit code. */
  end() {
    console.log(`${this.passed} passed, ${this.failed} failed`);
    process.exitCode = this.failed ? 1 : 0;
  }
}

/** @param {boolean} condition @param {string} message */
export function ensure(condition, message) {
  if (!condition) throw new Error(message);
}

/** What axe finds on the page as it is. @param {import("playwright-core").Page} page */
export async function violations(page) {
  await page.evaluate(`${AXE};0`);
  const found = await page.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags, resultTypes: ["violations"] }), AXE_TAGS);
  return found.violations.map((violation) => `${violation.impact} ${violation.id}: ${violation.nodes.slice(0, 3).map((node) => `${node.target.join(" ")} (${node.any[0]?.message ?? node.all[0]?.message ?? node.none[0]?.message ?? ""})`).join("; ")}`);
}

/** Shows the page in a colour scheme, by the page's own switch. @param {import("playwright-core").Page} page @param {"light" | "dark"} scheme */
export async function useScheme(page, scheme) {
  const current = await page.evaluate(() => document.documentElement.dataset.colorScheme);
  if (current !== scheme) await page.locator("[data-tool=scheme]").click();
  await page.waitForFunction((wanted) => document.documentElement.dataset.colorScheme === wanted, scheme);
  await page.waitForTimeout(150);
}

/** Accessibility in both schemes, with a picture of each.
 *  @param {import("playwright-core").Page} page @param {string} name @param {string} folder */
export async function checkBothSchemes(page, name, folder) {
  const found = [];
  for (const scheme of /** @type {const} */ (["dark", "light"])) {
    await useScheme(page, scheme);
    found.push(...(await violations(page)).map((text) => `${scheme}: ${text}`));
    await shot(page, `${name}-${scheme}`, folder);
  }
  ensure(found.length === 0, found.join("\n"));
}

/** @param {import("playwright-core").Page} page @param {string} name @param {string} folder */
export async function shot(page, name, folder) {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  if (await page.locator(".map-box").isVisible()) await page.waitForSelector("lenke-map[data-idle]", { timeout: 10_000 }).catch(() => undefined);
  await page.screenshot({ path: `${folder}/${name}.png` });
}
