// @ts-check
/** A trial of intervals that are played one after the other. */

import { buttons, byId, suspend } from "./page.js";
import { SequencePlayer } from "./player.js";
import { text } from "./texts.js";
import { Trial } from "./trial.js";

/** @typedef {import("./trial.js").Setting} Setting */
/** @typedef {import("./trial.js").Answers} Answers */

/** Intervals one after the other; answers open when the last one was played to its end. */
export class SequenceTrial extends Trial {
  /**
   * @param {AudioContext} context
   * @param {AudioBuffer[]} buffers
   * @param {Setting} options
   * @param {Answers} answers
   */
  constructor(context, buffers, options, answers) {
    super(context, buffers, options, answers);
    this.player = new SequencePlayer(context, buffers, options);
    this.markers = [...document.querySelectorAll(".marker")];
    this.button = buttons("#play")[0];
  }

  open() {
    this.button.disabled = false;
    this.button.textContent = text("play");
    this.button.addEventListener("click", () => this.play(), { signal: this.ended.signal });
  }

  async play() {
    if (this.player.playing) return;
    this.wake();
    const resume = suspend(this.button);
    const { starts, ends, done } = this.player.play();
    this.began(starts[0]);
    this.#light(starts, ends);
    const heard = await done;
    if (this.ended.signal.aborted) return;
    if (heard) {
      this.plays = this.plays.map((count) => count + 1);
      this.openAnswers();
    }
    if (this.plays[0] >= this.options.maxPlays) {
      byId("gate").textContent = text("used-up");
      return;
    }
    resume();
    this.button.textContent = text(heard ? "play-again" : "play");
  }

  stop() {
    const playing = this.player.playing;
    this.player.stop();
    return playing;
  }

  /** @param {string} key */
  key(key) {
    if (key !== " " && key !== "enter") return false;
    if (!this.button.disabled) void this.play();
    return true;
  }

  /**
   * Light each marker while its interval can be heard: read from the audio clock, drawn by
   * the screen's.
   * @param {number[]} starts
   * @param {number[]} ends
   */
  #light(starts, ends) {
    const draw = () => {
      const now = this.context.currentTime - (this.context.outputLatency || 0);
      const playing = this.player.playing;
      this.markers.forEach((marker, index) =>
        marker.classList.toggle("lit", playing && now >= starts[index] && now < ends[index]),
      );
      if (playing) requestAnimationFrame(draw);
    };
    draw();
  }
}
