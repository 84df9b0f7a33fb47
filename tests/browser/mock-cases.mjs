// What cannot be asked of a real centre at will: a lost line, two people at one alert, an alert while one works.
import { Steps, checkBothSchemes, ensure, openPage, shot } from "./harness.mjs";
import { PASSWORD } from "./mock-server.mjs";

/** @param {string} url @param {string} shots */
export async function runMockCases(url, shots) {
  const steps = new Steps();
  const { browser, page, problems } = await openPage({ locale: "nb-NO" });
  const ask = (path) => page.evaluate(async (to) => (await fetch(`/api/v1${to}`)).json(), path);

  await steps.step("the browser's language is used", async () => {
    await page.goto(`${url}/admin`);
    await page.waitForSelector("#name");
    ensure((await page.evaluate(() => document.documentElement.lang)) === "nb", "not in bokmål");
  });
  await steps.step("after signing in one is where one wanted to be, and is told if it is not allowed", async () => {
    await page.keyboard.type("operator");
    await page.keyboard.press("Tab");
    await page.keyboard.type(PASSWORD);
    await page.keyboard.press("Enter");
    await page.waitForSelector('.admin .ds-alert[data-color="warning"]');
    ensure(new URL(page.url()).pathname === "/admin", page.url());
    await checkBothSchemes(page, "admin-forbidden", "");
    await page.goto(`${url}/`);
    await page.waitForSelector(".queue .row[data-id]");
  });
  await steps.step("the most urgent alerts stand first, taken ones last", async () => {
    const rows = await page.locator(".queue .row[data-id]").evaluateAll((all) => all.map((one) => `${one.dataset.state === "raised" ? 0 : 1} ${one.dataset.priority}`));
    ensure(rows.join() === [...rows].sort().join(), rows.join());
  });
  await steps.step("a new alert waits while the queue is in use, is announced, and comes at a press", async () => {
    await page.keyboard.press("Home");
    await page.keyboard.press("ArrowDown");
    const before = await page.locator(".queue .row[data-id]").count();
    const alert = await ask("/test/raise?index=0");
    await page.waitForSelector('.waiting[data-color="danger"]');
    ensure((await page.locator(".queue .row[data-id]").count()) === before, "the queue moved under the hand");
    ensure(((await page.locator("[data-announcer]").textContent()) ?? "").includes(alert.wearer), "it was not announced");
    await page.locator(".waiting").click();
    await page.waitForSelector(`.row[data-id="${alert.id}"]:focus`);
  });
  await steps.step("two people at one alert: the second is told who was first", async () => {
    await page.keyboard.press("End");
    await page.keyboard.press("Home");
    const id = await page.locator('.row[aria-selected="true"]').getAttribute("data-id");
    // The other's change must not arrive by the stream before the key is pressed.
    await page.route("**/acknowledge", async (route) => {
      await ask(`/test/steal?id=${id}`);
      await route.continue();
    });
    await page.keyboard.press("k");
    await page.waitForSelector('.notice[data-tone="warning"]');
    ensure(((await page.locator(".notice").first().textContent()) ?? "").includes("kari"), "it does not say who");
    await page.waitForSelector(`.row[data-id="${id}"][data-state="acknowledged"]`);
    await page.unroute("**/acknowledge");
    await checkBothSchemes(page, "conflict", "");
    await shot(page, "conflict", shots);
  });
  await steps.step("an alert that comes while another is open shows beside the work", async () => {
    await page.locator('.row[aria-selected="true"]').focus();
    await page.keyboard.press("Enter");
    await page.waitForSelector("#detail-title:focus");
    await ask("/test/raise?index=1");
    await page.waitForSelector(".notice a[href^='/alerts/']");
    ensure(await page.evaluate(() => document.activeElement?.id === "detail-title"), "the focus was taken away");
    await shot(page, "incoming", shots);
  });
  await steps.step("a silent line is shown as not live, and its end too", async () => {
    await ask("/test/silence?on=1");
    await page.waitForSelector('.now[data-stale="true"]', { timeout: 25_000 });
    ensure(await page.locator(".stale-banner").isVisible(), "no banner");
    await shot(page, "stale", shots);
    await checkBothSchemes(page, "stale", "");
    await ask("/test/silence?on=0");
    await page.waitForSelector('.now[data-stale="false"]', { timeout: 15_000 });
  });
  await steps.step("every reason is told in words in every language", async () => {
    const alerts = await ask("/alerts?state=open");
    for (const language of ["nb", "nn", "da", "se", "en"]) {
      await page.locator(".language select").selectOption(language);
      for (const alert of alerts) {
        await page.evaluate((id) => { history.pushState(null, "", `/alerts/${id}`); dispatchEvent(new PopStateEvent("popstate")); }, alert.id);
        await page.waitForSelector(`.detail[data-priority="${alert.priority}"]`);
        const text = await page.locator(".detail").innerText();
        ensure(!/reason-|kind-|next-|\{|NaN|undefined|null/.test(text), `${language} ${alert.kind}: ${text}`);
      }
    }
  });
  await steps.step("no errors, no content policy violations, no foreign requests", async () => ensure(problems.length === 0, [...new Set(problems)].join("\n")));
  await browser.close();
  return steps;
}
