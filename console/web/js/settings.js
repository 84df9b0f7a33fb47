// @ts-check
// What a person chose on this device: language, colour scheme, sound, single keys. Nothing about any case.

/** @typedef {"language" | "scheme" | "sound" | "keys"} Setting */

class Settings extends EventTarget {
  /** @param {Setting} name @returns {string | null} */
  get(name) {
    return localStorage.getItem(`lenke.${name}`);
  }
  /** @param {Setting} name @param {string} value */
  set(name, value) {
    localStorage.setItem(`lenke.${name}`, value);
    this.dispatchEvent(new Event(name));
  }
}

export const settings = new Settings();

export const isDark = () => document.documentElement.dataset.colorScheme === "dark";

/** @param {boolean} dark */
export function setDark(dark) {
  document.documentElement.dataset.colorScheme = dark ? "dark" : "light";
  settings.set("scheme", dark ? "dark" : "light");
}

export const motionReduced = () => matchMedia("(prefers-reduced-motion: reduce)").matches;
