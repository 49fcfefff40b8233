// @ts-check
/**
 * What every kind of trial shares: answering, keys, interruptions, whether the answer was right. It
 * knows only what the server told.
 */

import { buttons, byId, onKeys, pressed, say } from "./page.js";
import { text } from "./texts.js";

/** @typedef {import("./answer_buttons.js").Answers} Answers */
/**
 * @typedef {{ response: string, response_time_ms: number, plays: number[] }} Answer
 * @typedef {{ rampSeconds: number, gapSeconds: number, loop: boolean, restart: boolean,
 *   loopRegion: boolean, maxPlays: number, breakSeconds: number, mayEndPractice: boolean,
 *   report: (kind: string, detail?: string) => void }} Options
 * @typedef {Options & { groups: number[], Region?: typeof import("./loop_region.js").LoopRegion }} Setting
 */

/** Beyond this age the browser's word on what was just heard is no measurement. */
const OLDEST_STAMP_MS = 1000;

/** What both kinds of playing share: answers, keys, counts, the time of the answer. */
export class Trial {
  /**
   * @param {AudioContext} context
   * @param {AudioBuffer[]} buffers
   * @param {Setting} options
   * @param {Answers} answers
   */
  constructor(context, buffers, options, answers) {
    this.context = context;
    this.options = options;
    this.plays = buffers.map(() => 0);
    this.firstSound = 0;
    this.answers = answers;
    this.ended = new AbortController();
  }

  /**
   * Run the trial until it is answered.
   * @param {string} gate shown until the answers open
   * @returns {Promise<Answer>}
   */
  run(gate) {
    say("trial-message", "");
    byId("gate").textContent = gate;
    return new Promise((resolve) => {
      const answer = (/** @type {string} */ response, pressedAt = performance.now()) => {
        if (this.ended.signal.aborted) return;
        // The first press counts; from here on none does.
        const time = Math.max(0, pressedAt - this.firstSound);
        this.ended.abort();
        endKeys();
        this.stop();
        this.answers.close();
        resolve({
          response,
          response_time_ms: Math.round(time * 10) / 10,
          plays: this.plays,
        });
      };
      const { signal } = this.ended;
      this.answers.begin(answer, signal);
      const endKeys = onKeys((key) => this.answers.key(key) || this.key(key));
      document.addEventListener("visibilitychange", () => this.hidden(), { signal });
      this.context.addEventListener("statechange", () => this.interrupted(), { signal });
      this.open();
    });
  }

  openAnswers() {
    if (!this.answers.opened) byId("gate").textContent = "";
    this.answers.open();
  }

  /** @param {number} time of the first sound, on the audio clock */
  began(time) {
    if (this.firstSound === 0) {
      this.firstSound = heardAt(this.context, time);
    }
  }

  hidden() {
    if (document.hidden && this.stop()) this.options.report("hidden-while-playing");
  }

  /** A call, a locked screen or a lost device stops the audio clock; the next press starts it. */
  interrupted() {
    if (this.context.state !== "running" && this.stop()) {
      // Nothing was heard whole yet: the time of the answer must not count the interruption.
      if (!this.answers.opened) this.firstSound = 0;
      this.options.report("interrupted-while-playing", this.context.state);
      say("trial-message", text("interrupted"));
    }
  }

  /** To be called first in every press that makes sound. */
  wake() {
    say("trial-message", "");
    if (this.context.state !== "running") this.context.resume().catch(() => this.interrupted());
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

/**
 * When a time on the audio clock reaches the ear, on the page's clock, in ms. Presses have their
 * time on that clock too, from the moment of the press and not of its handling.
 * @param {AudioContext} context
 * @param {number} time
 */
function heardAt(context, time) {
  const { contextTime = 0, performanceTime = 0 } = context.getOutputTimestamp?.() ?? {};
  const now = performance.now();
  // Before the first sound has left, some browsers say 0 for both; WebKitGTK names a time to come.
  const isPlausible = contextTime > 0 && performanceTime <= now && performanceTime > now - OLDEST_STAMP_MS;
  if (isPlausible) return performanceTime + 1000 * (time - contextTime);
  return now + 1000 * (time - context.currentTime + (context.outputLatency || 0));
}

/** Switch the controls of a trial off while the next one loads. */
export function closeControls() {
  byId("gate").textContent = "";
  for (const button of buttons(".interval, .answer, #play, #stop, #next, .region button")) button.disabled = true;
  for (const marker of document.querySelectorAll(".marker")) marker.classList.remove("lit");
}

/**
 * Say how the answer was, where the study tells it, until that is seen.
 * @param {import("./sending.js").Receipt | null} receipt
 */
export async function tellResult(receipt) {
  if (receipt === null || receipt.correct === null) return;
  const right = document.querySelector(`[data-response="${receipt.correct_response}"]`);
  const label = right?.lastChild?.textContent?.trim() ?? receipt.correct_response ?? "";
  if (receipt.correct) say("trial-message", text("right"), "good");
  else say("trial-message", text("wrong", { answer: label }), "bad");
  byId("continue-row").hidden = false;
  byId("continue").focus({ preventScroll: true });
  await pressed("continue");
  byId("continue-row").hidden = true;
}
