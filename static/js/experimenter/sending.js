// @ts-check
/** Many files on their way: a few at a time, with one bar for all and a line for each under way. */

import { Refusal } from "./request.js";
import { Brake, sendFile } from "./upload.js";

const AT_ONCE = 3;

/** @typedef {{ path: string, target: string, file: File }} Due a file and its place in the study */
/** @typedef {{ path: string, message: string, remedy: string }} Failure */
/** @typedef {{ sent: string[], there: string[], failed: Failure[], names: Map<string, string> }} Outcome */

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** @param {number} nBytes */
function megabytes(nBytes) {
  return `${(nBytes / 1e6).toFixed(nBytes < 1e7 ? 1 : 0)} MB`;
}

/** A line of the list: name, bar, words. */
class Line {
  /**
   * @param {HTMLElement} list
   * @param {string} path
   */
  constructor(list, path) {
    this.element = document.createElement("li");
    const name = document.createElement("code");
    name.textContent = path;
    this.bar = document.createElement("progress");
    this.bar.setAttribute("aria-label", path);
    this.element.append(name, this.bar);
    list.append(this.element);
  }
}

export class Sending {
  /** @param {{ onArrival: (target: string) => void }} watcher */
  constructor({ onArrival }) {
    this.uploads = "";
    this.onArrival = onArrival;
    this.brake = new Brake();
    this.active = false;
    part("sending-pause").addEventListener("click", () => this.#turn());
  }

  /**
   * Send all files; resolves when none is left.
   * @param {string} uploads address under which files are begun
   * @param {Due[]} due
   * @returns {Promise<Outcome>}
   */
  async run(uploads, due) {
    this.uploads = uploads;
    /** @type {Outcome} */
    const outcome = { sent: [], there: [], failed: [], names: new Map() };
    const total = due.reduce((sum, { file }) => sum + file.size, 0);
    const arrived = new Map();
    const show = () => this.#show(due.length, outcome, [...arrived.values()].reduce((sum, n) => sum + n, 0), total);
    this.active = true;
    part("sending-files").replaceChildren();
    part("sending").hidden = false;
    show();
    const queue = [...due];
    const lane = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
        await this.#one(next, outcome, (nBytes) => {
          arrived.set(next, nBytes);
          show();
        });
        show();
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, due.length) }, lane));
    this.active = false;
    part("sending").hidden = true;
    return outcome;
  }

  /**
   * @param {Due} due
   * @param {Outcome} outcome
   * @param {(nBytes: number) => void} progress
   */
  async #one({ path, target, file }, outcome, progress) {
    const line = new Line(part("sending-files"), path);
    line.bar.max = Math.max(file.size, 1);
    try {
      const { sent, name } = await sendFile(this.uploads, target, file, {
        brake: this.brake,
        progress: (nBytes) => {
          line.bar.value = nBytes;
          progress(nBytes);
        },
        waiting: (words) => {
          part("sending-words").textContent = words;
        },
      });
      (sent ? outcome.sent : outcome.there).push(target);
      outcome.names.set(target, name);
      this.onArrival(target);
    } catch (error) {
      const known = error instanceof Refusal ? error : new Refusal(0, { message: String(error) });
      outcome.failed.push({ path, message: known.message, remedy: known.remedy });
      progress(file.size);
    } finally {
      line.element.remove();
    }
  }

  #turn() {
    if (this.brake.held) this.brake.goOn();
    else this.brake.hold();
    part("sending-pause").textContent = this.brake.held ? "Go on" : "Pause";
  }

  /**
   * @param {number} nFiles
   * @param {Outcome} outcome
   * @param {number} arrived
   * @param {number} total
   */
  #show(nFiles, outcome, arrived, total) {
    const nDone = outcome.sent.length + outcome.there.length + outcome.failed.length;
    const bar = /** @type {HTMLProgressElement} */ (part("sending-bar"));
    bar.max = Math.max(total, 1);
    bar.value = arrived;
    part("sending-words").textContent = `${nDone} of ${nFiles} ${nFiles === 1 ? "file" : "files"}, ${megabytes(arrived)} of ${megabytes(total)}`;
  }
}
