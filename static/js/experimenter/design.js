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
 * @typedef {{ condition: string, unit: string, problem?: string, what?: string, assumed?: string, step?: number,
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
  for (const words of ["Listeners", told.what ?? "The JND will be known to"]) {
    const cell = element("th", words);
    cell.setAttribute("scope", "col");
    head.append(cell);
  }
  const body = table.createTBody();
  for (const { n_listeners, half_width } of told.rows) {
    const row = body.insertRow();
    row.insertCell().textContent = String(n_listeners);
    row.insertCell().textContent = half_width === null ? "not at all" : `± ${short(half_width)} ${told.unit}`.trim();
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

/** @typedef {[string, string]} Task Paradigm and procedure. */

/** @param {string} name */
const chosen = (name) => /** @type {HTMLSelectElement | null} */ (form.elements.namedItem(name))?.value ?? "";

/** What listeners do as the form stands: in every part of a session. */
function tasks() {
  const paradigm = chosen("paradigm");
  const wanted = chosen("design.procedure");
  const field = /** @type {HTMLElement | null} */ (form.querySelector("#design-procedure")?.closest(".field") ?? null);
  /** @type {Task[]} */
  const parts = JSON.parse(form.dataset.parts ?? "[]");
  const follows = (field?.dataset.paradigms ?? "").split(" ").includes(paradigm);
  const procedure = follows || parts.length > 0 ? wanted : "constant-stimuli";
  return parts.length > 0
    ? parts.map(([own, rule]) => /** @type {Task} */ ([own || paradigm, rule || procedure]))
    : [/** @type {Task} */ ([paradigm, procedure])];
}

/** Only the fields that mean something for what listeners do are shown. */
function showWhatApplies() {
  const now = tasks();
  for (const field of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-paradigms]"))) {
    const paradigms = (field.dataset.paradigms ?? "").split(" ");
    const procedures = (field.dataset.procedures ?? "").split(" ");
    field.hidden = !now.some(([paradigm, procedure]) => paradigms.includes(paradigm) && procedures.includes(procedure));
  }
  const select = /** @type {HTMLSelectElement | null} */ (form.elements.namedItem("paradigm"));
  const option = select?.selectedOptions[0];
  const help = document.getElementById("paradigm-help");
  if (help !== null && option !== undefined) help.textContent = `${option.dataset.summary} ${option.dataset.chance}`;
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
  showWhatApplies();
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
showWhatApplies(); // the browser may have kept other choices over a reload
void estimate();
