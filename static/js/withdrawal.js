// @ts-check
/** Withdrawing: a question, then everything is deleted, on the server and on this device. */

import { Refusal } from "./api.js";
import { Outbox } from "./outbox.js";
import { byId, say, showStep } from "./page.js";
import { explain, text } from "./texts.js";

/** @typedef {import("./api.js").Session} Session */

/**
 * Offer it from now on, on every page.
 * @param {Session} session
 */
export function offerWithdrawal(session) {
  const link = byId("withdraw");
  const dialog = byId("withdrawal");
  if (!(dialog instanceof HTMLDialogElement) || !link.hidden) return;
  link.hidden = false;
  link.addEventListener("click", () => {
    say("withdrawal-message", "");
    dialog.showModal();
  });
  // The keys of the trial behind it are not for this question.
  dialog.addEventListener("keydown", (event) => event.stopPropagation());
  byId("withdrawal-no").addEventListener("click", () => dialog.close());
  byId("withdrawal-yes").addEventListener("click", () => void withdraw(session, dialog));
}

/**
 * What is left to show once a session was withdrawn. The answers on this device are deleted.
 * @param {Session} session
 */
export async function showWithdrawn(session) {
  byId("withdraw").hidden = true;
  await (await Outbox.open(session.token ?? "")).clear();
  session.storage.removeItem(session.draftKey);
  showStep("withdrawn");
}

/**
 * @param {Session} session
 * @param {HTMLDialogElement} dialog
 */
async function withdraw(session, dialog) {
  const choices = [byId("withdrawal-yes"), byId("withdrawal-no")];
  for (const button of choices) button.toggleAttribute("disabled", true);
  say("withdrawal-message", text("withdrawing"));
  try {
    await session.json("POST", "/withdraw");
    await showWithdrawn(session);
    // A page that is loaded anew has no trial behind it that could go on.
    if (session.durable) window.location.reload();
    dialog.close();
  } catch (error) {
    const { message, remedy } = explain(error instanceof Refusal ? error.code : "unknown");
    say("withdrawal-message", `${message} ${remedy}`, "bad");
  } finally {
    for (const button of choices) button.toggleAttribute("disabled", false);
  }
}
