// An operator's work on the console, by keyboard, in headless Chromium. Against a running console:
//
//   LENKE_URL=http://127.0.0.1:8080 LENKE_USER=... LENKE_PASSWORD=... LENKE_SHOTS=folder node console.mjs
//
// Ends with `N passed, N failed`; the exit code tells the same.
import { readFileSync } from "node:fs";
import { Steps, checkBothSchemes, ensure, openPage, shot } from "./harness.mjs";

const url = (process.env.LENKE_URL ?? "http://127.0.0.1:8080").replace(/\/$/, "");
const user = process.env.LENKE_USER ?? "operator";
const password = process.env.LENKE_PASSWORD ?? "";
const shots = process.env.LENKE_SHOTS ?? "";
const FIRST_ALERT_MS = 90_000;

const steps = new Steps();
const { browser, page, problems } = await openPage();
const row = (selector = "") => page.locator(`.queue .row[data-id]${selector}`);
const selectedId = () => row('[aria-selected="true"]').getAttribute("data-id");
const active = () => page.evaluate(() => document.activeElement?.getAttribute("data-id") ?? document.activeElement?.id ?? document.activeElement?.localName);

await steps.step("an unknown visitor is asked to sign in", async () => {
  await page.goto(`${url}/`);
  await page.waitForSelector("#name");
  ensure((await active()) === "name", `focus is on ${await active()}, not on the user name`);
});

await steps.step("axe finds nothing on the login page", () => checkBothSchemes(page, "login", shots));

await steps.step("a wrong password is refused with a clear message and the focus in the field", async () => {
  await page.focus("#name");
  await page.keyboard.type(user);
  await page.keyboard.press("Tab");
  await page.keyboard.type("certainly-not-the-password");
  await page.keyboard.press("Enter");
  await page.waitForSelector("#sign-in-problem .ds-alert");
  await page.waitForFunction(() => document.activeElement?.id === "password");
});

const inside = await steps.step("signing in by keyboard leads to the queue", async () => {
  await page.keyboard.press("Control+a");
  await page.keyboard.type(password);
  await page.keyboard.press("Enter");
  await page.waitForSelector(".queue");
  ensure(new URL(page.url()).pathname === "/", `at ${page.url()}`);
});

await steps.step("an alert appears", () => row().first().waitFor({ timeout: FIRST_ALERT_MS }));
const description = await page.evaluate(async () => {
  const response = await fetch("/api/v1/openapi.json");
  return response.ok ? response.json() : null;
});
if (description) {
  await steps.step("the API's own description has every field that the pages read", async () => {
    const missing = fieldsRead().filter(({ schema, field }) => !(field in (description.components.schemas[schema]?.properties ?? {})));
    ensure(missing.length === 0, missing.map(({ schema, field }) => `${schema}.${field}`).join(", "));
  });
}
/** Fields of the types that the pages are checked against. @returns {{schema: string, field: string}[]} */
function fieldsRead() {
  const source = readFileSync(new URL("../../console/web/api-types.d.ts", import.meta.url), "utf8");
  const named = { Alert: "Alert", Explanation: "Explanation", Evidence: "FixEvidence", TimelineEntry: "TimelineEntry", LastPosition: "LastPosition", TrailFix: "TrailFix", ZoneProperties: "ZoneProperties", Me: "Me", Quarantined: "Quarantined", Compliance: "Compliance", ComplianceDay: "ComplianceDay", ComplianceLine: "ComplianceLine", ComplianceStretch: "ComplianceStretch" };
  return Object.entries(named).flatMap(([type, schema]) => {
    const body = new RegExp(`interface ${type} \\{([^}]*)\\n?\\}`).exec(source.replace(/\{[^{}\n]*\} \| null/g, "null"))?.[1] ?? "";
    return [...body.matchAll(/(\w+)\??:/g)].map(([, field]) => ({ schema, field: field ?? "" }));
  });
}

