// @ts-check
/**
 * Answers, kept on the device. Each is on the disk before it is sent, so that a crash, a reload or
 * an empty battery cannot lose it; and stays there when the server has confirmed it, so that it can
 * be given back to a server that was restored from a backup.
 */

const OPENING_MS = 3000;

/**
 * @typedef {{ of?: string, number: number, shown: number, page: number,
 *   body: Record<string, unknown>, confirmed?: boolean }} Answer
 *   `of` is what the trial said of its session: under the same token there may be another one by
 *   the time at which the answer is sent, and it takes none but its own; `shown` and `page` are when
 *   the trial was shown and the page opened, in ms of the page's clocks
 */

/**
 * Where answers are kept. IndexedDB; where the browser allows no storage, the page's memory.
 * @typedef {{
 *   durable: boolean,
 *   all: () => Promise<Answer[]>,
 *   put: (answer: Answer) => Promise<void>,
 *   remove: (number: number) => Promise<void>,
 * }} Shelf
 */

export class Outbox {
  /**
   * @param {Shelf} shelf
   * @param {Answer[]} answers
   */
  constructor(shelf, answers) {
    this.shelf = shelf;
    /** Not confirmed yet, in the order in which they were given. */
    this.answers = answers.filter((one) => !one.confirmed).sort((one, other) => one.number - other.number);
    /** Confirmed, by the number of the trial. */
    this.confirmed = new Map(answers.filter((one) => one.confirmed).map((one) => [one.number, one]));
  }

  /**
   * The outbox of a session, with what an earlier page left in it.
   * @param {string} name of the session
   */
  static async open(name) {
    const shelf = await openShelf(name);
    return new Outbox(shelf, await shelf.all());
  }

  /** @param {Answer} answer */
  async add(answer) {
    this.answers.push(answer);
    await this.forget(answer.number); // an earlier answer to it, and what followed from that
    // A full disk must not stop the test: the answer is in memory and on its way.
    await this.shelf.put(answer).catch(() => {});
  }

  /** @param {Answer} answer that is stored at the server */
  async confirm(answer) {
    this.answers = this.answers.filter((other) => other !== answer);
    this.confirmed.set(answer.number, answer);
    await this.shelf.put({ ...answer, confirmed: true }).catch(() => {});
  }

  /** @param {Answer} answer that the server does not take */
  async drop(answer) {
    this.answers = this.answers.filter((other) => other !== answer);
    await this.shelf.remove(answer.number).catch(() => {});
  }

  /** @param {number} from let go of the confirmed answers to this trial and to those after it */
  async forget(from) {
    for (const number of this.confirmed.keys()) {
      if (number < from) continue;
      this.confirmed.delete(number);
      await this.shelf.remove(number).catch(() => {});
    }
  }

  /** Let go of everything. */
  async clear() {
    for (const answer of this.answers) await this.drop(answer);
    await this.forget(0);
  }
}

/**
 * @param {string} name
 * @returns {Promise<Shelf>}
 */
async function openShelf(name) {
  try {
    return indexed(await Promise.race([openDatabase(), late()]), name);
  } catch {
    return memory();
  }
}

/** @returns {Promise<IDBDatabase>} */
function openDatabase() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open("jndlab", 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("answers", { keyPath: ["session", "number"] });
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** @returns {Promise<never>} some browsers open a database that they do not allow for ever */
function late() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error("no storage")), OPENING_MS);
  });
}

/**
 * @param {IDBDatabase} database
 * @param {string} session
 * @returns {Shelf}
 */
function indexed(database, session) {
  /**
   * @template Result
   * @param {IDBTransactionMode} mode
   * @param {(store: IDBObjectStore) => IDBRequest<Result>} act
   * @returns {Promise<Result>} when it is on the disk, not only in the browser's buffers
   */
  const run = (mode, act) =>
    new Promise((resolve, reject) => {
      const transaction = database.transaction("answers", mode, { durability: "strict" });
      const request = act(transaction.objectStore("answers"));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  return {
    durable: true,
    all: () => run("readonly", (store) => store.getAll(IDBKeyRange.bound([session], [session, []]))),
    put: async (answer) => void (await run("readwrite", (store) => store.put({ session, ...answer }))),
    remove: (number) => run("readwrite", (store) => store.delete([session, number])),
  };
}

/** @returns {Shelf} */
function memory() {
  return { durable: false, all: async () => [], put: async () => {}, remove: async () => {} };
}
