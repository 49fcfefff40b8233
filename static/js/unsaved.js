// @ts-check
/** The end of a session whose last answers the server has not confirmed. */

import { byId, showStep } from "./page.js";
import { text } from "./texts.js";

/** @typedef {import("./sending.js").Sender} Sender */

const PATIENCE_MS = 8000;

/**
 * Resolves when every answer is confirmed. If that takes long the page says so, with a copy of the
 * answers to download and a code that tells the experimenter whose they are.
 * @param {Sender} sender
 * @param {{ participant: number, link: string }} session
 */
export async function allSaved(sender, { participant, link }) {
  const saved = sender.empty();
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS, "late"));
  if ((await Promise.race([saved, late])) !== "late") return;
  const show = () => (byId("unsaved-count").textContent = text("waiting", { n: sender.waiting }));
  show();
  byId("unsaved-code").textContent = `UNSAVED-${participant}`;
  byId("download-copy").onclick = () => download(sender, { participant, link });
  byId("time-left").textContent = "";
  showStep("unsaved");
  await saved;
}

/**
 * @param {Sender} sender
 * @param {{ participant: number, link: string }} session
 */
function download(sender, session) {
  const copy = { ...session, answers: sender.outbox.answers };
  const address = URL.createObjectURL(new Blob([JSON.stringify(copy, null, 1)], { type: "application/json" }));
  const anchor = document.createElement("a");
  anchor.href = address;
  anchor.download = `answers-${session.participant}.json`;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
