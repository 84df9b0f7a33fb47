// @ts-check
// Messages from the .ftl files. Every word on a page comes from here; English steps in where a language has a gap.
import { FluentBundle, FluentResource } from "../vendor/fluent-bundle.js";
import { settings } from "./settings.js";

/** The languages we have, the browser codes that mean them, and the locale that formats their numbers and dates:
 *  browsers carry no data of their own for Nynorsk and Northern Sami. */
export const LANGUAGES = /** @type {const} */ ({
  nb: { browser: ["nb", "no"], format: "nb-NO" },
  nn: { browser: ["nn"], format: "nb-NO" },
  da: { browser: ["da"], format: "da-DK" },
  en: { browser: ["en"], format: "en-GB" },
  se: { browser: ["se", "sme"], format: "nb-NO" },
});
/** @typedef {keyof typeof LANGUAGES} Language */

const FALLBACK = "en";
/** @type {Map<string, FluentBundle>} */
const bundles = new Map();
/** @type {Language} */
let language = FALLBACK;

/** Tells components that they must draw themselves anew. */
export const messages = new EventTarget();

/** @param {string | null} text @returns {text is Language} */
const known = (text) => text !== null && Object.hasOwn(LANGUAGES, text);

/** @returns {Language} */
function preferred() {
  const chosen = settings.get("language");
  if (known(chosen)) return chosen;
  for (const wanted of navigator.languages) {
    const base = wanted.toLowerCase().split("-")[0] ?? "";
    for (const code of /** @type {Language[]} */ (Object.keys(LANGUAGES))) {
      if (/** @type {readonly string[]} */ (LANGUAGES[code].browser).includes(base)) return code;
    }
  }
  return FALLBACK;
}

/** @param {Language} code */
async function load(code) {
  if (bundles.has(code)) return;
  const response = await fetch(`/locales/${code}.ftl`);
  if (!response.ok) throw new Error(`/locales/${code}.ftl: ${response.status}`);
  const bundle = new FluentBundle([code, LANGUAGES[code].format], { useIsolating: false });
  const errors = bundle.addResource(new FluentResource(await response.text()));
  if (errors.length) console.error(code, ...errors);
  bundles.set(code, bundle);
}

/** @param {Language} code */
async function use(code) {
  const loaded = await Promise.allSettled([load(code), load(FALLBACK)]);
  for (const result of loaded) if (result.status === "rejected") console.error(result.reason);
  language = code;
  document.documentElement.lang = code;
  messages.dispatchEvent(new Event("change"));
}

export const start = () => use(preferred());
export const currentLanguage = () => language;
/** The locale for Intl. */
export const formatLocale = () => LANGUAGES[language].format;

/** @param {Language} code */
export async function chooseLanguage(code) {
  settings.set("language", code);
  await use(code);
}

/** Whether there is such a message at all, for codes that the server may add.
 *  @param {string} id */
export const has = (id) => Boolean(bundles.get(language)?.hasMessage(id) || bundles.get(FALLBACK)?.hasMessage(id));

/** The message in the reader's language.
 *  @param {string} id @param {Record<string, string | number>} [args] @returns {string} */
export function t(id, args) {
  for (const code of [language, FALLBACK]) {
    const bundle = bundles.get(code);
    const message = bundle?.getMessage(id);
    if (bundle && message?.value) return bundle.formatPattern(message.value, args ?? null);
  }
  return id;
}
