// @ts-check
/** The end of a session: a code, and the way back to the recruiter. */

import { byId, showStep } from "./page.js";
import { text } from "./texts.js";

/**
 * Show a step that ends the session.
 * @param {string} step
 * @param {string} id of the element for its code
 * @param {{ completion_code: string, completion_url: string | null }} ending
 */
export function showEnding(step, id, { completion_code: code, completion_url: url }) {
  const shown = byId(id);
  shown.textContent = code;
  const section = byId(`step-${step}`);
  const way = section.querySelector(".way-back");
  const copy = section.querySelector(".to-copy");
  const anchor = way?.querySelector("a");
  if (way instanceof HTMLElement && anchor && url !== null) {
    anchor.href = url;
    way.hidden = false;
  } else if (copy instanceof HTMLElement) {
    offerCopy(copy, shown, code);
    copy.hidden = false;
  }
  showStep(step);
}

/**
 * @param {HTMLElement} place
 * @param {HTMLElement} shown
 * @param {string} code
 */
function offerCopy(place, shown, code) {
  const button = place.querySelector("button");
  const news = place.querySelector("[role=status]");
  if (button === null || news === null) return;
  button.onclick = async () => {
    try {
      await navigator.clipboard.writeText(code);
      news.textContent = text("code-copied");
    } catch {
      window.getSelection()?.selectAllChildren(shown);
      news.textContent = text("code-not-copied");
    }
  };
}
