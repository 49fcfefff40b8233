// @ts-check
/**
 * Sending answers, one after the other, for as long as it takes. The test may go on meanwhile, but
 * never by more than two answers that are not confirmed.
 */

import { Refusal } from "./api.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./outbox.js").Answer} Answer */
/** @typedef {import("./trials.js").TrialView} TrialView */
/** @typedef {{ number: number, correct: boolean | null, correct_response: string | null }} Receipt */

const MOST_WAITING = 2;
const PAUSE_MS = 5000;
/** Codes of errors that come again however often an answer is sent. */
const FINAL = ["answer-conflict", "trial-out-of-order", "request-invalid", "session-closed"];
/** The code of an answer to a trial that the server has not handed out, or whose turn has not come. */
export const NOT_ITS_TURN = "trial-out-of-order";

export class Sender {
  /**
   * @param {Session} session
   * @param {Outbox} outbox
   */
  constructor(session, outbox) {
    this.session = session;
    this.outbox = outbox;
    /**
     * Told how many answers wait, whenever that changes.
     * @type {(n: number) => void}
     */
    this.onChange = () => {};
    /**
     * Called after each answer that is stored, before the next one is sent.
     * @type {() => Promise<void>}
     */
    this.afterEach = async () => {};
    /**
     * Called when the server is not where this page is: what is known of trials to come is void.
     * @type {() => void}
     */
    this.onLost = () => {};
    /** @type {Map<Answer, { resolve: (receipt: Receipt | null) => void, reject: (error: unknown) => void }>} */
    this.expecting = new Map();
    /** @type {(() => void)[]} */
    this.watching = [];
    this.running = false;
    /** @type {unknown} */
    this.failed = null;
  }

  get waiting() {
    return this.outbox.answers.length;
  }

  /**
   * Keep an answer, then send it.
   * @param {Answer} answer
   * @returns {Promise<{ receipt: Promise<Receipt | null> }>} as soon as it is kept; the receipt is
   *   null where the server refused the answer, because another one stands
   */
  async add(answer) {
    const receipt = new Promise((/** @type {(receipt: Receipt | null) => void} */ resolve, reject) => {
      this.expecting.set(answer, { resolve, reject });
    });
    receipt.catch(() => {}); // not everybody waits for it
    await this.outbox.add(answer);
    this.#changed();
    this.start();
    return { receipt };
  }

  /** Send what waits. */
  start() {
    if (!this.running) void this.#run();
  }

  /** Resolves when one more answer may be given. */
  async room() {
    await this.#until(() => this.waiting < MOST_WAITING);
  }

  /** Resolves when every answer is confirmed. */
  async empty() {
    this.start();
    await this.#until(() => this.waiting === 0);
  }

  /**
   * Give back what a server has forgotten that was restored from a backup: as long as the trial that
   * is due was answered on this device, that answer is sent once more. It is to the same trial: the
   * session is the same, or the server refuses it, and so are the answers before it. If the one just
   * before is another at the server, the session was gone on with elsewhere, and nothing is given
   * back.
   * @param {TrialView} trial that the server takes as the current one
   * @returns {Promise<TrialView | null>} the one that is due then; null where none is
   */
  async giveBack(trial) {
    if (!this.outbox.confirmed.has(trial.number)) return trial;
    const { giveBack } = await import("./giving_back.js"); // seldom: not a part of every page
    return giveBack(trial, this);
  }

  /** @param {() => boolean} holds */
  async #until(holds) {
    while (!holds()) {
      if (this.failed !== null) throw this.failed;
      await new Promise((/** @type {(value: void) => void} */ resolve) => this.watching.push(resolve));
    }
  }

  async #run() {
    this.running = true;
    this.failed = null;
    try {
      while (this.waiting > 0) {
        const answer = this.outbox.answers[0];
        const receipt = await this.#send(answer);
        if (receipt === null) await this.outbox.drop(answer);
        else await this.outbox.confirm(answer);
        this.expecting.get(answer)?.resolve(receipt);
        this.expecting.delete(answer);
        this.#changed();
        await this.afterEach();
      }
    } catch (error) {
      this.failed = error;
      for (const { reject } of this.expecting.values()) reject(error);
      this.expecting.clear();
    }
    this.running = false;
    this.#changed();
  }

  /**
   * @param {Answer} answer
   * @returns {Promise<Receipt | null>}
   */
  async #send(answer) {
    for (let caughtUp = false; ; ) {
      try {
        return await this.put(answer);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (error.code === NOT_ITS_TURN && !caughtUp) {
          caughtUp = true;
          if (await this.#catchUp(answer.number)) continue;
        }
        if (isFinal(error)) {
          // Answered in another tab, for instance: what is stored stands, and the test goes on.
          this.session.report("answer-refused", JSON.stringify({ code: error.code, ...answer }));
          if (error.code === NOT_ITS_TURN) this.onLost();
          return null;
        }
        if (error.status < 500) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  /**
   * @param {Answer} answer
   * @returns {Promise<Receipt>}
   */
  put(answer) {
    const body = { ...answer.body, shown_ms_ago: shownAgo(answer), session: answer.of };
    return this.session.json("PUT", `/trials/${answer.number}/response`, body);
  }

  /**
   * Bring a server that has forgotten answers back to a trial.
   * @param {number} number
   * @returns {Promise<boolean>} whether it is the server's current one now
   */
  async #catchUp(number) {
    try {
      const due = await this.giveBack(await this.session.json("POST", "/trial"));
      return due !== null && due.number === number;
    } catch (error) {
      if (!isFinal(error)) throw error;
      return false;
    }
  }

  #changed() {
    this.onChange(this.waiting);
    const watching = this.watching;
    this.watching = [];
    for (const wake of watching) wake();
  }
}

/** @param {unknown} error */
export function isFinal(error) {
  return error instanceof Refusal && FINAL.includes(error.code);
}

/**
 * How long ago the trial was shown: by the page's steady clock, or, after a reload, by the device's.
 * @param {Answer} answer
 */
function shownAgo(answer) {
  const steady = answer.page === performance.timeOrigin;
  const now = steady ? performance.now() : Date.now() - answer.page;
  return Math.max(0, Math.round(now - answer.shown));
}
