// @ts-check
/** Answers that are one press: a choice, or a category of a scale. */

import { buttons } from "./page.js";

/**
 * What a kind of trial needs of the answers beside it.
 * @typedef {{ opened: boolean,
 *   begin: (answer: (response: string, pressedAt?: number) => void, signal: AbortSignal) => void,
 *   open: () => void, close: () => void, follow: (index: number) => void,
 *   key: (key: string) => boolean }} Answers
 */

/** @implements {Answers} */
export class ButtonAnswers {
  constructor() {
    this.buttons = buttons(".answer");
    this.opened = false;
  }

  /**
   * @param {(response: string, pressedAt?: number) => void} answer
   * @param {AbortSignal} signal of the trial's end
   */
  begin(answer, signal) {
    this.close();
    for (const button of this.buttons) {
      const press = (/** @type {MouseEvent} */ event) => {
        if (button.disabled) return;
        button.classList.add("chosen");
        answer(button.dataset.response ?? "", event.timeStamp);
      };
      button.addEventListener("click", press, { signal });
    }
  }

  /** Everything was heard. */
  open() {
    if (this.opened) return;
    this.opened = true;
    for (const button of this.buttons) button.disabled = false;
  }

  close() {
    this.opened = false;
    for (const button of this.buttons) button.disabled = true;
  }

  /** An interval is listened to: nothing here depends on which. */
  follow() {}

  /**
   * @param {string} key
   * @returns {boolean} whether it was used
   */
  key(key) {
    const button = this.buttons.find(({ dataset }) => dataset.key === key);
    button?.click(); // does nothing while it is closed
    return button !== undefined;
  }
}
