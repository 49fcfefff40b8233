// @ts-check
/** The page of sounds: folders that are dropped, questions about them, the table that fills. */

import { filesOfDrop, filesOfInput } from "./dropped.js";
import { watchJob } from "./job.js";
import * as listening from "./listen.js";
import { hideOutcome, showOutcome } from "./outcome.js";
import { Refusal, ask, askForPart } from "./request.js";
import { Sending } from "./sending.js";

/** @typedef {import("./dropped.js").Dropped} Dropped */

const ARCHIVE = "archive.zip";
const REFRESH_MS = 1200;

const drop = document.getElementById("drop");
const table = /** @type {HTMLElement} */ (document.getElementById("sounds-table"));

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {number} n @param {string} one @param {string} many */
const count = (n, one, many) => `${n} ${n === 1 ? one : many}`;

// ---- what arrives -------------------------------------------------------------------------

let refreshAt = 0;
let refreshing = false;

/** Load the table anew, but not while somebody listens to it. */
async function refresh() {
  if (drop === null || refreshing || listening.isPlaying()) return;
  refreshing = true;
  try {
    const fresh = await askForPart(drop.dataset.table ?? "");
    const scroll = table.querySelector(".fill");
    const [top, left] = [scroll?.scrollTop ?? 0, scroll?.scrollLeft ?? 0];
    table.replaceChildren(fresh);
    table.querySelector(".fill")?.scrollTo(left, top);
  } catch {
    // The next file that arrives tries again.
  } finally {
    refreshing = false;
  }
}

function onArrival() {
  if (Date.now() < refreshAt) return;
  refreshAt = Date.now() + REFRESH_MS;
  void refresh();
}

/**
 * @param {HTMLElement} zone
 * @param {Sending} sending
 * @param {Dropped[]} dropped
 */
async function take(zone, sending, dropped) {
  hideOutcome();
  const archives = dropped.filter(({ path }) => path.toLowerCase().endsWith(".zip") && !path.includes("/"));
  const files = dropped.filter((one) => !archives.includes(one));
  try {
    for (const archive of archives) await takeArchive(zone, sending, archive);
    if (files.length > 0) await takeFiles(zone, sending, files);
    if (dropped.length === 0) showOutcome({ title: "Nothing was taken", words: "There were no files in it. Drop the folders that hold the sounds.", bad: true });
  } catch (error) {
    part("sending").hidden = true;
    if (!(error instanceof Refusal)) throw error;
    showOutcome({ title: "That did not work", words: `${error.message} ${error.remedy}`, bad: true, failed: error.entries });
  }
  await refresh();
  showNext();
}

/** What is still missing, said where the outcome is read. */
function showNext() {
  const next = document.getElementById("table-state")?.dataset.next ?? "";
  if (next === "" || part("outcome").hidden) return;
  const words = document.createElement("p");
  words.className = "notice";
  words.textContent = next;
  part("outcome-body").append(words);
}

/**
 * @param {HTMLElement} zone
 * @param {Sending} sending
 * @param {Dropped[]} files
 */
async function takeFiles(zone, sending, files) {
  const manifest = files.find(({ path }) => /(^|\/)manifest\.csv$/i.test(path));
  const told = { paths: files.map(({ path }) => path), ...(manifest && { manifest: await manifest.file.text() }) };
  const arrange = (/** @type {object} */ more) => ask(zone.dataset.arrange ?? "", { method: "POST", json: { ...told, ...more } });
  let layout = await arrange({});
  if (!layout.is_sure) layout = await arrange({ baseline: await whichBaseline(layout.candidates) });
  const byPath = new Map(files.map(({ path, file }) => [path, file]));
  const due = layout.placed.map((/** @type {[string, string]} */ [path, target]) => ({ path, target, file: /** @type {File} */ (byPath.get(path)) }));
  const outcome = await sending.run(zone.dataset.uploads ?? "", due);
  const arrived = [...outcome.sent, ...outcome.there];
  const settled = arrived.length > 0 ? await ask(zone.dataset.settle ?? "", { method: "POST", json: { paths: arrived, ...(told.manifest && { manifest: told.manifest }) } }) : { notes: [] };
  const words = [count(outcome.sent.length, "file was sent.", "files were sent.")];
  if (outcome.there.length > 0) words.push(count(outcome.there.length, "was here already.", "were here already."));
  if (outcome.failed.length > 0) words.push("Some were refused; the others are in their places.");
  if (layout.placed.length === 0) words.push("There was no sound in it that has a place here. Drop folders as they are shown above.");
  showOutcome({
    title: outcome.failed.length > 0 ? "Not all of it was taken" : arrived.length > 0 ? "The sounds are here" : "Nothing was taken",
    words: words.join(" "),
    bad: outcome.failed.length > 0 || arrived.length === 0,
    notes: [...layout.notes, ...settled.notes],
    leftOut: layout.left_out,
    failed: outcome.failed.map(({ path, message, remedy }) => [path, `${message} ${remedy}`]),
  });
}

/**
 * @param {HTMLElement} zone
 * @param {Sending} sending
 * @param {Dropped} archive
 */
