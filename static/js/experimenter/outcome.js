// @ts-check
/** What became of dropped files, in words: how many, what was left out and why, what to look at. */

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/**
 * @param {string} tag
 * @param {string} text
 * @param {string} [className]
 */
function element(tag, text, className = "") {
  const made = document.createElement(tag);
  made.textContent = text;
  if (className !== "") made.className = className;
  return made;
}

/**
 * A list that opens on demand, with a reason behind each name.
 * @param {string} title
 * @param {[string, string][]} entries
 * @param {boolean} open
 */
function listOf(title, entries, open) {
  const details = document.createElement("details");
  details.open = open;
  const list = document.createElement("ul");
  list.className = "reasons";
  for (const [name, reason] of entries) {
    const entry = document.createElement("li");
    entry.append(element("code", name), element("span", ` ${reason}`));
    list.append(entry);
  }
  details.append(element("summary", title), list);
  return details;
}

/**
 * @typedef {object} Told
 * @property {string} title
 * @property {string} words
 * @property {boolean} [bad]
 * @property {string[]} [notes]
 * @property {[string, string][]} [leftOut]
 * @property {[string, string][]} [failed]
 */

/**
 * Show the outcome and move there, so that it is read out.
 * @param {Told} told
 */
export function showOutcome({ title, words, bad = false, notes = [], leftOut = [], failed = [] }) {
  const body = part("outcome-body");
  part("outcome-title").textContent = title;
  body.replaceChildren(element("p", words, bad ? "notice bad" : ""));
  if (failed.length > 0) body.append(listOf(`${failed.length} refused`, failed, true));
  if (leftOut.length > 0) body.append(listOf(`${leftOut.length} left out`, leftOut, leftOut.length <= 20));
  if (notes.length > 0) {
    const list = document.createElement("ul");
    for (const note of notes) list.append(element("li", note));
    body.append(element("p", "Please look at this:"), list);
  }
  part("outcome").hidden = false;
  part("outcome-title").focus();
}

/** Nothing to tell any more. */
export function hideOutcome() {
  part("outcome").hidden = true;
}