await steps.step("the map is drawn with positions", async () => {
  await page.waitForSelector("lenke-map[data-ready]");
  await page.waitForFunction(() => Number(document.querySelector('[data-figure="tags"] dd')?.textContent?.replace(/\D/g, "")) > 0);
});
await steps.step("the page says that it is live", () => page.waitForSelector('.now[data-stale="false"]'));

await steps.step("arrows, Home and End move in the queue", async () => {
  await page.waitForFunction(() => document.querySelectorAll(".queue .row[data-id]").length > 1, null, { timeout: FIRST_ALERT_MS });
  await again(3, move);
});
/** Alerts come and go while the test runs; what fails for that reason works the next time. @param {number} times @param {() => Promise<void>} run */
async function again(times, run) {
  for (let left = times; ; left -= 1) {
    try {
      return await run();
    } catch (error) {
      if (left <= 1) throw error;
    }
  }
}
async function move() {
  page.setDefaultTimeout(10_000);
  await page.keyboard.press("Home");
  await page.waitForFunction(() => document.activeElement?.matches(".row[data-id]"));
  const first = await selectedId();
  await page.keyboard.press("ArrowDown");
  await page.waitForFunction((before) => document.activeElement?.getAttribute("data-id") !== before, first);
  const second = await selectedId();
  ensure(first !== second && (await active()) === second, "the arrow did not move the selection and the focus");
  await page.keyboard.press("ArrowUp");
  ensure((await selectedId()) === first, "the arrow up did not come back");
  await page.keyboard.press("End");
  await page.waitForFunction((before) => document.activeElement?.getAttribute("data-id") !== before, first);
  await page.keyboard.press("Home");
  await page.waitForFunction((before) => document.activeElement?.getAttribute("data-id") === before, first);
  page.setDefaultTimeout(60_000);
}

let taken = "";
await steps.step("k takes the selected alert: its state and owner show it", async () => {
  await row('[data-state="raised"]').first().waitFor({ timeout: FIRST_ALERT_MS });
  await again(4, take);
});
async function take() {
  await page.keyboard.press("Home");
  for (let moves = 0; moves < 200; moves += 1) {
    if ((await row('[aria-selected="true"]').getAttribute("data-state")) === "raised") break;
    await page.keyboard.press("ArrowDown");
  }
  taken = (await selectedId()) ?? "";
  await page.keyboard.press("k");
  await page.waitForSelector(`.row[data-id="${taken}"][data-state="acknowledged"] .owner[data-mine="true"]`, { timeout: 15_000 });
  ensure((await selectedId()) === taken, "the selection moved away");
}

await steps.step("axe finds nothing on the monitoring page", () => checkBothSchemes(page, "triage", shots));

