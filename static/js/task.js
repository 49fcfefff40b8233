// @ts-check
/**
 * A session can have several paradigms. The page holds the instructions and the controls of each as
 * templates; those of the trial's paradigm are put in place, with the intervals that the trial has.
 */

import { byId } from "./page.js";
import { groupStarts } from "./player.js";
import { fixed, text } from "./texts.js";

/** What stands in the marker where there is nothing to count. */
const ONLY_ONE = "♪";

/**
 * @typedef {{ paradigm: string, playback: string, answers: string, labels: string[], gate: string,
 *   seconds: number, trials: number, unrated: string[], groups: number[], tells: Record<string, boolean>,
 *   confidenceSteps: number }} Task
 */

/**
 * What the page knows of a paradigm.
 * @param {string} paradigm
 * @returns {Task}
 */
export function taskOf(paradigm) {
  const { dataset } = byId(`controls-of-${paradigm}`);
  return {
    paradigm,
    playback: dataset.playback ?? "",
    answers: dataset.answers ?? "",
    labels: words(dataset.labels),
    gate: dataset.gate ?? "",
    seconds: Number(dataset.seconds),
    trials: Number(dataset.trials),
    unrated: words(dataset.unrated),
    groups: words(dataset.groups).map(Number),
    tells: { practice: dataset.tellsPractice !== undefined, main: dataset.tellsMain !== undefined },
    confidenceSteps: Number(dataset.confidenceSteps ?? 0),
  };
}

/** Every paradigm of the study. */
export function allTasks() {
  const templates = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("template.task"));
  return [...templates].map(({ dataset }) => taskOf(dataset.paradigm ?? ""));
}

/**
 * Instructions and controls of a paradigm, as they are before there is a trial.
 * @param {Task} task
 */
export function putInPlace(task) {
  putInstructions(task);
  putControls(task, task.labels);
}

/** @param {Task} task */
export function putInstructions({ paradigm }) {
  byId("instructions").replaceChildren(copy(`instructions-of-${paradigm}`));
}

/**
 * Fresh controls of a trial, closed until its sounds are there.
 * @param {Task} task
 * @param {string[]} labels of the intervals
 */
export function putControls(task, labels) {
  const controls = copy(`controls-of-${task.paradigm}`);
  const intervals = controls.querySelector(".intervals");
  const ratings = controls.querySelector(".ratings");
  const starts = groupStarts(task.groups);
  labels.forEach((label, index) => {
    if (ratings && !task.unrated.includes(label)) ratings.append(rating(ratings, label));
    else if (task.playback === "switched") intervals?.append(button(label));
    else intervals?.append(marker(labels.length > 1 ? label : ONLY_ONE, starts.has(index)));
  });
  for (const number of /** @type {NodeListOf<HTMLElement>} */ (controls.querySelectorAll("[data-number]"))) {
    number.textContent = fixed(Number(number.dataset.number), number.textContent?.split(".")[1]?.length ?? 0);
  }
  byId("controls").replaceChildren(controls);
}

/** @param {string} id of a template */
function copy(id) {
  const template = /** @type {HTMLTemplateElement} */ (byId(id));
  return document.importNode(template.content, true);
}

/**
 * @param {Element} ratings
 * @param {string} label
 */
function rating(ratings, label) {
  const template = /** @type {HTMLTemplateElement} */ (ratings.querySelector("template"));
  const row = document.importNode(template.content, true);
  name(/** @type {HTMLElement} */ (row.querySelector(".interval")), label);
  row.querySelector(".slider")?.setAttribute("aria-label", text("rating-of", { label }));
  return row;
}

/** @param {string} label */
function button(label) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "interval";
  made.setAttribute("aria-pressed", "false");
  made.disabled = true;
  return name(made, label);
}

/**
 * @param {string} label
 * @param {boolean} apart from the ones before it
 */
function marker(label, apart) {
  const made = document.createElement("div");
  made.className = apart ? "marker apart" : "marker";
  made.textContent = label;
  return made;
}

/**
 * @param {HTMLElement} element
 * @param {string} label
 */
function name(element, label) {
  element.textContent = label;
  element.dataset.label = label;
  return element;
}

/** @param {string | undefined} list */
function words(list) {
  return list ? list.split(" ") : [];
}
