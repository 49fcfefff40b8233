// @ts-check
/** A link with which a session goes on in another browser. The part behind # stays in the browser. */

import { byId } from "./page.js";
import { text } from "./texts.js";

/** @typedef {import("./api.js").Session} Session */

const PATTERN = /^#session=([A-Za-z0-9_-]{32,128})$/;

/**
 * Take the session that the link brings along, unless one is under way here.
 * @param {Session} session
 */
export function adoptSession(session) {
  const brought = PATTERN.exec(window.location.hash)?.[1];
  if (brought === undefined) return;
  history.replaceState(null, "", window.location.pathname + window.location.search);
  if (session.token === null) session.adopt(brought);
}

/** @param {Session} session */
export function offerLink(session) {
  const button = byId("copy-link");
  button.onclick = async () => {
    const link = `${window.location.origin}${window.location.pathname}${window.location.search}#session=${session.token}`;
    try {
      await navigator.clipboard.writeText(link);
      byId("link-note").textContent = text("link-copied");
    } catch {
      byId("link-note").textContent = link; // no clipboard on pages without HTTPS: to be copied by hand
    }
  };
}
