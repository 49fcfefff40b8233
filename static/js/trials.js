// @ts-check
/**
 * Trials one after the other, for as long as it is known what comes next: the sounds of the next
 * two are loaded meanwhile, and answers are sent behind the participant's back.
 */

import { randomName, Refusal } from "./api.js";
import { askConfidence } from "./confidence.js";
import { takeBreak } from "./break.js";
import { byId, pressed, say, showProgress, showStep } from "./page.js";
import { allTasks, putControls, putInstructions, taskOf } from "./task.js";
import { percentage, text } from "./texts.js";
import { expectedSeconds, TimeLeft } from "./time_left.js";
import { closeControls, tellResult } from "./trial.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./clips.js").Clips} Clips */
/** @typedef {import("./sending.js").Sender} Sender */
/** @typedef {import("./sending.js").Receipt} Receipt */
/** @typedef {import("./trial.js").Options} Options */
/** @typedef {import("./trial.js").Answers} Answers */
/** @typedef {import("./task.js").Task} Task */
/**
 * What the study does not have is not loaded.
 * @typedef {{ playback: Record<string, typeof import("./switch_trial.js").SwitchTrial
 *     | typeof import("./sequence_trial.js").SequenceTrial | undefined>,
 *   answers: Record<string, (new () => Answers) | undefined>,
 *   region: typeof import("./loop_region.js").LoopRegion | undefined }} Kinds
 */
/**
 * @typedef {{ session: string, number: number, n_trials: number, phase: string, place: number, n_in_phase: number,
 *   at_most: boolean, paradigm: string, part: number, starts_block: boolean,
 *   intervals: { label: string, clip: string }[] }} TrialView
 */

/** Codes by which the server says that no trial is due. */
const NOT_DUE = ["session-closed", "trial-out-of-order"];

/**
 * @param {unknown} error
 * @returns {null} where the server knows nothing of what was asked for
 */
function lost(error) {
  if (error instanceof Refusal && error.code === "not-found") return null;
  throw error;
}

export class Trials {
  /**
   * @param {Session} session
   * @param {Sender} sender
   * @param {Clips} clips
   * @param {{ options: Options, kinds: Kinds, nParts: number, wake: () => Promise<AudioContext> }} setting
   */
  constructor(session, sender, clips, { options, kinds, nParts, wake }) {
    this.session = session;
    this.sender = sender;
    this.clips = clips;
    this.options = options;
    this.wake = wake;
    this.kinds = kinds;
    this.nParts = nParts;
    this.tasks = new Map(allTasks().map((task) => [task.paradigm, task]));
    this.timeLeft = new TimeLeft();
    /**
     * By number: what is known of trials to come.
     * @type {Map<number, TrialView>}
     */
    this.ahead = new Map();
    /**
     * Instructions are shown once before the practice and once before the test of each part.
     * @type {{ part: number, phase: string } | null}
     */
    this.introduced = null;
    /** The trial that was asked for last; the server takes it as presented. */
    this.asked = 0;
    this.onScreen = 0;
    this.answered = 0;
    /**
     * Asked for, and not shown yet.
     * @type {TrialView | null}
     */
    this.waiting = null;
    this.clips.onProgress = (number, share) => this.#showLoading(number, share);
    this.sender.afterEach = () => this.#lookAhead();
    this.sender.onLost = () => {
      this.ahead.clear();
      this.clips.keep([]);
    };
  }

  /**
   * Trials from the current one on, until the server has to say what comes next. The last answer
   * may still be on its way then. True if it was the last of the session.
   * @param {{ seconds_per_trial: number | null }} state of the session
   * @returns {Promise<boolean>}
   */
  async take({ seconds_per_trial: pace }) {
    this.#learn(pace);
    let trial = await this.sender.giveBack(this.waiting ?? (await this.session.json("POST", "/trial")));
    this.waiting = null;
    if (trial === null) return false; // the server has its answers back, and no trial is due
    this.asked = trial.number;
    for (;;) {
      const answered = await this.#one(trial);
      if (answered === null) return false;
      const { receipt } = answered;
      // Feedback needs the server's word; so does what comes after a block and after the practice.
      if (this.#tells(trial)) await tellResult(await receipt);
      let next = this.ahead.get(trial.number + 1);
      if (next === undefined && trial.at_most && trial.number < trial.n_trials) {
        // It follows from the answer: asked for as soon as that is stored.
        await receipt;
        next = await this.#following();
      }
      if (next === undefined || next.starts_block || next.phase !== trial.phase) break;
      await this.sender.room();
      this.waiting = null;
      trial = next;
    }
    return trial.number === trial.n_trials;
  }

  /**
   * The trial that is due. Undefined: something else is, or nothing.
   * @returns {Promise<TrialView | undefined>}
   */
  async #following() {
    try {
      const trial = await this.sender.giveBack(await this.session.json("POST", "/trial"));
      if (trial === null) return undefined;
      this.waiting = trial;
      this.asked = trial.number;
      return trial;
    } catch (error) {
      if (error instanceof Refusal && NOT_DUE.includes(error.code)) return undefined;
      throw error;
    }
  }

