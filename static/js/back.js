// @ts-check
/** The button Back, in the middle of a test: the first press stays, the second leaves. */

import { say } from "./page.js";
import { text } from "./texts.js";

const FORGET_MS = 6000;

let guarded = false;

/** To be called in a press: browsers ignore entries that a page adds by itself. */
export function guardBack() {
  if (guarded) return;
  guarded = true;
  history.pushState(null, "");
  window.addEventListener("popstate", () => {
    say("back-note", text("back"));
    setTimeout(() => {
      say("back-note", "");
      history.pushState(null, "");
    }, FORGET_MS);
  });
}
