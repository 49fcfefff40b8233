// @ts-check
/** How long the session still takes, from the participant's own pace, in round numbers. */

import { byId } from "./page.js";
import { text } from "./texts.js";

const NEWEST = 20;
const FEWEST = 4;
/** Up to here in minutes, above in steps of five: nobody believes "23 minutes". */
const FINE = 15;
const STEP = 5;
/** An estimate that grows by less is not shown: it would go up and down. */
const TOLERANCE = 1;

export class TimeLeft {
  /** @param {number} seconds that a trial takes, until this participant's own pace is known */
  constructor(seconds) {
    this.seconds = seconds;
    /** @type {number[]} */
    this.times = [];
    this.last = 0;
    /** @type {number | null} */
    this.shown = null;
  }

  /**
   * The pace that the server has seen, which outlives the page.
   * @param {number | null} seconds
   */
  learn(seconds) {
    if (seconds !== null && this.times.length < FEWEST) this.seconds = seconds;
  }

  /**
   * A trial is shown, and so many are left with it.
   * @param {number} left
   */
  update(left) {
    const minutes = rounded((left * this.seconds) / 60);
    const grows = this.shown !== null && minutes > this.shown && minutes <= this.shown + TOLERANCE;
    if (!grows) this.shown = minutes;
    byId("time-left").textContent = text("time-left", { n: this.shown ?? minutes });
  }

  /** A trial was begun: what lies between two answers and no break is the pace. */
  begin() {
    this.last = performance.now();
  }

  /** A trial was answered. */
  answered() {
    this.times.push((performance.now() - this.last) / 1000);
    this.times = this.times.slice(-NEWEST);
    if (this.times.length >= FEWEST) this.seconds = median(this.times);
  }
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
