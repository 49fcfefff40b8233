// @ts-check
/**
 * One file on its way to the server, in parts that take about a second each. After a break the
 * server says how much it has, and the digest of it says whether it is the same file.
 */

import { Refusal, ask } from "./request.js";

const FIRST_PART = 256 * 1024;
const LEAST_PART = 64 * 1024;
const MOST_PART = 8 * 1024 * 1024;
const WANTED_MS = 1000;
const PIECE = 4 * 1024 * 1024;
const WAITS_MS = [500, 1000, 2000, 4000, 8000];

/** @typedef {{ name: string, path: string, n_bytes: number, offset: number, digest: string, is_complete: boolean }} Upload */

/** How large the next part is, for all files: the line is the same. */
let partBytes = FIRST_PART;

/** Lets sending be paused and gone on with. */
export class Brake {
  constructor() {
    this.held = false;
    /** @type {() => void} */
    this.release = () => {};
    /** @type {Promise<void>} */
    this.free = Promise.resolve();
  }

  hold() {
    this.held = true;
    this.free = new Promise((resolve) => {
      this.release = () => resolve();
    });
  }

  goOn() {
    this.held = false;
    this.release();
  }
}

/**
 * Send a file, or find that it is there already.
 * @param {string} uploads address under which files are begun
 * @param {string} path where it goes
 * @param {File} file
 * @param {{ brake: Brake, progress: (n_bytes: number) => void, waiting: (words: string) => void }} watcher
 * @returns {Promise<{ sent: boolean, name: string }>} whether anything had to be sent
 * @throws {Refusal}
 */
export async function sendFile(uploads, path, file, { brake, progress, waiting }) {
  const begin = (/** @type {boolean} */ replace) =>
    patiently(() => ask(uploads, { method: "POST", json: { path, n_bytes: file.size, replace } }), waiting);
  /** @type {Upload} */
  let state = await begin(false);
  if (state.offset > 0 && state.digest !== (await digestOf(file, state.offset))) {
    if (!state.is_complete) await ask(`${uploads}/${state.name}`, { method: "DELETE" });
    state = await begin(true);
  } else if (state.is_complete) {
    progress(file.size);
    return { sent: false, name: state.name };
  }
  const address = `${uploads}/${state.name}`;
  progress(state.offset);
  while (!state.is_complete) {
    await brake.free;
    state = await patiently(() => sendPart(address, file, state), waiting);
    progress(state.offset);
  }
  return { sent: true, name: state.name };
}

/**
 * @param {string} address
 * @param {File} file
 * @param {Upload} state
 * @returns {Promise<Upload>}
 */
async function sendPart(address, file, state) {
  const part = file.slice(state.offset, state.offset + partBytes);
  const begun = performance.now();
  try {
    const next = await ask(address, {
      method: "PATCH",
      body: part,
      headers: { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(state.offset) },
    });
    const took = Math.max(performance.now() - begun, 1);
    partBytes = Math.round(Math.min(MOST_PART, Math.max(LEAST_PART, Math.min(2 * partBytes, (partBytes * WANTED_MS) / took))));
    return next;
  } catch (error) {
    if (!(error instanceof Refusal)) throw new Refusal(400, { message: `${state.path} cannot be read any more.`, remedy: "It was moved or changed: drop it again." });
    if (error.code === "upload-conflict" && error.offset !== undefined) return { ...state, offset: error.offset };
    if (error.status === 0 || error.status === 502 || error.status === 503) {
      partBytes = Math.max(LEAST_PART, Math.round(partBytes / 4));
      state.offset = await patientOffset(address, state, error);
    }
    throw error;
  }
}

/**
 * After a break only the server knows how much has arrived.
 * @param {string} address
 * @param {Upload} state
 * @param {Refusal} error
 */
async function patientOffset(address, state, error) {
  try {
    return (await ask(address)).offset;
  } catch (again) {
    if (again instanceof Refusal && (again.status === 0 || again.status >= 500)) return state.offset;
    throw again instanceof Refusal ? again : error;
  }
}

/**
 * Try again for as long as the server cannot be reached.
 * @template T
 * @param {() => Promise<T>} action
 * @param {(words: string) => void} waiting
 * @returns {Promise<T>}
 */
async function patiently(action, waiting) {
  for (let round = 0; ; round += 1) {
    try {
      const result = await action();
      if (round > 0) waiting("");
      return result;
    } catch (error) {
      const passes = error instanceof Refusal && (error.status === 0 || error.status === 502 || error.status === 503 || error.status === 401);
      if (!passes) throw error;
      waiting(`${error.message} ${error.remedy}`);
      await new Promise((resolve) => setTimeout(resolve, WAITS_MS[Math.min(round, WAITS_MS.length - 1)]));
    }
  }
}

/**
 * SHA-256 over the SHA-256 of each piece, as the server makes it. Browsers have it on pages that
 * came over HTTPS or from this computer; without it a file is sent again.
 * @param {File} file
 * @param {number} nBytes
 */
async function digestOf(file, nBytes) {
  if (crypto.subtle === undefined) return "";
  const digests = [];
  for (let start = 0; start < nBytes; start += PIECE) {
    const piece = await file.slice(start, Math.min(start + PIECE, nBytes)).arrayBuffer();
    digests.push(new Uint8Array(await crypto.subtle.digest("SHA-256", piece)));
  }
  const whole = new Uint8Array(32 * digests.length);
  digests.forEach((digest, number) => whole.set(digest, 32 * number));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
