/** Answers that a server confirmed and has forgotten since: it was restored from a backup. */

import { Refusal } from "./api.js";
import { NOT_ITS_TURN, isFinal } from "./sending.js";

/** @typedef {import("./outbox.js").Answer} Answer */
/** @typedef {import("./sending.js").Sender} Sender */

/**
 * @template {{ number: number }} View
 * @param {View} trial that is due at the server, and was answered on this device
 * @param {Sender} sender
 * @returns {Promise<View | null>} the one that is due then; null where none is
 */
export async function giveBack(trial, sender) {
  const { confirmed } = sender.outbox;
  let due = trial;
  let none = false;
  let n = 0;
  try {
    if (due.number > 1) await sender.put(held(confirmed, due.number - 1));
    while (confirmed.has(due.number)) {
      await sender.put(held(confirmed, due.number));
      n += 1;
      due = await sender.session.json("POST", "/trial");
    }
  } catch (error) {
    if (!isFinal(error)) throw error;
    none = n > 0; // after the last trial, or where something else comes first
    if (!none) await sender.outbox.forget(due.number);
  }
  if (n > 0) {
    sender.session.report("answers-given-back", JSON.stringify({ from: trial.number, n }));
    sender.onLost();
  }
  return none ? null : due;
}

/**
 * @param {Map<number, Answer>} confirmed
 * @param {number} number
 * @returns {Answer}
 */
function held(confirmed, number) {
  const answer = confirmed.get(number);
  if (answer !== undefined) return answer;
  const message = `The answer to trial ${number} is not on this device.`;
  throw new Refusal(409, { code: NOT_ITS_TURN, message, remedy: "" });
}
