// @ts-check
/** Small helpers for the page: find, show one step, wait for a press. */

/**
 * The element of that id. It is part of the page, so it is there.
 * @param {string} id
 * @returns {HTMLElement}
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`no element #${id}`);
  return element;
}

/**
 * @param {string} selector
 * @returns {HTMLButtonElement[]}
 */
export function buttons(selector) {
  return [...document.querySelectorAll(selector)].filter((node) => node instanceof HTMLButtonElement);
}

/**
 * Show one step and nothing else, and move the focus to its heading.
 * @param {string} name
 */
export function showStep(name) {
  for (const section of document.querySelectorAll(".step")) {
    section.toggleAttribute("hidden", section.id !== `step-${name}`);
  }
  const heading = document.querySelector(`#step-${name} h1`);
  if (heading instanceof HTMLElement) heading.focus({ preventScroll: true });
  window.scrollTo(0, 0);
}

/** @param {number} share of the session, from 0 to 1 */
export function showProgress(share) {
  const percent = Math.round(100 * share);
  const bar = byId("progress");
  bar.hidden = false;
  bar.setAttribute("aria-valuenow", String(percent));
  const fill = bar.firstElementChild;
  if (fill instanceof HTMLElement) fill.style.width = `${percent}%`;
}

/**
 * A line of news, read out by screen readers. It stays in the page while it is empty and takes no
 * room then: a line that comes with its text is not read out everywhere.
 * @param {string} id
 * @param {string} text empty: no news
 * @param {"" | "good" | "bad"} [mood]
 */
export function say(id, text, mood = "") {
  const element = byId(id);
  element.textContent = text;
  element.className = `notice ${mood}`;
}

/**
 * Resolves at the first press of a button; a second one has no effect. With `keys`, space and
 * enter press it wherever the focus is.
 * @param {string} id
 * @param {{ keys?: boolean, signal?: AbortSignal }} [options] with `signal` the keys can be let go
 * @returns {Promise<void>}
 */
export function pressed(id, { keys = true, signal } = {}) {
  const button = byId(id);
  return new Promise((resolve) => {
    const endKeys = keys
      ? onKeys((key) => (key === " " || key === "enter") && (button.click(), true))
      : () => {};
    const press = () => {
      endKeys();
      resolve();
    };
    button.addEventListener("click", press, { once: true, signal });
    signal?.addEventListener("abort", endKeys, { once: true });
  });
}

/**
 * Disable a button while something runs, and give it the focus back if it had it.
 * @param {HTMLButtonElement} button
 * @returns {() => void} ends it
 */
export function suspend(button) {
  const focused = document.activeElement === button;
  button.disabled = true;
  return () => {
    button.disabled = false;
    if (focused && document.activeElement === document.body) button.focus({ preventScroll: true });
  };
}

/**
 * Call `act` with every key that is meant for the test: no repeats, no shortcuts of the
 * browser, nothing typed into a field (a slider is none), and not the space or enter that presses a button in
 * focus. Returns a function that ends it.
 * @param {(key: string) => boolean} act true if the key was used
 */
export function onKeys(act) {
  const listen = (/** @type {KeyboardEvent} */ event) => {
    const target = event.target;
    if (event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
    if ((target instanceof HTMLInputElement && target.type !== "range") || target instanceof HTMLTextAreaElement) return;
    if (target instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) return;
    if (act(event.key.toLowerCase())) event.preventDefault();
  };
  document.addEventListener("keydown", listen);
  return () => document.removeEventListener("keydown", listen);
}
