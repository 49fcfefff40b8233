// @ts-check
/** One trial on the page: listening, gating, answering. It knows no more than the server told. */

import { SequencePlayer, SwitchPlayer } from "./player.js";
import { buttons, byId, onKeys, say, suspend } from "./page.js";

/** An interval counts as heard once it was audible for this long, or to its end. */
export const HEARD_SECONDS = 0.5;

/**
 * @typedef {{ response: string, response_time_ms: number, plays: number[] }} Answer
 * @typedef {{ rampSeconds: number, gapSeconds: number, report: (kind: string, detail?: string) => void }} Options
 */

/** What both kinds of trial share: answers, keys, counts, the time of the answer. */
class Trial {
  /**
   * @param {AudioContext} context
   * @param {AudioBuffer[]} buffers
   * @param {Options} options
   */
  constructor(context, buffers, options) {
    this.context = context;
    this.options = options;
    this.plays = buffers.map(() => 0);
    this.firstSound = 0;
    this.answers = buttons(".answer");
    this.ended = new AbortController();
  }

  /**
   * Run the trial until it is answered.
   * @returns {Promise<Answer>}
   */
  run() {
    say("trial-message", "");
    byId("gate").textContent = byId("gate").dataset.ready ?? "";
    for (const button of this.answers) button.disabled = true;
    return new Promise((resolve) => {
      const answer = (/** @type {HTMLButtonElement} */ button) => {
        if (button.disabled || this.ended.signal.aborted) return;
        // The first press counts; from here on none does.
        const time = performance.now() - this.firstSound;
        this.ended.abort();
        endKeys();
        this.stop();
        for (const other of this.answers) other.disabled = true;
        button.classList.add("chosen");
        resolve({
          response: button.dataset.response ?? "",
          response_time_ms: Math.round(time * 10) / 10,
          plays: this.plays,
        });
      };
      for (const button of this.answers) {
        button.addEventListener("click", () => answer(button), { signal: this.ended.signal });
      }
      const endKeys = onKeys((key) => {
        const index = Number(key) - 1;
        if (this.answers[index] !== undefined) {
          answer(this.answers[index]);
          return true;
        }
        return this.key(key);
      });
      const { signal } = this.ended;
      document.addEventListener("visibilitychange", () => this.hidden(), { signal });
      this.context.addEventListener("statechange", () => this.interrupted(), { signal });
      this.open();
    });
  }

  openAnswers() {
    for (const button of this.answers) button.disabled = false;
    byId("gate").textContent = "";
  }

  /** @param {number} time of the first sound, on the audio clock */
  began(time) {
    if (this.firstSound === 0) {
      this.firstSound = performance.now() + 1000 * (time - this.context.currentTime);
    }
  }

  hidden() {
    if (document.hidden && this.stop()) this.options.report("hidden-while-playing");
  }

  /** A call, a locked screen or a lost device stops the audio clock; the next press starts it. */
  interrupted() {
    if (this.context.state !== "running" && this.stop()) {
      this.options.report("interrupted-while-playing", this.context.state);
      say("trial-message", "The sound was interrupted. Please play it again.");
    }
  }

  /** To be called first in every press that makes sound. */
  wake() {
    say("trial-message", "");
    if (this.context.state !== "running") void this.context.resume();
  }

  /** Make the controls ready. */
  open() {}

  /**
   * Silence. True if something was playing.
   * @returns {boolean}
   */
  stop() {
    return false;
  }

  /**
   * @param {string} _key
   * @returns {boolean} whether the key was used
   */
  key(_key) {
    return false;
  }
}

/** Two intervals one after the other; answers open when the last one was played to its end. */
export class SequenceTrial extends Trial {
  /**
   * @param {AudioContext} context
   * @param {AudioBuffer[]} buffers
   * @param {Options} options
   */
  constructor(context, buffers, options) {
    super(context, buffers, options);
    this.player = new SequencePlayer(context, buffers, options);
    this.markers = [...document.querySelectorAll(".marker")];
    this.button = buttons("#play")[0];
  }

  open() {
    this.button.disabled = false;
    this.button.textContent = "Play";
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
    resume();
    this.button.textContent = heard ? "Play again" : "Play";
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

/** Intervals to switch between; answers open when each was heard. */
export class SwitchTrial extends Trial {
  /**
   * @param {AudioContext} context
   * @param {AudioBuffer[]} buffers
   * @param {Options} options
   */
  constructor(context, buffers, options) {
    super(context, buffers, options);
    this.player = new SwitchPlayer(context, buffers, options);
    this.heard = buffers.map(() => 0);
    this.since = 0;
    this.last = 0;
    this.intervals = buttons(".interval");
    this.stopButton = buttons("#stop")[0];
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
    if (index === this.player.current) return;
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

  /** @param {string} key */
  key(key) {
    if (key === " ") {
      if (!this.stop()) this.select(this.last);
      return true;
    }
    const index = this.intervals.findIndex((button) => button.textContent?.trim().toLowerCase() === key);
    if (index < 0) return false;
    this.select(index);
    return true;
  }

  /** Add what was heard since the last change. */
  #count() {
    const { current } = this.player;
    if (current === null) return;
    const now = this.context.currentTime;
    this.heard[current] += Math.max(0, now - this.since);
    this.since = Math.max(now, this.since);
    const enough = Math.min(HEARD_SECONDS, this.player.duration);
    const missing = this.intervals.filter((button, index) => {
      button.classList.toggle("heard", this.heard[index] >= enough);
      return this.heard[index] < enough;
    });
    if (missing.length === 0) {
      this.openAnswers();
    } else if (missing.length < this.intervals.length) {
      const gate = byId("gate");
      const text = `${gate.dataset.missing} ${missing.map((button) => button.textContent?.trim()).join(", ")}`;
      if (gate.textContent !== text) gate.textContent = text;
    }
  }

  #show() {
    this.stopButton.disabled = this.player.current === null;
    this.intervals.forEach((button, index) =>
      button.setAttribute("aria-pressed", String(index === this.player.current)),
    );
    byId("playhead").style.width = `${(100 * this.player.position()) / this.player.duration}%`;
  }

  #draw() {
    if (this.ended.signal.aborted || this.player.current === null) return;
    this.#count();
    this.#show();
    requestAnimationFrame(() => this.#draw());
  }
}

/** Forget what was chosen in the trial before. */
export function clearAnswer() {
  for (const button of buttons(".answer")) button.classList.remove("chosen");
  for (const button of buttons(".interval")) button.classList.remove("heard");
}

/** Switch the controls of a trial off while the next one loads. */
export function closeControls() {
  byId("gate").textContent = "";
  for (const button of buttons(".interval, .answer, #play, #stop")) button.disabled = true;
  for (const marker of document.querySelectorAll(".marker")) marker.classList.remove("lit");
}
