// @ts-check
/** After what went wrong: try again, or, where technology fails again and again, end with a code. */

import { byId, pressed } from "./page.js";

/** What a participant can do nothing about. */
const TECHNICAL = ["no-sound", "clip-damaged", "unknown", "server-failed", "store-unusable", "page-error"];
/** So often it is worth another try, and no more than that is asked of anybody. */
const PATIENCE = 2;

let failures = 0;

/**
 * What is done about a problem on the page.
 * @param {string} reason code of the error
 * @param {boolean} begun whether there is a session that could end
 * @returns {Promise<"retry" | "give-up">}
 */
export async function chosen(reason, begun) {
  failures = TECHNICAL.includes(reason) ? failures + 1 : 0;
  byId("give-up-row").hidden = !begun || failures < PATIENCE;
  const choosing = new AbortController();
  const { signal } = choosing;
  const retry = pressed("retry", { signal }).then(() => /** @type {const} */ ("retry"));
  const giveUp = pressed("give-up", { keys: false, signal }).then(() => /** @type {const} */ ("give-up"));
  const choice = await Promise.race([retry, giveUp]);
  choosing.abort();
  return choice;
}
