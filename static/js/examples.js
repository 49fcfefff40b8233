// @ts-check
/** Sounds to hear on the page of instructions. */

import { SequencePlayer } from "./player.js";
import { parseWav, toBuffer } from "./wav.js";
import { buttons } from "./page.js";

/** @typedef {import("./api.js").Session} Session */

/** Silences whatever example plays. */
let silence = () => {};

/**
 * Let the buttons of the examples play them, one at a time.
 * @param {Session} session
 * @param {() => Promise<AudioContext>} wake
 */
export function offerExamples(session, wake) {
  /** @type {Map<string, Promise<AudioBuffer>>} */
  const loaded = new Map();
  for (const button of buttons(".example")) {
    button.onclick = async () => {
      const context = await wake();
      const number = button.dataset.example ?? "";
      const loading = loaded.get(number) ?? load(session, context, number);
      loaded.set(number, loading);
      loading.catch(() => loaded.delete(number)); // asked for again at the next press
      const playing = button.getAttribute("aria-pressed") === "true";
      stopExamples();
      if (playing) return;
      await play(context, await loading, button);
    };
  }
}

/** To be called before anything else plays. */
export function stopExamples() {
  silence();
}

/**
 * @param {Session} session
 * @param {AudioContext} context
 * @param {string} number
 */
async function load(session, context, number) {
  return toBuffer(context, parseWav(await session.bytes(`/examples/${number}`)));
}

/**
 * @param {AudioContext} context
 * @param {AudioBuffer} buffer
 * @param {HTMLButtonElement} button
 */
async function play(context, buffer, button) {
  stopExamples();
  const player = new SequencePlayer(context, [buffer], { gapSeconds: 0, rampSeconds: 0.005 });
  silence = () => player.stop();
  button.setAttribute("aria-pressed", "true");
  await player.play().done;
  button.setAttribute("aria-pressed", "false");
}
