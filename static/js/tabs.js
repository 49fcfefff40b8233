// @ts-check
/**
 * One session, one tab: two would present one trial twice. The browser's locks know which tab is
 * alive; where there are none (pages without HTTPS) the server sorts the answers out.
 */

import { pressed, showStep } from "./page.js";

const RELEASE_MS = 1000;

/** @type {boolean} */
let held = false;

/**
 * Resolves when the session is open in this tab and no other. Until then the page says so, and
 * offers to go on here. If another tab takes over later, this one starts anew, and ends up there.
 * @param {string} name of the study
 * @param {(kind: string, detail?: string) => void} report
 */
export async function onlyHere(name, report) {
  if (held || navigator.locks === undefined) return;
  // A page that was just left may hold the lock for a moment.
  held = await hold(name, { signal: AbortSignal.timeout(RELEASE_MS) });
  if (held) return;
  showStep("elsewhere");
  await pressed("take-over");
  held = await hold(name, { steal: true });
  report("taken-over");
}

/**
 * @param {string} name
 * @param {LockOptions} options
 * @returns {Promise<boolean>} whether the lock is ours
 */
function hold(name, options) {
  return new Promise((resolve) => {
    navigator.locks
      .request(`jndlab:${name}`, options, () => {
        resolve(true);
        return new Promise(() => {}); // until the page is left
      })
      .catch((error) => {
        if (held) window.location.reload();
        // Where site data are blocked nobody gets a lock: that is no other tab.
        resolve(error instanceof DOMException && error.name === "SecurityError");
      });
  });
}
