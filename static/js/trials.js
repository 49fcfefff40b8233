// @ts-check
/**
 * Trials one after the other, for as long as it is known what comes next: the sounds of the next
 * two are loaded meanwhile, and answers are sent behind the participant's back.
 */

import { randomName } from "./api.js";
import { askConfidence } from "./confidence.js";
import { takeBreak } from "./break.js";
import { byId, pressed, say, showProgress, showStep } from "./page.js";
import { SequenceTrial } from "./sequence_trial.js";
import { SwitchTrial } from "./switch_trial.js";
import { percentage, text } from "./texts.js";
import { TimeLeft } from "./time_left.js";
import { clearAnswer, closeControls } from "./trial.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./clips.js").Clips} Clips */
/** @typedef {import("./sending.js").Sender} Sender */
/** @typedef {import("./sending.js").Receipt} Receipt */
/** @typedef {import("./trial.js").Options} Options */
/**
 * @typedef {{ number: number, n_trials: number, phase: string, place: number, n_in_phase: number,
 *   starts_block: boolean, intervals: { label: string, clip: string }[] }} TrialView
 */

export class Trials {
  /**
   * @param {Session} session
   * @param {Sender} sender
   * @param {Clips} clips
   * @param {{ playback: string, options: Options, secondsPerTrial: number,
   *   wake: () => Promise<AudioContext> }} setting
   */
  constructor(session, sender, clips, { playback, options, secondsPerTrial, wake }) {
    this.session = session;
    this.sender = sender;
    this.clips = clips;
    this.options = options;
    this.wake = wake;
    this.timeLeft = new TimeLeft(secondsPerTrial);
    this.Kind = playback === "switched" ? SwitchTrial : SequenceTrial;
    /**
     * By number: what is known of trials to come.
     * @type {Map<number, TrialView>}
     */
    this.ahead = new Map();
    /** Instructions are shown once before the practice and once before the test. */
    this.introduced = "";
    /** The trial that was asked for last; the server takes it as presented. */
    this.asked = 0;
    this.onScreen = 0;
    this.clips.onProgress = (number, share) => this.#showLoading(number, share);
    this.sender.afterEach = () => this.#lookAhead();
  }

  /**
   * Trials from the current one on, until the server has to say what comes next. The last answer
   * may still be on its way then. True if it was the last of the session.
   * @param {{ seconds_per_trial: number | null }} state of the session
   * @returns {Promise<boolean>}
   */
  async take({ seconds_per_trial: pace }) {
    this.timeLeft.learn(pace);
    /** @type {TrialView} */
    let trial = await this.session.json("POST", "/trial");
    this.asked = trial.number;
    for (;;) {
      const { receipt } = await this.#one(trial);
      // Feedback needs the server's word; so does what comes after a block and after the practice.
      if (this.#tells(trial)) await this.#feedback(await receipt);
      const next = this.ahead.get(trial.number + 1);
      if (next === undefined || next.starts_block || next.phase !== trial.phase) break;
      await this.sender.room();
      trial = next;
    }
    return trial.phase !== "practice" && trial.place === trial.n_in_phase;
  }

  /**
   * @param {TrialView} trial
   * @returns {Promise<{ receipt: Promise<Receipt | null> }>} once the answer is kept
   */
  async #one(trial) {
    this.ahead.delete(trial.number);
    this.onScreen = trial.number;
    const loading = this.clips.load(trial);
    loading.catch(() => {}); // waited for below; until then it may fail without being looked at
    void this.#lookAhead();
    await this.#introduce(trial);
    this.#show(trial);
    const buffers = await loading;
    const context = await this.wake();
    const shown = performance.now();
    this.timeLeft.begin();
    const answer = await new this.Kind(context, buffers, this.options).run();
    closeControls();
    this.timeLeft.answered();
    const confidence = await askConfidence(this.options.confidenceSteps);
    this.clips.keep([...this.ahead.keys()]);
    return this.sender.add({
      number: trial.number,
      shown,
      page: performance.timeOrigin,
      body: {
        key: randomName(),
        ...answer,
        confidence,
        context_rate_hz: context.sampleRate,
        output_latency_ms: 1000 * (context.outputLatency || 0),
      },
    });
  }

  /** Tell the server which trial is on the screen, and load the sounds of the next ones. */
  async #lookAhead() {
    if (this.sender.waiting > 0) return; // called again once the answer is stored
    try {
      if (this.asked !== this.onScreen) {
        const { number } = await this.session.json("POST", "/trial");
        this.asked = number;
      }
      const { trials } = await this.session.json("POST", "/trials/ahead");
      for (const trial of trials) {
        if (trial.number <= this.onScreen) continue;
        this.ahead.set(trial.number, trial);
        this.clips.load(trial).catch(() => {}); // asked for again when its turn comes
      }
    } catch (error) {
      // Without it the next trial is asked for when its turn comes.
      this.options.report("look-ahead-failed", String(error));
    }
  }

  /** @param {TrialView} trial */
  async #introduce(trial) {
    if (this.introduced !== trial.phase) {
      const practiced = this.introduced === "practice";
      this.introduced = trial.phase;
      const practiceNote = document.getElementById("practice-note");
      if (practiceNote !== null) practiceNote.hidden = trial.phase !== "practice";
      byId("main-note").hidden = !practiced;
      showStep("instructions");
      await pressed("begin");
    } else if (trial.starts_block) {
      const { breakSeconds: seconds } = this.options;
      await takeBreak({ seconds, done: trial.place - 1, total: trial.n_in_phase });
    }
    await this.wake();
  }

  /** @param {TrialView} trial */
  #show(trial) {
    say("trial-message", "");
    closeControls();
    clearAnswer();
    byId("continue-row").hidden = true;
    byId("feedback").classList.toggle("expected", this.#tells(trial)); // keeps room for it
    const count = { place: trial.place, total: trial.n_in_phase };
    byId("trial-count").textContent = text(this.#name(trial), count);
    byId("trial-count").dataset.number = String(trial.number);
    this.#showLoading(trial.number, this.clips.share(trial.number));
    showProgress((trial.number - 1) / trial.n_trials);
    showStep("trial");
    this.timeLeft.update(trial.n_trials - trial.number + 1);
  }

  /** @param {TrialView} trial */
  #name({ phase }) {
    if (phase === "main") return "trial";
    return this.options.mayEndPractice ? "practice-trial-at-most" : "practice-trial";
  }

  /**
   * Whether the participant is told how the answer was.
   * @param {TrialView} trial
   */
  #tells({ phase }) {
    const { feedback } = this.options;
    return feedback === "always" || (feedback === "practice" && phase === "practice");
  }

  /**
   * @param {number} number
   * @param {number} share
   */
  #showLoading(number, share) {
    if (number !== this.onScreen || share === 1) return;
    byId("gate").textContent = text("loading-sounds", { share: percentage(Math.floor(100 * share) / 100) });
  }

  /** @param {Receipt | null} receipt */
  async #feedback(receipt) {
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
}
