// @ts-check
// A short signal for a new or escalated P1. Browsers allow sound only after a person has touched the page, so it
// stays off until then, and it can be muted.
import { live } from "./live.js";
import { settings } from "./settings.js";

const TONES_HZ = [880, 660, 880];
const TONE_S = 0.16;
const GAP_S = 0.06;
const VOLUME = 0.2;

/** @type {AudioContext | null} */
let audio = null;

export const soundOn = () => settings.get("sound") === "on";
/** Whether a signal would be heard. */
export const soundReady = () => soundOn() && audio?.state === "running";

async function wake() {
  audio ??= new AudioContext();
  if (audio.state === "suspended") await audio.resume();
  settings.dispatchEvent(new Event("sound"));
}

/** Must be called from a click or key. @param {boolean} on */
export async function setSound(on) {
  settings.set("sound", on ? "on" : "off");
  if (!on) return;
  await wake();
  signal();
}

function signal() {
  if (!audio || audio.state !== "running" || !soundOn()) return;
  let at = audio.currentTime;
  for (const hertz of TONES_HZ) {
    const tone = new OscillatorNode(audio, { type: "triangle", frequency: hertz });
    const level = new GainNode(audio, { gain: 0 });
    level.gain.setValueAtTime(0, at);
    level.gain.linearRampToValueAtTime(VOLUME, at + 0.01);
    level.gain.setValueAtTime(VOLUME, at + TONE_S - 0.03);
    level.gain.linearRampToValueAtTime(0, at + TONE_S);
    tone.connect(level).connect(audio.destination);
    tone.start(at);
    tone.stop(at + TONE_S);
    at += TONE_S + GAP_S;
  }
}

export function watchForSound() {
  const first = () => void (soundOn() && wake());
  addEventListener("pointerdown", first, { once: true });
  addEventListener("keydown", first, { once: true });
  live.addEventListener("alert", (event) => {
    const { alert, before } = /** @type {CustomEvent} */ (event).detail;
    const fresh = !before || before.escalation < alert.escalation;
    if (alert.priority === "P1" && alert.state === "raised" && fresh) signal();
  });
}
