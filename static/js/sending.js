// @ts-check
/**
 * Sending answers, one after the other, for as long as it takes. The test may go on meanwhile, but
 * never by more than two answers that are not confirmed.
 */

import { Refusal } from "./api.js";

/** @typedef {import("./api.js").Session} Session */
/** @typedef {import("./outbox.js").Outbox} Outbox */
/** @typedef {import("./outbox.js").Answer} Answer */
/** @typedef {{ number: number, correct: boolean | null, correct_response: string | null }} Receipt */

const MOST_WAITING = 2;
const PAUSE_MS = 5000;
/** Codes of errors that come again however often an answer is sent. */
const FINAL = ["answer-conflict", "trial-out-of-order", "request-invalid", "session-closed"];

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
        await this.outbox.remove(answer);
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
    for (;;) {
      const body = { ...answer.body, shown_ms_ago: shownAgo(answer) };
      try {
        return await this.session.json("PUT", `/trials/${answer.number}/response`, body);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        if (FINAL.includes(error.code)) {
          // Answered in another tab, for instance: what is stored stands, and the test goes on.
          this.session.report("answer-refused", JSON.stringify({ code: error.code, ...answer }));
          return null;
        }
        if (error.status < 500) throw error;
        await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
      }
    }
  }

  #changed() {
    this.onChange(this.waiting);
    const watching = this.watching;
    this.watching = [];
    for (const wake of watching) wake();
  }
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
