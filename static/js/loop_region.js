// @ts-check
/** The participant may choose a part of the sound to listen to: the same of every interval. */

import { buttons, byId } from "./page.js";

/** @typedef {import("./player.js").SwitchPlayer} SwitchPlayer */

const SHORTEST_SECONDS = 0.3;

export class LoopRegion {
  /**
   * @param {SwitchPlayer} player
   * @param {AbortSignal} signal of the trial's end
   */
  constructor(player, signal) {
    this.player = player;
    this.length = player.duration;
    const act = { from: () => this.from(), to: () => this.to(), whole: () => this.whole() };
    for (const button of buttons(".region button")) {
      const name = /** @type {keyof typeof act} */ (button.dataset.region);
      button.disabled = false;
      button.addEventListener("click", act[name], { signal });
    }
    this.#show();
  }

  /** Where the sound is now, in seconds from its start. */
  get position() {
    return this.player.region.start + this.player.position();
  }

  /** Begin here. */
  from() {
    this.#choose(this.position, this.player.region.end);
  }

  /** End here. */
  to() {
    this.#choose(this.player.region.start, this.position);
  }

  whole() {
    this.#choose(0, this.length);
  }

  /**
   * @param {string} key
   * @returns {boolean} whether it was used
   */
  key(key) {
    if (key === "[") this.from();
    else if (key === "]") this.to();
    else return false;
    return true;
  }

  /**
   * @param {number} start
   * @param {number} end
   */
  #choose(start, end) {
    if (end - start < Math.min(SHORTEST_SECONDS, this.length)) return;
    this.player.choose({ start, end });
    this.#show();
  }

  #show() {
    const { start, end } = this.player.region;
    const { style } = byId("region");
    style.insetInlineStart = `${(100 * start) / this.length}%`;
    style.width = `${(100 * (end - start)) / this.length}%`;
  }
}
