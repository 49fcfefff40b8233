// @ts-check
/** How sure was that answer? Asked after it, in studies that want to know. */

import { buttons, byId, onKeys } from "./page.js";

/**
 * @param {number} nSteps 0: not asked
 * @returns {Promise<number | null>} from 1, guessed
 */
export function askConfidence(nSteps) {
  if (nSteps === 0) return Promise.resolve(null);
  const group = byId("confidence");
  const steps = buttons(".confidence-step");
  group.hidden = false;
  steps[0].focus({ preventScroll: true });
  return new Promise((resolve) => {
    const ended = new AbortController();
    const choose = (/** @type {number} */ step) => {
      ended.abort();
      endKeys();
      group.hidden = true;
      resolve(step);
    };
    steps.forEach((button, index) =>
      button.addEventListener("click", () => choose(index + 1), { signal: ended.signal }),
    );
    const endKeys = onKeys((key) => {
      const step = Number(key);
      if (!Number.isInteger(step) || step < 1 || step > nSteps) return false;
      choose(step);
      return true;
    });
  });
}
