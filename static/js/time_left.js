// @ts-check
/**
 * How long the session still takes, from the participant's own pace, in round numbers. The pace is
 * the time that trials take as a share of what was expected of them: a session can mix short ones
 * and long ones.
 */

import { byId } from "./page.js";
import { text } from "./texts.js";

/** @typedef {import("./task.js").Task} Task */

const NEWEST = 20;
const FEWEST = 4;
/** Up to here in minutes, above in steps of five: nobody believes "23 minutes". */
const FINE = 15;
const STEP = 5;
/** An estimate that grows by less is not shown: it would go up and down. */
const TOLERANCE = 1;

export class TimeLeft {
  constructor() {
    /** 1: as expected, until this participant's own is known. */
    this.pace = 1;
    /** @type {number[]} */
    this.paces = [];
    this.last = 0;
    /** @type {number | null} */
    this.shown = null;
  }

  /**
   * The pace that the server has seen, which outlives the page.
   * @param {number} pace
   */
  learn(pace) {
    if (this.paces.length < FEWEST) this.pace = pace;
  }

  /**
   * A trial is shown, and so much is left with it.
   * @param {number} seconds that are expected
   * @param {boolean} atMost whether there may be less
   */
  update(seconds, atMost) {
    const minutes = rounded((seconds * this.pace) / 60);
    const grows = this.shown !== null && minutes > this.shown && minutes <= this.shown + TOLERANCE;
    if (!grows) this.shown = minutes;
    byId("time-left").textContent = atMost
      ? text("time-left-at-most", { n: this.shown ?? minutes })
      : text("time-left", { n: this.shown ?? minutes });
  }

  /** A trial was begun: what lies between two answers and no break is the pace. */
  begin() {
    this.last = performance.now();
  }

  /**
   * A trial was answered.
   * @param {number} expected seconds
   */
  answered(expected) {
    this.paces.push((performance.now() - this.last) / 1000 / expected);
    this.paces = this.paces.slice(-NEWEST);
    if (this.paces.length >= FEWEST) this.pace = median(this.paces);
  }
}

/**
 * What is expected of the rest of the session: of other parts it is only known how long their
 * trials take on average.
 * @param {{ number: number, n_trials: number, place: number, n_in_phase: number }} trial
 * @param {Task} task of the trial
 * @param {Task[]} tasks of all parts, where there are several
 */
export function expectedSeconds(trial, task, tasks) {
  const own = trial.n_in_phase - trial.place + 1;
  const others = trial.n_trials - trial.number + 1 - own;
  const all = tasks.length > 0 ? tasks : [task];
  const total = all.reduce((sum, { trials }) => sum + trials, 0);
  const mean = all.reduce((sum, { trials, seconds }) => sum + trials * seconds, 0) / Math.max(1, total);
  return own * task.seconds + others * mean;
}

/**
 * Whole minutes, at least one; fives of them where there are many.
 * @param {number} minutes
 */
export function rounded(minutes) {
  const whole = Math.max(1, Math.round(minutes));
  return whole <= FINE ? whole : STEP * Math.round(minutes / STEP);
}

/** @param {number[]} values */
function median(values) {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
