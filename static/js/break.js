// @ts-check
/** A break between two blocks, which can have a least length. */

import { byId, pressed, say, showStep } from "./page.js";
import { text } from "./texts.js";

const SECOND_MS = 1000;

/**
 * Resolves when the participant goes on.
 * @param {number} seconds how long it lasts at least
 * @param {string} progress what is done
 */
export async function takeBreak(seconds, progress) {
  byId("break-progress").textContent = progress;
  byId("break-over").toggleAttribute("disabled", seconds > 0);
  if (seconds > 0) void countDown(seconds);
  showStep("break");
  await pressed("break-over");
}

/**
 * The seconds are for the eye only; what is read out is the end.
 * @param {number} seconds
 */
async function countDown(seconds) {
  say("break-message", "");
  const end = performance.now() + seconds * SECOND_MS;
  for (;;) {
    const left = Math.ceil((end - performance.now()) / SECOND_MS);
    if (left <= 0) break;
    byId("break-left").textContent = inWords(left);
    await new Promise((resolve) => setTimeout(resolve, SECOND_MS / 2));
  }
  byId("break-left").textContent = "";
  byId("break-over").toggleAttribute("disabled", false);
  say("break-message", text("break-over"), "good");
}

/** @param {number} seconds */
function inWords(seconds) {
  if (seconds <= 90) return text("break-seconds", { n: seconds });
  return text("break-minutes", { n: Math.ceil(seconds / 60) });
}