await steps.step("Enter opens the alert, which says why in words", async () => {
  await page.locator(`.row[data-id="${taken}"]`).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(`${url}/alerts/${taken}`);
  const why = ((await page.locator("[data-why]").textContent()) ?? "").trim();
  ensure(why.length > 20 && /\s/.test(why) && !/reason-|\{|NaN|undefined/.test(why), `why: “${why}”`);
  console.log(`     “${why}”`);
  ensure(/\/\d/.test((await page.locator(".facts code").first().textContent()) ?? ""), "the rule's version is not shown");
  await page.waitForSelector('.timeline [data-change="acknowledged"]');
});

await steps.step("n writes a note", async () => {
  await page.keyboard.press("n");
  await page.waitForSelector("dialog[open] textarea:focus");
  await page.keyboard.type("Called, no answer.");
  await send();
  await page.waitForSelector('.timeline [data-change="noted"] blockquote');
});

await steps.step("the account is shown when it is asked for: a strip a day with its figures in words", async () => {
  await page.click('[data-action="account"]');
  await page.waitForSelector(".account li, lenke-account .quiet:not([role])");
  const said = await page.locator("lenke-account").innerText();
  ensure(/\d/.test(said), said);
  const days = await page.locator(".account li").count();
  ensure(days === (await page.locator(".account li .figures").count()), "a day without words");
});
await steps.step("axe finds nothing on the alert", () => checkBothSchemes(page, "alert", shots));

await steps.step("r resolves it with an outcome and words", async () => {
  await page.locator("#detail-title").focus();
  await page.keyboard.press("r");
  await page.waitForSelector("dialog[open] input[type=radio]:focus");
  await page.keyboard.press("Space");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  ensure((await page.locator("dialog input:checked").getAttribute("value")) === "false_alert", "the arrows did not choose the outcome");
  await page.keyboard.press("Tab");
  await page.keyboard.type("Tested by keyboard.");
  await shot(page, "resolve", shots);
  await send();
  await page.waitForSelector('.detail[data-state="resolved"]');
});

/** Sends the open dialog; if the alert changed meanwhile, once more, as a person would. */
async function send() {
  for (let tries = 0; tries < 3; tries += 1) {
    await page.keyboard.press("Control+Enter");
    const closed = await page.waitForSelector("dialog[open]", { state: "detached", timeout: 5000 }).then(() => true, () => false);
    if (closed) return;
  }
  throw new Error(`the dialog says: ${await page.locator("#dialog-problem").textContent()}`);
}

await steps.step("Escape goes back to the queue with the focus in it", async () => {
  await page.keyboard.press("Escape");
  await page.waitForURL(`${url}/`);
  await page.waitForFunction(() => document.activeElement?.matches(".row[data-id]"));
});

await steps.step("? shows the keys", async () => {
  await page.keyboard.press("?");
  await page.waitForSelector("dialog[open] .keys");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog[open]", { state: "detached" });
});

await steps.step("axe finds nothing on a phone and on a very high page", async () => {
  for (const [name, viewport] of /** @type {const} */ ([["phone", { width: 400, height: 850 }], ["high", { width: 1280, height: 4000 }]])) {
    await page.setViewportSize(viewport);
    await checkBothSchemes(page, name, name === "phone" ? shots : "");
    ensure(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name}: the page is wider than the window`);
  }
  await page.setViewportSize({ width: 1600, height: 950 });
});

await steps.step("the administration page is for administrators and passes axe", async () => {
  const role = await page.evaluate(async () => (await (await fetch("/api/v1/me")).json()).role);
  await page.goto(`${url}/admin`);
  if (role === "administrator") {
    await page.waitForSelector(".cards dd");
    await page.fill("#audit-subject", "all");
    await page.click(".audit-form button[type=submit]");
    await page.waitForSelector("lenke-audit tbody tr");
  }
  else await page.waitForSelector('.ds-alert[data-color="warning"]');
  await checkBothSchemes(page, `admin-${role}`, shots);
});

await steps.step("the page runs in every language", async () => {
  await page.goto(`${url}/`);
  await page.waitForSelector(".queue");
  for (const language of ["nb", "nn", "da", "se", "en"]) {
    await page.locator(".language select").selectOption(language);
    await page.waitForFunction((code) => document.documentElement.lang === code, language);
    const text = (await page.locator("body").innerText()).match(/\b(?:figure|column|state|kind|reason|next|queue|nav)-[a-z_-]+/);
    ensure(text === null, `${language} shows the id ${text?.[0]}`);
  }
});

await steps.step("signing out leads back to the login page", async () => {
  await page.locator(".tools button").last().click();
  await page.waitForSelector("#name");
  const status = await page.evaluate(async () => (await fetch("/api/v1/me")).status);
  ensure(status === 401, `the session still answers ${status}`);
});

await steps.step("no errors, no content policy violations, no foreign requests", async () => ensure(problems.length === 0, [...new Set(problems)].join("\n")));
if (!inside) await shot(page, "failure", shots);
await browser.close();
steps.end();
