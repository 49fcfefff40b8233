// @ts-check
/** A trial of intervals to switch between. */

import { buttons, byId } from "./page.js";
import { SwitchPlayer } from "./player.js";
import { listed, text } from "./texts.js";
import { Trial } from "./trial.js";

/** @typedef {import("./trial.js").Setting} Setting */
/** @typedef {import("./trial.js").Answers} Answers */

/** An interval counts as heard once it was audible for this long, or to its end. */
export const HEARD_SECONDS = 0.5;

/** Intervals to switch between; answers open when each was heard. */
export class SwitchTrial extends Trial {
  /**
   * @param {AudioContext} context
   * @param {AudioBuffer[]} buffers
   * @param {Setting} options
   * @param {Answers} answers
   */
  constructor(context, buffers, options, answers) {
    super(context, buffers, options, answers);
    this.player = new SwitchPlayer(context, buffers, options);
    this.player.onEnd = () => this.#ended();
    this.heard = buffers.map(() => 0);
    this.length = this.player.duration;
    this.since = 0;
    this.last = 0;
    this.intervals = buttons(".interval");
    this.stopButton = buttons("#stop")[0];
    this.region = options.Region ? new options.Region(this.player, this.ended.signal) : null;
  }

  open() {
    const { signal } = this.ended;
    this.intervals.forEach((button, index) => {
      button.disabled = false;
      button.addEventListener("click", (event) => this.#pressed(index, event), { signal });
    });
    this.stopButton.addEventListener("click", () => this.stop(), { signal });
    this.#show();
  }

  /**
   * @param {number} index
   * @param {MouseEvent} event
   */
  #pressed(index, event) {
    const byKeyboard = event.detail === 0;
    // After a click the button gives up the focus, so that space stops and goes on as it does
    // everywhere; pressed by keyboard it keeps the focus and does so itself.
    if (!byKeyboard) this.intervals[index].blur();
    if (byKeyboard && index === this.player.current) this.stop();
    else this.select(index);
  }

  /** @param {number} index */
  select(index) {
    if (index === this.player.current || this.#isUsedUp(index)) return;
    this.wake();
    const running = this.player.current !== null;
    this.#count();
    this.since = this.player.select(index);
    this.last = index;
    this.began(this.since);
    this.plays[index] += 1;
    this.#show();
    if (!running) requestAnimationFrame(() => this.#draw());
  }

  stop() {
    if (this.player.current === null) return false;
    this.#count();
    this.player.stop();
    this.#show();
    return true;
  }

  /** The sound does not loop and came to its end. */
  #ended() {
    const { startTime, duration } = this.player;
    this.heard[this.last] += Math.max(0, startTime + duration - this.since);
    this.#open();
    this.#show();
  }

  /**
   * As often as the study allows; an interval that was not heard yet can always be played.
   * @param {number} index
   */
  #isUsedUp(index) {
    return this.plays[index] >= this.options.maxPlays && this.#isHeard(index);
  }

  /** @param {number} index */
  #isHeard(index) {
    return this.heard[index] >= Math.min(HEARD_SECONDS, this.player.duration) - 1e-6;
  }

  /** @param {string} key */
  key(key) {
    if (key === " ") {
      if (!this.stop()) this.select(this.last);
      return true;
    }
    if (this.region?.key(key)) return true;
    const index = this.intervals.findIndex((button) => button.dataset.label?.toLowerCase() === key);
    if (index < 0) return false;
    this.select(index);
    this.answers.follow(index);
    return true;
  }

  /** Add what was heard since the last change. */
  #count() {
    const { current } = this.player;
    if (current === null) return;
    const now = this.context.currentTime;
    this.heard[current] += Math.max(0, now - this.since);
    this.since = Math.max(now, this.since);
    this.#open();
  }

  /** Open the answers once each interval was heard; until then say which was not. */
  #open() {
    const missing = this.intervals.filter((button, index) => {
      button.classList.toggle("heard", this.#isHeard(index));
      return !this.#isHeard(index);
    });
    if (missing.length === 0) {
      this.openAnswers();
    } else if (missing.length < this.intervals.length) {
      const gate = byId("gate");
      const labels = listed(missing.map((button) => button.dataset.label ?? ""));
      const news = text("still-to-hear", { labels });
      if (gate.textContent !== news) gate.textContent = news;
    }
  }

  #show() {
    this.stopButton.disabled = this.player.current === null;
    this.intervals.forEach((button, index) => {
      const playing = index === this.player.current;
      button.setAttribute("aria-pressed", String(playing));
      button.disabled = !playing && this.#isUsedUp(index);
    });
    if (this.player.current === null && this.intervals.every((button) => button.disabled)) {
      byId("gate").textContent = text("used-up");
    }
    const { start } = this.player.region;
    const { style } = byId("playhead");
    style.marginInlineStart = `${(100 * start) / this.length}%`;
    style.width = `${(100 * this.player.position()) / this.length}%`;
  }

  #draw() {
    if (this.ended.signal.aborted || this.player.current === null) return;
    this.#count();
    this.#show();
    requestAnimationFrame(() => this.#draw());
  }
}
