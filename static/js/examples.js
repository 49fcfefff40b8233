// @ts-check
/** Sounds to hear on the page of instructions. */

import { buttons, byId } from "./page.js";
import { SequencePlayer } from "./player.js";
import { parseWav, toBuffer } from "./wav.js";

/** @typedef {import("./api.js").Session} Session */

/** Silences whatever example plays. */
let silence = () => {};
/** Counts presses: a sound that was still loading at the next one does not begin any more. */
let turn = 0;

/**
 * Let the buttons of the examples play them, one at a time, until the trials begin.
 * @param {Session} session
 * @param {() => Promise<AudioContext>} wake
 */
export function offerExamples(session, wake) {
  /** @type {Map<string, Promise<AudioBuffer>>} */
  const loaded = new Map();
  const press = async (/** @type {HTMLButtonElement} */ button) => {
    turn += 1;
    const mine = turn;
    const playing = button.getAttribute("aria-pressed") === "true";
    silence();
    if (playing) return;
    const context = await wake();
    const number = button.dataset.example ?? "";
    const loading = loaded.get(number) ?? load(session, context, number);
    loaded.set(number, loading);
    loading.catch(() => loaded.delete(number)); // asked for again at the next press
    const buffer = await loading;
    if (mine === turn) await play(context, buffer, button);
  };
  for (const button of buttons(".example")) {
    button.onclick = () => void press(button).catch((error) => session.report("example-failed", String(error)));
  }
  byId("begin").addEventListener("click", () => {
    turn += 1;
    silence();
  });
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
  const player = new SequencePlayer(context, [buffer], { gapSeconds: 0, rampSeconds: 0.005 });
  silence = () => player.stop();
  button.setAttribute("aria-pressed", "true");
  await player.play().done;
  button.setAttribute("aria-pressed", "false");
}
