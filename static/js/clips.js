// @ts-check
/** Sounds of the trial and of those that come next: loaded in order, checked, decoded, let go. */

import { Refusal } from "./api.js";
import { parseWav, toBuffer } from "./wav.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {{ number: number, intervals: { clip: string }[] }} Loadable */
/** @typedef {{ nClips: number, share: number, buffers: Promise<AudioBuffer[]> }} Loading */

const MOST_ATTEMPTS = 4;
/** Sounds that are kept in memory at a time: 10 s in stereo are 4 MB, and phones have little. */
const MOST_CLIPS = 24;

export class Clips {
  /**
   * @param {Session} session
   * @param {BaseAudioContext} context
   */
  constructor(session, context) {
    this.session = session;
    this.context = context;
    /**
     * By number of the trial.
     * @type {Map<number, Loading>}
     */
    this.loading = new Map();
    /** @type {Promise<unknown>} */
    this.tail = Promise.resolve();
    /**
     * Told the share that is loaded of a trial.
     * @type {(number: number, share: number) => void}
     */
    this.onProgress = () => {};
  }

  /**
   * The sounds of a trial, all of them, decoded; what comes next waits for them.
   * @param {Loadable} trial
   * @returns {Promise<AudioBuffer[]>}
   */
  load(trial) {
    const known = this.loading.get(trial.number);
    if (known !== undefined) return known.buffers;
    /** @type {Loading} */
    const loading = { nClips: trial.intervals.length, share: 0, buffers: this.tail.then(() => this.#all(trial, loading)) };
    this.loading.set(trial.number, loading);
    this.tail = loading.buffers.catch(() => {
      this.loading.delete(trial.number); // asked for again, it is tried again
    });
    return loading.buffers;
  }

  /**
   * Whether the sounds of a trial may be loaded beside those that are there.
   * @param {Loadable} trial
   */
  hasRoom(trial) {
    const held = [...this.loading.values()].reduce((sum, { nClips }) => sum + nClips, 0);
    return this.loading.has(trial.number) || held + trial.intervals.length <= MOST_CLIPS;
  }

  /** @param {number} number of a trial */
  share(number) {
    return this.loading.get(number)?.share ?? 0;
  }

  /**
   * Let go of all sounds but those of some trials.
   * @param {number[]} numbers
   */
  keep(numbers) {
    for (const number of this.loading.keys()) {
      if (!numbers.includes(number)) this.loading.delete(number);
    }
  }

  /**
   * @param {Loadable} trial
   * @param {Loading} loading
   */
  #all(trial, loading) {
    const shares = trial.intervals.map(() => 0);
    return Promise.all(
      trial.intervals.map(({ clip }, index) =>
        this.#one(clip, (part, total) => {
          shares[index] = total ? part / total : 0;
          loading.share = shares.reduce((sum, share) => sum + share, 0) / shares.length;
          this.onProgress(trial.number, loading.share);
        }),
      ),
    );
  }

  /**
   * @param {string} address
   * @param {(part: number, total: number) => void} progress
   * @returns {Promise<AudioBuffer>}
   */
  async #one(address, progress) {
    for (let attempt = 1; ; attempt += 1) {
      const { bytes, digest } = await this.session.clip(address, progress);
      try {
        if (!(await isWhole(bytes, digest))) throw new Error("the digest differs");
        return toBuffer(this.context, parseWav(bytes));
      } catch (error) {
        this.session.report("clip-damaged", String(error));
        if (attempt === MOST_ATTEMPTS) throw damaged();
      }
    }
  }
}

function damaged() {
  const message = "A sound arrived damaged, again and again.";
  return new Refusal(0, { code: "clip-damaged", message, remedy: "Try again." });
}

/**
 * Whether the bytes are those that were sent. Browsers compute digests on safe pages only; on
 * others the length, which the file itself states, has to do.
 * @param {ArrayBuffer} bytes
 * @param {string | null} digest as in the header Repr-Digest
 */
async function isWhole(bytes, digest) {
  const stated = /sha-256=:([^:]+):/.exec(digest ?? "")?.[1];
  if (stated === undefined || crypto.subtle === undefined) return true;
  const own = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return btoa(String.fromCharCode(...own)) === stated;
}