async function takeArchive(zone, sending, { path, file }) {
  const { failed, names } = await sending.run(zone.dataset.uploads ?? "", [{ path, target: ARCHIVE, file }]);
  if (failed.length > 0) throw new Refusal(422, failed[0]);
  const address = `${zone.dataset.uploads}/${names.get(ARCHIVE)}/unpack`;
  let result = await unpack(address, {});
  if (result !== null && result.candidates?.length > 0) result = await unpack(address, { baseline: await whichBaseline(result.candidates) });
  if (result === null) return;
  if (result.refused) {
    showOutcome({ title: "The archive was refused", words: `${result.refused.message} ${result.refused.remedy}`, bad: true, failed: result.refused.entries });
    return;
  }
  showOutcome({ title: "The sounds are here", words: `${count(result.n_placed, "sound", "sounds")} came out of ${path}.`, notes: result.notes, leftOut: result.left_out });
}

/**
 * @param {string} address
 * @param {object} options
 * @returns {Promise<Record<string, any> | null>} null if it failed, which the page then shows
 */
async function unpack(address, options) {
  const { job } = await ask(address, { method: "POST", json: options });
  part("sending").hidden = true;
  part("outcome").hidden = false;
  part("outcome-title").textContent = "Unpacking";
  const ended = await watchJob(part("outcome-body"), job);
  return ended.state === "done" ? ended.result : null;
}

/**
 * Ask which of some folders is the baseline; "" for none of them.
 * @param {string[]} candidates
 * @returns {Promise<string>}
 */
function whichBaseline(candidates) {
  const question = part("question");
  question.hidden = false;
  return new Promise((resolve) => {
    const buttons = [...candidates, ""].map((name) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = name === "" ? "None of them" : name;
      button.addEventListener("click", () => {
        question.hidden = true;
        resolve(name);
      });
      return button;
    });
    part("question-answers").replaceChildren(...buttons);
    buttons[0].focus();
  });
}

if (drop !== null) {
  const zone = drop;
  const sending = new Sending({ onArrival });
  const folder = /** @type {HTMLInputElement} */ (part("folder-input"));
  const files = /** @type {HTMLInputElement} */ (part("files-input"));
  part("pick-folder").addEventListener("click", () => folder.click());
  part("pick-files").addEventListener("click", () => files.click());
  for (const input of [folder, files]) {
    input.addEventListener("change", () => {
      if (input.files !== null) void take(zone, sending, filesOfInput(input.files));
      input.value = "";
    });
  }
  document.addEventListener("dragover", (event) => {
    event.preventDefault(); // anywhere: a folder dropped beside the zone must not replace the page
    zone.classList.toggle("over", event.target instanceof Node && zone.contains(event.target));
  });
  document.addEventListener("dragleave", () => zone.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("over");
    if (event.dataTransfer === null || sending.active) return;
    void filesOfDrop(event.dataTransfer).then((dropped) => take(zone, sending, dropped));
  });
  window.addEventListener("beforeunload", (event) => {
    if (sending.active) event.preventDefault();
  });
  zone.dataset.ready = ""; // from here on a drop is taken
}

// ---- listening ----------------------------------------------------------------------------

/** @param {HTMLElement} panel @param {number} voice */
function hear(panel, voice) {
  if (!listening.select(voice)) return;
  for (const button of panel.querySelectorAll("[data-voice]")) {
    button.setAttribute("aria-pressed", String(button.getAttribute("data-voice") === String(voice)));
  }
}

function silence() {
  listening.stop();
  for (const button of table.querySelectorAll("[data-voice], .cell")) button.setAttribute("aria-pressed", "false");
}

/** @param {HTMLElement} cell */
async function listenTo(cell) {
  const panel = part("listen");
  const { item = "", condition, level } = cell.dataset;
  const address = (/** @type {string} */ path) => `${panel.dataset.file}?${new URLSearchParams({ path })}`;
  const paths = [`baseline/${item}.wav`, ...(condition === undefined ? [] : [`${condition}/${level}/${item}.wav`])];
  panel.hidden = false;
  silence();
  cell.setAttribute("aria-pressed", "true");
  const words = part("listen-words");
  words.textContent = "Loading …";
  /** @type {HTMLButtonElement} */ (panel.querySelector('[data-voice="1"]')).disabled = condition === undefined;
  const target = panel.querySelector('#listen-delete input[name="target"]');
  if (target instanceof HTMLInputElement) target.value = paths[paths.length - 1];
  try {
    await listening.prepare(paths.map(address));
    words.textContent = condition === undefined ? `${item}: baseline` : `${item}: baseline and ${condition} ${level}`;
    hear(panel, paths.length - 1);
  } catch {
    words.textContent = "This pair cannot be played: one of its files is missing or your browser cannot read it.";
  }
}

table.addEventListener("click", (event) => {
  const pressed = event.target instanceof Element ? event.target.closest("button") : null;
  if (pressed?.classList.contains("cell")) void listenTo(pressed);
  else if (pressed?.dataset.voice !== undefined) hear(part("listen"), Number(pressed.dataset.voice));
  else if (pressed?.id === "listen-stop") silence();
});

document.addEventListener("keydown", (event) => {
  const panel = document.getElementById("listen");
  if (panel === null || panel.hidden || event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return;
  if (event.key === "1" || event.key === "2") hear(panel, Number(event.key) - 1);
  else if (event.key === "Escape") silence();
});
