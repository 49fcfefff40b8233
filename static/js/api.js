// @ts-check
/**
 * Talking to the server: a token per session, the one error shape, and patience with the
 * network. Every request may be sent twice without harm (of a report or a sound check there are
 * then two), so a lost answer is asked for again.
 */

import { noteVersion } from "./version.js";

const RETRY_MS = [300, 1000, 2500, 5000, 10000];
const SILENCE_MS = 20000;
/** Longer than this no page stands still because of one number. */
const LONGEST_WAIT_MS = 60000;

/** 128 random bits as text. (crypto.randomUUID is missing on pages without HTTPS.) */
export function randomName() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** An error that the server explained. */
export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {{ code: string, message: string, remedy: string }} error
   */
  constructor(status, error) {
    super(error.message);
    this.status = status;
    this.code = error.code;
    this.remedy = error.remedy;
  }
}

/**
 * The browser's storage; or, where site data are blocked, a stand-in that lasts as long as
 * the page.
 * @returns {Pick<Storage, "getItem" | "setItem" | "removeItem">}
 */
function openStorage() {
  try {
    localStorage.setItem("jndlab:probe", "1");
    localStorage.removeItem("jndlab:probe");
    return localStorage;
  } catch {
    /** @type {Map<string, string>} */
    const values = new Map();
    return {
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
      removeItem: (key) => void values.delete(key),
    };
  }
}

/** The session's token lives as long as the browser keeps it: a reload or crash resumes. */
export class Session {
  /** @param {string} link */
  constructor(link) {
    this.link = link;
    this.storage = openStorage();
    this.tokenKey = `jndlab:${link}:token`;
    /** A questionnaire that is being filled in. */
    this.draftKey = `jndlab:${link}:draft`;
    /**
     * Told true while the network is away, false when it is back.
     * @type {(away: boolean) => void}
     */
    this.onWaiting = () => {};
  }

  /** Whether the session is known to a page that is loaded anew. */
  get durable() {
    try {
      return this.storage === localStorage;
    } catch {
      return false;
    }
  }

  get token() {
    return this.storage.getItem(this.tokenKey);
  }

  /** Make a token and keep it. */
  newToken() {
    const token = randomName();
    this.storage.setItem(this.tokenKey, token);
    return token;
  }

  /**
   * Go on with a session that was begun elsewhere.
   * @param {string} token
   */
  adopt(token) {
    this.storage.setItem(this.tokenKey, token);
  }

  forget() {
    this.storage.removeItem(this.tokenKey);
    this.storage.removeItem(this.draftKey);
  }

  /**
   * @param {string} method
   * @param {string} path below /api/v1, or a whole address that the server gave
   * @param {unknown} [body]
   * @returns {Promise<any>}
   */
  async json(method, path, body) {
    return this.#send(method, path, (response) => response.json(), body);
  }

  /**
   * @param {string} path
   * @returns {Promise<ArrayBuffer>}
   */
  async bytes(path) {
    return (await this.clip(path)).bytes;
  }

  /**
   * @param {string} path
   * @param {(loaded: number, total: number) => void} [progress] bytes so far, and in all
   * @returns {Promise<{ bytes: ArrayBuffer, digest: string | null }>} with the digest that was sent
   */
  async clip(path, progress = () => {}) {
    return this.#send("GET", path, async (response, alive) => ({
      bytes: await readAll(response, alive, progress),
      digest: response.headers.get("Repr-Digest"),
    }));
  }

  /**
   * Report something; never in the way of the test.
   * @param {string} kind
   * @param {string} [detail]
   */
  report(kind, detail = "") {
    if (this.token === null) return;
    const event = { kind, detail: detail.slice(0, 2000) };
    this.#send("POST", "/events", (response) => response.json(), event, 3).catch(() => {});
  }

  /**
   * @template Content
   * @param {string} method
   * @param {string} path
   * @param {(response: Response, alive: () => void) => Promise<Content>} read inside the retry:
   *   a connection can also break in the middle of an answer; it calls `alive` at each part
   * @param {unknown} [body]
   * @param {number} [attempts] without it a lost connection is waited for as long as it takes
   * @returns {Promise<Content>}
   */
  async #send(method, path, read, body, attempts = Infinity) {
    const address = path.startsWith("/api/") ? path : `/api/v1${path}`;
    for (let attempt = 0; ; attempt += 1) {
      // A slow connection may take its time; only one that is silent is given up.
      const silence = new AbortController();
      let timer = 0;
      const alive = () => {
        clearTimeout(timer);
        timer = window.setTimeout(() => silence.abort(), SILENCE_MS);
      };
      alive();
      let wait = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)];
      try {
        const response = await fetch(address, this.#options(method, body, silence.signal));
        noteVersion(response);
        alive();
        if (response.ok) {
          const content = await read(response, alive);
          this.onWaiting(false);
          return content;
        }
        // A server that restarts, or whose disk is full, answers 502 or 503 for a while. Too many
        // requests are nobody's mistake, and pass by themselves.
        const passing = response.status === 502 || response.status === 503;
        const tooMany = response.status === 429;
        if (tooMany) wait = waitOf(response, wait);
        if (tooMany ? attempt + 1 >= attempts : !passing || attempt >= RETRY_MS.length) {
          this.onWaiting(false);
          throw await refusalOf(response);
        }
      } catch (error) {
        if (error instanceof Refusal || attempt + 1 >= attempts) throw error;
      } finally {
        clearTimeout(timer);
      }
      this.onWaiting(true);
      await pause(wait);
    }
  }

  /**
   * @param {string} method
   * @param {unknown} body
   * @param {AbortSignal} signal
   * @returns {RequestInit}
   */
  #options(method, body, signal) {
    /** @type {Record<string, string>} */
    const headers = {};
    if (body !== undefined) headers["Content-Type"] = "application/json";
    if (this.token !== null) headers.Authorization = `Bearer ${this.token}`;
    return {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      signal,
    };
  }
}

/**
 * @param {Response} response that asks to wait
 * @param {number} least in ms
 * @returns {number} how long, in ms
 */
function waitOf(response, least) {
  const asked = 1000 * Number(response.headers.get("Retry-After"));
  return Math.min(Math.max(asked || 0, least), LONGEST_WAIT_MS);
}

/**
 * Wait, but no longer than until the browser says that it is online again.
 * @param {number} milliseconds
 * @returns {Promise<void>}
 */
function pause(milliseconds) {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
    window.addEventListener("online", () => resolve(), { once: true });
  });
}

/**
 * @param {Response} response
 * @param {() => void} alive
 * @param {(loaded: number, total: number) => void} progress
 * @returns {Promise<ArrayBuffer>}
 */
async function readAll(response, alive, progress) {
  const total = Number(response.headers.get("Content-Length")) || 0;
  if (response.body === null) return response.arrayBuffer();
  /** @type {Uint8Array<ArrayBuffer>[]} */
  const parts = [];
  let loaded = 0;
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Blob(parts).arrayBuffer();
    alive();
    parts.push(value);
    loaded += value.byteLength;
    progress(loaded, total);
  }
}

/** @param {Response} response */
async function refusalOf(response) {
  const shape = await response.json().catch(() => null);
  const unknown = { code: "unknown", message: "The server refused.", remedy: "Try again." };
  return new Refusal(response.status, shape?.error ?? unknown);
}
