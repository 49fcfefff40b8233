// @ts-check
/**
 * Answers that the server has not confirmed yet. Each is on the disk before it is sent, so that a
 * crash, a reload or an empty battery cannot lose it.
 */

const OPENING_MS = 3000;

/**
 * @typedef {{ number: number, shown: number, page: number, body: Record<string, unknown> }} Answer
 *   `shown` and `page` are when the trial was shown and the page opened, in ms of the page's clocks
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

/** Answers in the order in which they were given. */
export class Outbox {
  /**
   * @param {Shelf} shelf
   * @param {Answer[]} answers
   */
  constructor(shelf, answers) {
    this.shelf = shelf;
    this.answers = answers.sort((one, other) => one.number - other.number);
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
    // A full disk must not stop the test: the answer is in memory and on its way.
    await this.shelf.put(answer).catch(() => {});
  }

  /** @param {Answer} answer that is confirmed */
  async remove(answer) {
    await this.shelf.remove(answer.number).catch(() => {});
    this.answers = this.answers.filter((other) => other !== answer);
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
