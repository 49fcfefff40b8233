// @ts-check
/**
 * A questionnaire: what is filled in is kept on the device until the server has confirmed it, and
 * the server says what is wrong with it, question by question.
 */

import { randomName, Refusal } from "./api.js";
import { byId, say, showStep } from "./page.js";
import { text } from "./texts.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {Record<string, string | string[] | null>} Answers by the name of the question */
/** @typedef {{ question: string, fault: string, limit: number | null }} Problem */
/** @typedef {{ of: string, key: string, answers: Answers }} Draft */

/**
 * What can be wrong with an answer, and the text that says so.
 * @type {Record<string, string>}
 */
const FAULTS = {
  missing: "problem-missing",
  "not-offered": "problem-not-offered",
  "not-a-number": "problem-not-a-number",
  "not-whole": "problem-not-whole",
  "too-small": "problem-too-small",
  "too-large": "problem-too-large",
  "too-long": "problem-too-long",
};

/**
 * One questionnaire, until its answers are stored.
 * @param {Session} session
 * @param {{ questionnaire: string, block: number }} occasion
 */
export async function takeQuestionnaire(session, { questionnaire, block }) {
  const form = present(questionnaire);
  const of = `${session.token}/${questionnaire}/${block}`;
  const draft = readDraft(session, of) ?? { of, key: randomName(), answers: {} };
  fillIn(form, draft.answers);
  const keep = () => session.storage.setItem(session.draftKey, JSON.stringify({ ...draft, answers: read(form) }));
  form.addEventListener("input", keep);
  showStep("questionnaire");
  for (;;) {
    await submitted(form);
    keep();
    const problems = await send(session, questionnaire, { key: draft.key, block, answers: read(form) });
    if (problems.length === 0) break;
    showProblems(form, problems);
  }
  session.storage.removeItem(session.draftKey);
  byId("questionnaire-body").replaceChildren();
}

/**
 * @param {string} name
 * @returns {HTMLFormElement}
 */
function present(name) {
  const template = byId(`questionnaire-${name}`);
  if (!(template instanceof HTMLTemplateElement)) throw new Error(`no questionnaire ${name}`);
  byId("questionnaire-body").replaceChildren(template.content.cloneNode(true));
  say("questionnaire-message", "");
  const form = byId("questionnaire-form");
  if (!(form instanceof HTMLFormElement)) throw new Error("no form");
  return form;
}

/**
 * Resolves at the next press of its button.
 * @param {HTMLFormElement} form
 * @returns {Promise<void>}
 */
function submitted(form) {
  return new Promise((resolve) => {
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      resolve();
    };
    form.addEventListener("submit", submit, { once: true });
  });
}

/**
 * @param {Session} session
 * @param {string} name
 * @param {{ key: string, block: number, answers: Answers }} body
 * @returns {Promise<Problem[]>} none if the answers are stored
 */
async function send(session, name, body) {
  const button = byId("questionnaire-send");
  button.toggleAttribute("disabled", true);
  try {
    const { problems } = await session.json("PUT", `/questionnaires/${name}`, body);
    return problems;
  } catch (error) {
    // Answered in another tab, for instance: what is stored stands, and the session goes on.
    if (!(error instanceof Refusal) || !["answer-conflict", "trial-out-of-order"].includes(error.code)) throw error;
    session.report("questionnaire-refused", error.code);
    return [];
  } finally {
    button.toggleAttribute("disabled", false);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {Problem[]} problems
 */
function showProblems(form, problems) {
  const wrong = new Map(problems.map((problem) => [problem.question, problem]));
  /** @type {HTMLElement | null} */
  let first = null;
  for (const { name, element, inputs } of questions(form)) {
    const problem = wrong.get(name);
    byId(`problem-${name}`).textContent = problem === undefined ? "" : explained(problem);
    element.classList.toggle("wrong", problem !== undefined);
    for (const input of inputs) {
      if (problem === undefined) input.removeAttribute("aria-invalid");
      else input.setAttribute("aria-invalid", "true");
    }
    if (problem !== undefined) first ??= inputs[0];
  }
  say("questionnaire-message", text("questionnaire-problems", { n: problems.length }), "bad");
  first?.focus();
}

/** @param {Problem} problem */
function explained({ fault, limit }) {
  return text(FAULTS[fault] ?? "problem-not-offered", { limit: limit ?? 0 });
}

/**
 * What stands in the form.
 * @param {HTMLFormElement} form
 * @returns {Answers}
 */
function read(form) {
  const data = new FormData(form);
  /** @type {Answers} */
  const answers = {};
  for (const { name, element } of questions(form)) {
    const values = data.getAll(name).map(String);
    answers[name] = element.dataset.several === undefined ? (values[0] ?? null) : values;
  }
  return answers;
}

/**
 * @param {HTMLFormElement} form
 * @param {Answers} answers
 */
function fillIn(form, answers) {
  for (const { name, inputs } of questions(form)) {
    const given = answers[name];
    if (given === undefined || given === null) continue;
    const values = typeof given === "string" ? [given] : given;
    for (const input of inputs) {
      const chosen = input instanceof HTMLInputElement && ["radio", "checkbox"].includes(input.type);
      if (chosen) input.checked = values.includes(input.value);
      else input.value = values[0] ?? "";
    }
  }
}

/** @param {HTMLFormElement} form */
function questions(form) {
  const elements = [...form.querySelectorAll("[data-question]")].filter((node) => node instanceof HTMLElement);
  return elements.map((element) => ({
    name: element.dataset.question ?? "",
    element,
    inputs: [...element.querySelectorAll("input, textarea")].filter(
      (node) => node instanceof HTMLInputElement || node instanceof HTMLTextAreaElement,
    ),
  }));
}

/**
 * What an earlier page left unconfirmed, if it belongs to this very questionnaire.
 * @param {Session} session
 * @param {string} of
 * @returns {Draft | null}
 */
function readDraft(session, of) {
  try {
    const draft = JSON.parse(session.storage.getItem(session.draftKey) ?? "null");
    return draft?.of === of ? draft : null;
  } catch {
    return null;
  }
}
