// @ts-check
/** Answers that are one rating per interval: sliders, and a button that sends them. */

import { buttons, byId } from "./page.js";
import { fixed, listed, text } from "./texts.js";

/** @typedef {import("./answer_buttons.js").Answers} Answers */

/** Keys that move a slider, also where it cannot go any further. */
const MOVING = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End", "PageUp", "PageDown"];

/** @implements {Answers} */
export class SliderAnswers {
  constructor() {
    this.group = /** @type {HTMLElement} */ (document.querySelector(".ratings"));
    this.next = buttons("#next")[0];
    this.opened = false;
    this.decimals = Number(this.group.dataset.decimals);
    /** @type {NodeListOf<HTMLElement>} */
    const words = this.group.querySelectorAll(".scale-word");
    /** From the highest down. */
    this.words = [...words]
      .map((node) => ({ at: Number(node.dataset.at), words: node.textContent?.trim() ?? "" }))
      .sort((one, other) => other.at - one.at);
    this.rows = [...this.group.querySelectorAll(".rating")].map(rowOf);
    /** Place of each rated interval among all of them. */
    this.places = this.rows.map(({ button }) => buttons(".interval").indexOf(button));
  }

  /**
   * @param {(response: string, pressedAt?: number) => void} answer
   * @param {AbortSignal} signal of the trial's end
   */
  begin(answer, signal) {
    this.close();
    for (const row of this.rows) {
      const { slider } = row;
      const set = () => this.#set(row);
      slider.disabled = false;
      slider.addEventListener("input", set, { signal });
      // The lowest rating is where a slider stands before it is set: moving there moves nothing.
      slider.addEventListener("click", set, { signal });
      const moved = (/** @type {KeyboardEvent} */ event) => MOVING.includes(event.key) && set();
      slider.addEventListener("keydown", moved, { signal });
      this.#show(row);
    }
    const send = (/** @type {MouseEvent} */ event) => {
      if (!this.next.disabled) answer(this.#response(), event.timeStamp);
    };
    this.next.addEventListener("click", send, { signal });
  }

  /** Everything was heard: what is missing now is ratings. */
  open() {
    this.opened = true;
    const missing = this.rows.filter(({ slider }) => slider.classList.contains("unset"));
    this.next.disabled = missing.length > 0 || !this.#hasHighest();
    let news = "";
    if (missing.length > 0) news = text("still-to-rate", { labels: listed(missing.map(({ label }) => label)) });
    else if (this.next.disabled) news = text("needs-highest", { highest: this.#inDigits(this.rows[0].slider.max) });
    const gate = byId("gate");
    if (gate.textContent !== news) gate.textContent = news;
  }

  close() {
    this.opened = false;
    this.next.disabled = true;
    for (const { slider } of this.rows) slider.disabled = true;
  }

  /**
   * The focus goes to the slider of the interval that a key plays.
   * @param {number} index of an interval
   */
  follow(index) {
    this.rows[this.places.indexOf(index)]?.slider.focus({ preventScroll: false });
  }

  /** @returns {boolean} whether a key was used: the slider in focus takes its own */
  key() {
    return false;
  }

  /** @param {Row} row */
  #set(row) {
    row.slider.classList.remove("unset");
    this.#show(row);
    if (this.opened) this.open();
  }

  /** @param {Row} row */
  #show({ slider, rated }) {
    if (slider.classList.contains("unset")) {
      rated.textContent = "–";
      slider.setAttribute("aria-valuetext", text("not-rated"));
      return;
    }
    const rating = this.#inDigits(slider.value);
    const words = this.#wordsAt(Number(slider.value));
    slider.setAttribute("aria-valuetext", text("rating-in-words", { rating, words }));
    const digits = document.createElement("b");
    digits.textContent = rating;
    rated.replaceChildren(digits, ` ${words}`);
  }

  /**
   * The word of the scale that is nearest; half-way between two, the better one.
   * @param {number} rating
   */
  #wordsAt(rating) {
    const distance = (/** @type {{ at: number }} */ { at }) => Math.abs(at - rating);
    return this.words.reduce((best, one) => (distance(one) < distance(best) - 1e-9 ? one : best)).words;
  }

  /** @param {string} rating */
  #inDigits(rating) {
    return fixed(Number(rating), this.decimals);
  }

  /** Where one of the sounds is known to be the reference, one has the highest rating. */
  #hasHighest() {
    if (this.group.dataset.needsHighest === undefined) return true;
    return this.rows.some(({ slider }) => Number(slider.value) === Number(slider.max));
  }

  #response() {
    return this.rows.map(({ slider }) => Number(slider.value).toFixed(this.decimals)).join(";");
  }
}

/** @typedef {ReturnType<typeof rowOf>} Row */

/** @param {Element} row */
function rowOf(row) {
  const button = /** @type {HTMLButtonElement} */ (row.querySelector(".interval"));
  return {
    button,
    label: button.dataset.label ?? "",
    slider: /** @type {HTMLInputElement} */ (row.querySelector(".slider")),
    rated: /** @type {HTMLElement} */ (row.querySelector(".rated")),
  };
}
