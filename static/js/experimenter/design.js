// @ts-check
/** The form of the design: what it comes to while it is filled in, and a warning before it is lost. */

import { watchJob } from "./job.js";
import { Refusal, ask } from "./request.js";

const WAIT_MS = 700;

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const form = /** @type {HTMLFormElement} */ (part("design-form"));
const listeners = /** @type {HTMLInputElement} */ (part("listeners"));

let timer = 0;
let round = 0;
let dirty = false;

/**
 * @param {string} tag
 * @param {string} text
 */
function element(tag, text) {
  const made = document.createElement(tag);
  made.textContent = text;
  return made;
}

/** @param {number} value */
const short = (value) => String(Number(value.toPrecision(2)));

/**
 * @typedef {{ condition: string, unit: string, problem?: string, assumed?: string, step?: number,
 *   rows?: { n_listeners: number, half_width: number | null }[] }} Told
 */

/** @param {Told} told */
function threshold(told) {
  const parts = [element("h3", told.condition)];
  if (told.problem !== undefined || told.rows === undefined) {
    parts.push(element("p", told.problem ?? ""));
    return parts;
  }
  const table = document.createElement("table");
  const head = table.createTHead().insertRow();
  for (const words of ["Listeners", "The JND will be known to"]) {
    const cell = element("th", words);
    cell.setAttribute("scope", "col");
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { n_listeners, half_width } of told.rows) {
    const row = body.insertRow();
    row.insertCell().textContent = String(n_listeners);
    row.insertCell().textContent = half_width === null ? "not at all" : `± ${short(half_width)} ${told.unit}`;
  }
  const details = document.createElement("details");
  details.append(element("summary", "What this assumes"), element("p", told.assumed ?? ""));
  parts.push(table, details);
  return parts;
}

/** @param {Record<string, any>} result */
function showCertainty(result) {
  const box = part("certainty");
  box.replaceChildren(...result.conditions.flatMap(threshold));
  if (result.equivalence?.problem) box.append(element("p", result.equivalence.problem));
  else if (result.equivalence) {
    const share = Math.round(100 * result.equivalence.power);
    box.append(element("p", `If nobody hears a level, ${result.n_listeners} listeners show it in ${share} % of such studies (bound ${result.equivalence.bound}).`));
  }
}

/** Ask what the form comes to; only the newest question's answer is shown. */
async function estimate() {
  round += 1;
  const mine = round;
  const sent = new FormData(form);
  sent.set("listeners", listeners.value);
  const box = part("certainty");
  try {
    const told = await ask(form.dataset.estimate ?? "", { method: "POST", body: new URLSearchParams(/** @type {any} */ (sent)) });
    if (mine !== round) return;
    if (told.problem) {
      box.replaceChildren(element("p", told.problem));
      return;
    }
    part("minutes").textContent = String(told.minutes);
    part("n-trials").textContent = String(told.n_trials);
    if (told.certainty) {
      showCertainty(told.certainty);
      return;
    }
    box.dataset.words = "Simulating studies";
    const ended = await watchJob(box, told.job);
    if (mine === round && ended.state === "done") showCertainty(ended.result);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (mine === round) box.replaceChildren(element("p", `${error.message} ${error.remedy}`));
  }
}

function soon() {
  window.clearTimeout(timer);
  timer = window.setTimeout(() => void estimate(), WAIT_MS);
}

form.addEventListener("input", () => {
  dirty = true;
  form.dataset.dirty = "";
  const note = document.getElementById("unsaved");
  if (note !== null) note.textContent = "Not saved yet.";
  soon();
});
listeners.addEventListener("input", soon);
form.addEventListener("submit", () => {
  dirty = false;
});
window.addEventListener("beforeunload", (event) => {
  if (dirty) event.preventDefault();
});

document.querySelector(".problem")?.closest(".field")?.querySelector("input, select, textarea")?.scrollIntoView({ block: "center" });
void estimate();
