// @ts-check
/** Sounds that run side by side, of which one is heard: switching changes nothing but that. */

import { parseWav, toBuffer } from "../wav.js";

const FADE_S = 0.005;

export class SideBySide {
  /** @type {AudioContext | null} */
  #context = null;
  /** @type {Map<string, { buffer: AudioBuffer, gain: number }>} */
  #sounds = new Map();
  /** @type {Map<string, { source: AudioBufferSourceNode, volume: GainNode }>} */
  #running = new Map();
  #startedAt = 0;
  #heard = "baseline";
  #offset = 0;

  /**
   * Fetch the sounds. To be called inside a press, since it opens the audio context.
   * @param {Record<string, { url: string, gain_db: number }>} parts
   */
  async load(parts) {
    this.#context ??= new AudioContext();
    await this.#context.resume();
    if (this.#sounds.size > 0) return;
    const context = this.#context;
    const loaded = await Promise.all(
      Object.entries(parts).map(async ([name, part]) => {
        const answer = await fetch(part.url);
        if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
        const buffer = toBuffer(context, parseWav(await answer.arrayBuffer()));
        return /** @type {const} */ ([name, { buffer, gain: 10 ** (part.gain_db / 20) }]);
      }),
    );
    this.#sounds = new Map(loaded);
  }

  get playing() {
    return this.#running.size > 0;
  }

  get heard() {
    return this.#heard;
  }

  get seconds() {
    return Math.max(0, ...[...this.#sounds.values()].map(({ buffer }) => buffer.duration));
  }

  /** Seconds from the start of the sound. */
  get position() {
    if (this.#context === null || !this.playing) return this.#offset;
    return (this.#offset + this.#context.currentTime - this.#startedAt) % this.seconds;
  }

  /** Start all of them at once, over and over. */
  play() {
    const context = this.#context;
    if (context === null || this.playing) return;
    this.#startedAt = context.currentTime + 0.02;
    for (const [name, { buffer }] of this.#sounds) {
      const source = context.createBufferSource();
      const volume = context.createGain();
      source.buffer = buffer;
      source.loop = true;
      source.loopEnd = this.seconds;
      volume.gain.value = this.#level(name);
      source.connect(volume).connect(context.destination);
      source.start(this.#startedAt, Math.min(this.#offset, buffer.duration));
      this.#running.set(name, { source, volume });
    }
  }

  stop() {
    this.#offset = this.position;
    for (const { source } of this.#running.values()) source.stop();
    this.#running.clear();
  }

  /** @param {number} seconds */
  seek(seconds) {
    const again = this.playing;
    this.stop();
    this.#offset = seconds;
    if (again) this.play();
  }

  /** @param {string} name */
  choose(name) {
    this.#heard = name;
    if (this.#context === null) return;
    const now = this.#context.currentTime;
    for (const [other, { volume }] of this.#running) {
      volume.gain.cancelScheduledValues(now);
      volume.gain.setValueAtTime(volume.gain.value, now);
      volume.gain.linearRampToValueAtTime(this.#level(other), now + FADE_S);
    }
  }

  /** @param {string} name */
  #level(name) {
    return name === this.#heard ? (this.#sounds.get(name)?.gain ?? 1) : 0;
  }
}
