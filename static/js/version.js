// @ts-check
/**
 * Whether this page is the right one. One from before an upgrade of the server notices it by a
 * header, and is loaded anew between two trials: nothing is open then that could be lost.
 */

const HEADER = "Jndlab-Page";
const KEY = "jndlab:page";

const own = document.getElementById("study")?.dataset.page ?? "";
let newest = own;

/** @param {Response} response of the participant API */
export function noteVersion(response) {
  newest = response.headers.get(HEADER) ?? newest;
}

/**
 * Load the page anew if the server has another one by now: once for each, since a cache on the way
 * may give out the old one for ever. Where nothing can be stored the page stays, because its
 * session would be lost with it.
 * @param {boolean} kept whether the session outlives the page
 * @param {(kind: string, detail?: string) => void} report
 */
export async function renew(kept, report) {
  if (newest === own) return;
  if (!kept || !remember(newest)) return;
  report("page-renewed", newest);
  window.location.reload();
  await new Promise(() => {}); // nothing else happens on this page
}

/**
 * Whether this page is of the version that the session runs under: the study may have been changed
 * since it began. If not, that page is loaded.
 * @param {{ version: number } | null} state of the session
 * @param {string | undefined} shown the version that this page is of
 */
export function isPageOf(state, shown) {
  const here = new URL(window.location.href);
  const asked = here.searchParams.get("version");
  const wanted = state === null ? null : String(state.version);
  if (wanted === null ? asked === null : wanted === shown || wanted === asked) return true;
  if (wanted === null) here.searchParams.delete("version");
  else here.searchParams.set("version", wanted);
  window.location.replace(here);
  return false;
}

/**
 * @param {string} version
 * @returns {boolean} whether it is kept, and was not before
 */
function remember(version) {
  try {
    if (sessionStorage.getItem(KEY) === version) return false;
    sessionStorage.setItem(KEY, version);
    return sessionStorage.getItem(KEY) === version;
  } catch {
    return false;
  }
}
