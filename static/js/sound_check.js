// @ts-check
/** The sound check: count the beeps. Passed when the server says so. */

import { SequencePlayer } from "./player.js";
import { buttons, byId, onKeys, say, showStep, suspend } from "./page.js";
import { parseWav, toBuffer } from "./wav.js";

/**
 * @param {import("./api.js").Session} session
 * @param {AudioContext} context
 * @returns {Promise<void>} when passed
 */
export async function checkSound(session, context) {
  const answers = byId("beep-answers");
  const play = buttons("#play-beeps")[0];
  if (!(answers instanceof HTMLFieldSetElement)) throw new Error("no answers to the sound check");
  answers.disabled = true;
  play.disabled = true;
  showStep("sound-check");
  for (;;) {
    const check = await session.json("POST", "/sound-checks");
    const buffer = toBuffer(context, parseWav(await session.bytes(check.clip)));
    const heard = await countBeeps(context, buffer, play, answers);
    const { passed } = await session.json("PUT", check.answer, { heard });
    if (passed) return;
    say(
      "sound-check-message",
      "That was not the right number. Turn the volume up a little, check your headphones, and try once more: the number changes.",
      "bad",
    );
  }
}

/**
 * @param {AudioContext} context
 * @param {AudioBuffer} buffer
 * @param {HTMLButtonElement} play
 * @param {HTMLFieldSetElement} answers
 * @returns {Promise<number>}
 */
function countBeeps(context, buffer, play, answers) {
  const player = new SequencePlayer(context, [buffer], { gapSeconds: 0, rampSeconds: 0.005 });
  const ended = new AbortController();
  const { signal } = ended;
  play.disabled = false;
  const start = async () => {
    if (player.playing) return;
    if (context.state !== "running") context.resume().catch(() => player.stop());
    const resume = suspend(play);
    const heard = await player.play().done;
    if (signal.aborted) return;
    resume();
    play.textContent = "Play again";
    if (heard) answers.disabled = false;
  };
  play.addEventListener("click", () => void start(), { signal });
  const interrupted = () => {
    if (context.state !== "running") player.stop();
  };
  context.addEventListener("statechange", interrupted, { signal });
  return new Promise((resolve) => {
    const answer = (/** @type {number} */ count) => {
      if (answers.disabled) return false;
      player.stop();
      ended.abort();
      endKeys();
      answers.disabled = true;
      play.disabled = true;
      resolve(count);
      return true;
    };
    for (const button of buttons("[data-beeps]")) {
      button.addEventListener("click", () => answer(Number(button.dataset.beeps)), { signal });
    }
    const endKeys = onKeys((key) => {
      if (key === " ") {
        if (!play.disabled) void start();
        return true;
      }
      return /^[1-6]$/.test(key) && answer(Number(key));
    });
  });
}
