// @ts-check
/**
 * Keeps the live view up to date: asks every few seconds whether there is anything new, and changes
 * what has changed. Nothing is drawn anew that stayed the same, so that focus, sorting and scrolling
 * stay; only the line of the summary is read out.
 */

import { sortAgain } from "./sort.js";

const POLL_MS = 4_000;
const HIDDEN_POLL_MS = 30_000;
const MORE_MS = 300;
const MOST_WAIT_MS = 60_000;
/** Nobody watches a page that nobody has touched for so long. */
const WATCHED_MS = 30 * 60_000;

/**
 * @typedef {[text: string, sort: number | string, flag: string]} Cell
 * @typedef {[key: string, cells: Cell[]]} Row
 * @typedef {{ state: string, summary: string, empty: boolean, more: boolean,
 *   tiles: [name: string, value: string, flag: string][],
 *   figures: [name: string, says: string, svg: string][], tables: Record<string, Row[]> }} View
 */

const root = /** @type {HTMLElement} */ (document.getElementById("live"));
const again = /** @type {HTMLButtonElement} */ (document.getElementById("live-again"));
const updated = /** @type {HTMLElement} */ (document.getElementById("live-updated"));
const trouble = /** @type {HTMLElement} */ (document.getElementById("live-trouble"));
const summary = /** @type {HTMLElement} */ (document.getElementById("live-summary"));

let etag = `"${root.dataset.etag}"`;
let more = root.dataset.more !== undefined;
let failures = 0;
let touchedAt = performance.now();
/** @type {number | undefined} */
let timer;

/** @param {Element | null} element @param {string} text */
function setText(element, text) {
  if (element !== null && element.textContent !== text) element.textContent = text;
}

/** @param {HTMLTableCellElement} place @param {Cell} cell */
function setCell(place, [text, sort, flag]) {
  if (place.dataset.sort !== String(sort)) place.dataset.sort = String(sort);
  const said = place.firstChild;
  const mark = place.querySelector(".flag");
  if (said instanceof Text && said.data.trim() === text && (mark?.textContent ?? "") === flag) return;
  place.textContent = flag === "" ? text : `${text} `;
  if (flag === "") return;
  const span = document.createElement("span");
  span.className = "flag";
  span.textContent = flag;
  place.append(span);
}

/** @param {HTMLTableElement} table @param {Row[]} rows */
function setTable(table, rows) {
  const body = table.tBodies[0];
  const known = new Map([...body.rows].map((row) => [row.dataset.key ?? "", row]));
  const isSorted = table.querySelector("[aria-sort]") !== null;
  for (const [place, [key, cells]] of rows.entries()) {
    let row = known.get(key);
    known.delete(key);
    if (row === undefined) {
      row = body.insertRow();
      row.dataset.key = key;
    }
    while (row.cells.length < cells.length) row.insertCell();
    for (const [column, cell] of cells.entries()) setCell(row.cells[column], cell);
    if (!isSorted && body.rows[place] !== row) body.insertBefore(row, body.rows[place]);
  }
  for (const gone of known.values()) gone.remove();
  sortAgain(table);
}

/** @param {string} name @param {string} says @param {string} svg */
function setFigure(name, says, svg) {
  const figure = root.querySelector(`[data-figure="${name}"]`);
  const drawing = figure?.querySelector(".drawing");
  if (!drawing || svg === drawn.get(name)) return;
  drawn.set(name, svg);
  setText(figure?.querySelector("figcaption") ?? null, says);
  const parsed = new DOMParser().parseFromString(svg, "text/html").body.firstElementChild;
  if (parsed !== null) drawing.replaceChildren(parsed);
}

/** @type {Map<string, string>} what each figure shows now */
const drawn = new Map();

/** @param {View} view */
function show(view) {
  // A version more, or another column: the page as a whole is another one then.
  const heads = root.querySelectorAll("[data-table='sessions'] thead th").length;
  if (view.tables.sessions.length > 0 && view.tables.sessions[0][1].length !== heads) {
    window.location.reload();
    return;
  }
  setText(summary, view.summary);
  for (const [name, value, flag] of view.tiles) {
    const tile = root.querySelector(`[data-tile="${name}"]`);
    setText(tile?.querySelector("b") ?? null, value);
    const mark = tile?.querySelector(".flag");
    if (mark instanceof HTMLElement) {
      setText(mark, flag);
      mark.hidden = flag === "";
    }
  }
  for (const figure of view.figures) setFigure(...figure);
  for (const [name, rows] of Object.entries(view.tables)) {
    const table = root.querySelector(`[data-table="${name}"]`);
    if (table instanceof HTMLTableElement) setTable(table, rows);
    const section = root.querySelector(`[data-has="${name}"]`);
    if (section instanceof HTMLElement) section.hidden = rows.length === 0;
  }
  showIf("[data-empty]", view.empty);
  showIf("[data-full]", !view.empty);
  showState(view.state);
  more = view.more;
}

