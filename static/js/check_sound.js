// @ts-check
/** The sound of a check and the button that plays it, with marks for its parts. */

import { buttons, suspend } from "./page.js";
import { SequencePlayer } from "./player.js";
import { text } from "./texts.js";

export class CheckSound {
  /**
   * @param {AudioContext} context
   * @param {AudioBuffer} buffer
   * @param {{ start: number, end: number }[]} intervals parts to be marked while they play
   * @param {AbortSignal} signal ends listening to the button
   */
  constructor(context, buffer, intervals, signal) {
    this.context = context;
    this.player = new SequencePlayer(context, [buffer], { gapSeconds: 0, rampSeconds: 0.005 });
    this.intervals = intervals;
    this.signal = signal;
    this.button = buttons("#check-play")[0];
    this.marks = [...document.querySelectorAll("#check-body .part")];
    this.begin = 0;
    /** Called when the sound has ended by itself. */
    this.onHeard = () => {};
  }

  open() {
    this.button.disabled = false;
    this.button.textContent = this.button.dataset.play ?? "";
    this.button.addEventListener("click", () => this.start(), { signal: this.signal });
    const interrupted = () => {
      if (this.context.state !== "running") this.player.stop();
    };
    this.context.addEventListener("statechange", interrupted, { signal: this.signal });
    document.addEventListener("visibilitychange", () => document.hidden && this.player.stop(), { signal: this.signal });
  }

  close() {
    this.player.stop();
    this.button.disabled = true;
  }

  /** @returns {true} the press is used, even while it plays already */
  start() {
    if (!this.player.playing && !this.button.disabled) void this.#play();
    return true;
  }

  async #play() {
    // The first press of all may come before the browser lets the audio clock run.
    if (this.context.state !== "running") this.context.resume().catch(() => this.player.stop());
    const resume = suspend(this.button);
    const { starts, done } = this.player.play();
    this.begin = starts[0];
    requestAnimationFrame(() => this.#mark());
    const heard = await done;
    if (this.signal.aborted) return;
    resume();
    this.button.textContent = text("play-again");
    if (heard) this.onHeard();
  }

  #mark() {
    const time = this.context.currentTime - (this.context.outputLatency || 0) - this.begin;
    const { playing } = this.player;
    this.marks.forEach((mark, index) => {
      const part = this.intervals[index];
      mark.classList.toggle("lit", playing && part !== undefined && time >= part.start && time < part.end);
    });
    if (playing) requestAnimationFrame(() => this.#mark());
  }
}