  /**
   * @param {TrialView} trial
   * @returns {Promise<{ receipt: Promise<Receipt | null> } | null>} once the answer is kept; null
   *   where the server does not know the sounds any more: it was restored from a backup
   */
  async #one(trial) {
    this.ahead.delete(trial.number);
    this.onScreen = trial.number;
    const loading = this.clips.load(trial);
    loading.catch(() => {}); // waited for below; until then it may fail without being looked at
    void this.#lookAhead();
    await this.#introduce(trial);
    this.#show(trial);
    const buffers = await loading.catch(lost);
    if (buffers === null) {
      this.sender.onLost();
      return null;
    }
    const context = await this.wake();
    const shown = performance.now();
    this.timeLeft.begin();
    const task = this.#task(trial);
    const Playing = this.kinds.playback[task.playback];
    const Answers = this.kinds.answers[task.answers];
    if (Playing === undefined || Answers === undefined) throw new Error(`no ${task.playback}, ${task.answers}`);
    const { groups, gate } = task;
    const setting = { ...this.options, groups, Region: this.kinds.region };
    const answer = await new Playing(context, buffers, setting, new Answers()).run(gate);
    closeControls();
    this.answered = trial.number;
    this.timeLeft.answered(task.seconds);
    const confidence = await askConfidence(task.confidenceSteps);
    this.clips.keep([...this.ahead.keys()]);
    return this.sender.add({
      of: trial.session,
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
    if (this.answered === this.onScreen) return; // and once there is a trial from which to look on
    try {
      if (this.asked !== this.onScreen) {
        const { number } = await this.session.json("POST", "/trial");
        this.asked = number;
      }
      const { trials } = await this.session.json("POST", "/trials/ahead");
      for (const trial of trials) {
        if (trial.number <= this.onScreen) continue;
        this.ahead.set(trial.number, trial);
        if (!this.clips.hasRoom(trial) && trial.number > this.onScreen + 1) continue;
        this.clips.load(trial).catch(() => {}); // asked for again when its turn comes
      }
    } catch (error) {
      // Without it the next trial is asked for when its turn comes.
      this.options.report("look-ahead-failed", String(error));
    }
  }

  /** @param {TrialView} trial */
  async #introduce(trial) {
    const { part, phase } = trial;
    const before = this.introduced;
    this.introduced = { part, phase };
    if (before !== null && before.part !== part) {
      await takeBreak(this.options.breakSeconds, text("break-part", { done: part - 1, total: this.nParts }));
    }
    if (before?.part !== part || before.phase !== phase) {
      putInstructions(this.#task(trial));
      const practiceNote = document.getElementById("practice-note");
      if (practiceNote !== null) practiceNote.hidden = phase !== "practice";
      byId("main-note").hidden = before?.part !== part || before.phase !== "practice";
      byId("part-count").textContent = this.nParts > 1 ? text("part", { place: part, total: this.nParts }) : "";
      showStep("instructions");
      await pressed("begin");
    } else if (trial.starts_block) {
      const count = { done: trial.place - 1, total: trial.n_in_phase };
      await takeBreak(this.options.breakSeconds, text(trial.at_most ? "break-at-most" : "break", count));
    }
    await this.wake();
  }

  /** @param {TrialView} trial */
  #show(trial) {
    say("trial-message", "");
    putControls(this.#task(trial), trial.intervals.map(({ label }) => label));
    byId("gate").textContent = "";
    byId("continue-row").hidden = true;
    byId("feedback").classList.toggle("expected", this.#tells(trial)); // keeps room for it
    const count = { place: trial.place, total: trial.n_in_phase };
    byId("trial-count").textContent = text(this.#name(trial), count);
    byId("trial-count").dataset.number = String(trial.number);
    this.#showLoading(trial.number, this.clips.share(trial.number));
    showProgress((trial.number - 1) / trial.n_trials);
    showStep("trial");
    const tasks = this.nParts > 1 ? [...this.tasks.values()] : [];
    this.timeLeft.update(expectedSeconds(trial, this.#task(trial), tasks), trial.at_most);
  }

  /** @param {TrialView} trial */
  #name({ phase, at_most: atMost }) {
    if (phase === "main") return atMost ? "trial-at-most" : "trial";
    return this.options.mayEndPractice ? "practice-trial-at-most" : "practice-trial";
  }

  /**
   * Whether the participant is told how the answer was.
   * @param {TrialView} trial
   */
  #tells(trial) {
    return this.#task(trial).tells[trial.phase];
  }

  /** @param {TrialView} trial */
  #task({ paradigm }) {
    return this.tasks.get(paradigm) ?? taskOf(paradigm);
  }

  /**
   * The pace that the server has seen is of trials of all kinds: it tells something where there is
   * only one.
   * @param {number | null} seconds per trial
   */
  #learn(seconds) {
    const [task] = this.tasks.values();
    if (seconds !== null && this.tasks.size === 1) this.timeLeft.learn(seconds / task.seconds);
  }

  /**
   * @param {number} number
   * @param {number} share
   */
  #showLoading(number, share) {
    if (number !== this.onScreen || share === 1) return;
    byId("gate").textContent = text("loading-sounds", { share: percentage(Math.floor(100 * share) / 100) });
  }
}