/** @param {string} which @param {boolean} shown */
function showIf(which, shown) {
  for (const part of root.querySelectorAll(which)) if (part instanceof HTMLElement) part.hidden = !shown;
}

/** @param {string} state of the study */
function showState(state) {
  for (const button of root.querySelectorAll("[data-when]")) {
    if (!(button instanceof HTMLElement)) continue;
    const had = document.activeElement === button;
    button.hidden = button.dataset.when !== state;
    if (had && button.hidden) summary.closest("#live")?.querySelector("select")?.focus();
  }
  const tag = document.querySelector(".study-head .state");
  if (tag !== null && tag.textContent !== state) {
    tag.textContent = state;
    tag.className = `state state-${state}`;
  }
}

/** @param {string} words why there is nothing new; empty if all is well */
function tellTrouble(words) {
  setText(trouble, words);
  trouble.hidden = words === "";
}

/** Ask once. @returns {Promise<boolean>} whether to ask again */
async function ask() {
  let answer;
  try {
    // An own copy of the ETag, for no cache may keep what is told here.
    answer = await fetch(root.dataset.url ?? "", { headers: { "If-None-Match": etag, Accept: "application/json" }, cache: "no-store" });
  } catch {
    return failed("The server cannot be reached. Trying again …");
  }
  if (answer.redirected) return stopped("You are signed out. Load the page again to sign in.");
  if (answer.status === 403 || answer.status === 404) return stopped("This study is not open to you any more.");
  if (answer.status !== 304) {
    if (!answer.ok) return failed("The server could not answer. Trying again …");
    show(await answer.json());
    etag = answer.headers.get("ETag") ?? "";
  }
  failures = 0;
  tellTrouble("");
  updated.textContent = `Up to date at ${new Date().toLocaleTimeString()}`;
  return true;
}

/** @param {string} words */
function failed(words) {
  failures += 1;
  tellTrouble(words);
  return true;
}

/** @param {string} words */
function stopped(words) {
  tellTrouble(words);
  return false;
}

function wait() {
  if (failures > 0) return Math.min(MOST_WAIT_MS, POLL_MS * 2 ** failures);
  if (more) return MORE_MS;
  return document.hidden ? HIDDEN_POLL_MS : POLL_MS;
}

async function turn() {
  window.clearTimeout(timer);
  timer = undefined;
  if (performance.now() - touchedAt >= WATCHED_MS) {
    updated.textContent = "Stopped: nobody has touched this page for half an hour.";
    again.hidden = false;
    return;
  }
  if (await ask()) plan(wait());
}

/** @param {number} milliseconds */
function plan(milliseconds) {
  window.clearTimeout(timer);
  timer = window.setTimeout(turn, milliseconds);
}

for (const kind of ["pointerdown", "keydown", "wheel"]) {
  window.addEventListener(kind, () => (touchedAt = performance.now()), { passive: true });
}

again.addEventListener("click", () => {
  again.hidden = true;
  touchedAt = performance.now();
  void turn();
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden && timer !== undefined) plan(0);
});

for (const form of root.querySelectorAll(".live-state")) {
  form.addEventListener("submit", async (event) => {
    if (!(form instanceof HTMLFormElement) || !(event instanceof SubmitEvent)) return;
    event.preventDefault();
    // The page is not left: what is sorted stays sorted. The next look shows the new state.
    const sent = new FormData(form, event.submitter);
    const answer = await fetch(form.action, { method: "POST", body: sent }).catch(() => null);
    if (answer === null || !answer.ok) tellTrouble("The state of the study could not be changed. Load the page again.");
    else void turn();
  });
}

for (const select of root.querySelectorAll(".live-filter select")) {
  select.addEventListener("change", () => {
    if (select instanceof HTMLSelectElement) select.form?.requestSubmit();
  });
}

plan(wait());
