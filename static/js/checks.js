// @ts-check
/**
 * The checks before the first trial. Every kind is the same to this page: play a sound, answer,
 * and let the server say what comes of it. Only a level is set instead of answered.
 */

import { CheckSound } from "./check_sound.js";
import { buttons, byId, onKeys, say, showStep } from "./page.js";
import { text } from "./texts.js";
import { setVolume } from "./volume.js";
import { parseWav, toBuffer } from "./wav.js";

/** @typedef {import("./api.js").Session} Session */
/**
 * @typedef {{
 *   kind: string, number: number, n_trials: number, attempt: number, answers: string[],
 *   intervals: { start: number, end: number }[],
 *   gain_range: { lowest: number, highest: number, first: number } | null,
 *   clip: string, answer: string
 * }} CheckTrial
 */

// What the study does not have is not loaded; what it has, before anything begins.
const level = document.querySelector("#check-kind-level") && (await import("./level_check.js"));

/**
 * One check, from its first sound to its end.
 * @param {Session} session
 * @param {AudioContext} context
 * @returns {Promise<void>} when it is over: passed, failed, or to be given again
 */
export async function takeCheck(session, context) {
  for (let isFirst = true; ; isFirst = false) {
    /** @type {CheckTrial} */
    const trial = await session.json("POST", "/check");
    if (isFirst) present(trial);
    byId("check-count").textContent =
      trial.n_trials > 1 ? text("check-sound", { place: trial.number, total: trial.n_trials }) : "";
    const buffer = toBuffer(context, parseWav(await session.bytes(trial.clip)));
    const { gain_range: range } = trial;
    const answer = range === null ? await hear(context, buffer, trial, isFirst) : await level?.setLevel(context, buffer, range);
    const result = await session.json("PUT", trial.answer, { answer });
    setVolume(result.gain_db);
    if (result.outcome === "next") continue;
    if (result.outcome === "again") say("check-message", byId("check-answers").dataset.again ?? "", "bad");
    else say("check-message", "");
    return;
  }
}

/**
 * Put the texts and the answers of its kind on the page.
 * @param {CheckTrial} trial
 */
function present({ kind, attempt }) {
  const template = byId(`check-kind-${kind}`);
  if (!(template instanceof HTMLTemplateElement)) throw new Error(`no template for check ${kind}`);
  const body = byId("check-body");
  body.replaceChildren(template.content.cloneNode(true));
  body.dataset.kind = kind;
  if (attempt === 1) say("check-message", "");
  showStep("check");
}

/**
 * Play the sound as often as wanted; it can be answered once it was heard whole.
 * @param {AudioContext} context
 * @param {AudioBuffer} buffer
 * @param {CheckTrial} trial
 * @param {boolean} isFirst
 * @returns {Promise<string>}
 */
function hear(context, buffer, trial, isFirst) {
  const fieldset = byId("check-answers");
  if (!(fieldset instanceof HTMLFieldSetElement)) throw new Error("no answers to the check");
  const ended = new AbortController();
  const { signal } = ended;
  const sound = new CheckSound(context, buffer, trial.intervals, signal);
  sound.onHeard = () => {
    fieldset.disabled = false;
  };
  sound.open();
  if (!isFirst) sound.button.focus({ preventScroll: true });
  return new Promise((resolve) => {
    const answer = (/** @type {string} */ value) => {
      if (fieldset.disabled) return false;
      fieldset.disabled = true;
      endKeys();
      sound.close();
      ended.abort();
      resolve(value);
      return true;
    };
    const choices = buttons("#check-answers button");
    for (const button of choices) {
      button.addEventListener("click", () => answer(button.value), { signal });
    }
    const endKeys = onKeys((key) => {
      if (key === " ") return sound.start();
      const choice = choices.find((button, index) => (button.dataset.key ?? String(index + 1)) === key);
      return choice !== undefined && answer(choice.value);
    });
  });
}
