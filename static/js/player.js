// @ts-check
/**
 * The two ways to play a trial. Everything is scheduled on the audio clock; timers only look.
 * Every interval goes through the same nodes with the same ramps, so that nothing but the
 * sound itself can tell them apart. Both classes also run in an OfflineAudioContext.
 */

import { output } from "./volume.js";

/** Time between a press and the scheduled change, so that it never lies in the past. */
export const LEAD_SECONDS = 0.006;
/** Time before the first sound: graph changes have settled by then. */
export const START_SECONDS = 0.05;

/**
 * A source behind a gain of its own. The gain's intrinsic value is 0: nothing can be heard
 * before its automation begins.
 * @param {BaseAudioContext} context
 * @param {AudioBuffer} buffer
 */
function voice(context, buffer) {
  const source = new AudioBufferSourceNode(context, { buffer });
  const gain = new GainNode(context, { gain: 0 });
  source.connect(gain).connect(output(context));
  return { source, gain: gain.gain };
}

/**
 * The nearest instant that lies on a sample. A source that starts between two samples is
 * interpolated by the browser, each interval differently.
 * @param {BaseAudioContext} context
 * @param {number} time
 */
function onSample(context, time) {
  return Math.round(time * context.sampleRate) / context.sampleRate;
}

/**
 * Where a group of intervals begins that is not the first.
 * @param {number[]} sizes of the groups
 */
export function groupStarts(sizes) {
  let start = 0;
  return new Set(sizes.slice(0, -1).map((size) => (start += size)));
}

/** Intervals one after the other, scheduled in one go. */
export class SequencePlayer {
  /**
   * @param {BaseAudioContext} context
   * @param {AudioBuffer[]} buffers
   * @param {{ gapSeconds: number, rampSeconds: number, groups?: number[] }} options groups: how many
   *   intervals belong together; the silence between two groups is twice as long
   */
  constructor(context, buffers, { gapSeconds, rampSeconds, groups = [] }) {
    this.context = context;
    this.buffers = buffers;
    this.gap = gapSeconds;
    this.groupStarts = groupStarts(groups);
    this.ramp = rampSeconds;
    /** @type {AudioBufferSourceNode[]} */
    this.sources = [];
    this.playing = false;
    /** @type {(heard: boolean) => void} */
    this.settle = () => {};
  }

  /**
   * Schedule all intervals. `done` resolves true when the last one has ended by itself,
   * false if it was stopped.
   * @param {number} [at] time on the audio clock
   * @returns {{ starts: number[], ends: number[], done: Promise<boolean> }}
   */
  play(at = this.context.currentTime + START_SECONDS) {
    this.stop();
    const starts = [];
    const ends = [];
    let time = onSample(this.context, at);
    for (const [index, buffer] of this.buffers.entries()) {
      const { source, gain } = voice(this.context, buffer);
      const end = time + buffer.duration;
      gain.setValueAtTime(0, time);
      gain.linearRampToValueAtTime(1, time + this.ramp);
      gain.setValueAtTime(1, end - this.ramp);
      gain.linearRampToValueAtTime(0, end);
      source.start(time);
      this.sources.push(source);
      starts.push(time);
      ends.push(end);
      time = onSample(this.context, end + this.gap * (this.groupStarts.has(index + 1) ? 2 : 1));
    }
    this.playing = true;
    const sources = this.sources;
    const last = sources[sources.length - 1];
    const done = new Promise((/** @type {(heard: boolean) => void} */ resolve) => {
      this.settle = resolve;
    });
    last.onended = () => {
      if (this.sources !== sources) return;
      this.playing = false;
      this.settle(true);
    };
    return { starts, ends, done };
  }

  /** Silence, at once. Does not wait for the audio clock, which may stand still. */
  stop() {
    this.playing = false;
    for (const source of this.sources) source.stop();
    this.sources = [];
    this.settle(false);
  }
}

/** Intervals side by side: a switch keeps the position, or begins anew. */
export class SwitchPlayer {
  /**
   * @param {BaseAudioContext} context
   * @param {AudioBuffer[]} buffers all of one length
   * @param {{ rampSeconds: number, loop?: boolean, restart?: boolean }} options
   */
  constructor(context, buffers, { rampSeconds, loop = true, restart = false }) {
    this.context = context;
    this.ramp = rampSeconds;
    this.loop = loop;
    this.restart = restart;
    /** Told when a sound that does not loop has ended by itself. */
    this.onEnd = () => {};
    this.originals = buffers;
    /** The part of the sound that is played, in seconds from its start. */
    this.region = { start: 0, end: buffers[0].duration };
    this.buffers = this.#faded();
    /** @type {ReturnType<typeof voice>[]} */
    this.voices = [];
    /**
     * Index of the interval that can be heard; null in silence.
     * @type {number | null}
     */
    this.current = null;
    this.startTime = 0;
    this.settled = 0;
  }

  /**
   * Play a part of the sound only, the same of every interval, with the same fades at its ends.
   * @param {{ start: number, end: number }} region in seconds from the start of the sound
   */
  choose(region) {
    const { current } = this;
    this.region = region;
    this.buffers = this.#faded();
    if (current === null) return;
    this.stop();
    this.select(current);
  }

  #faded() {
    return this.originals.map((buffer) => withFadedEnds(this.context, buffer, this.ramp, this.region));
  }

  /** Length of the loop in seconds. */
  get duration() {
    return this.buffers[0].duration;
  }

  /**
   * Start all intervals at one instant, one of them audible. If they run already, switch to it
   * at the same position, or, to begin anew, fade out and start all of them again.
   * @param {number} index
   * @param {number} [at] time on the audio clock
   * @returns {number} when the change begins
   */
  select(index, at = this.context.currentTime + LEAD_SECONDS) {
    if (this.voices.length === 0) return this.#start(index, at);
    if (index === this.current) return at;
    if (this.restart) {
      this.stop(at);
      return this.#start(index, this.settled);
    }
    // Never cut into a ramp that is under way: the next one begins when it has settled.
    const time = onSample(this.context, Math.max(at, this.settled));
    const before = this.current;
    if (before !== null) this.#fade(this.voices[before].gain, 1, 0, time);
    this.#fade(this.voices[index].gain, 0, 1, time);
    this.settled = time + this.ramp;
    this.current = index;
    return time;
  }

  /**
   * Fade out and end. The next start begins at the beginning.
   * @param {number} [at] time on the audio clock
   */
  stop(at = this.context.currentTime + LEAD_SECONDS) {
    if (this.current === null) return;
    const time = onSample(this.context, Math.max(at, this.settled));
    this.#fade(this.voices[this.current].gain, 1, 0, time);
    for (const { source } of this.voices) source.stop(time + this.ramp);
    this.voices = [];
    this.current = null;
    this.settled = time + this.ramp;
  }

  /** Position in the loop in seconds. */
  position() {
    if (this.current === null) return 0;
    const elapsed = Math.max(0, this.context.currentTime - this.startTime);
    return this.loop ? elapsed % this.duration : Math.min(elapsed, this.duration);
  }

  /**
   * @param {number} index
   * @param {number} at
   */
  #start(index, at) {
    const earliest = this.context.currentTime + START_SECONDS;
    const time = onSample(this.context, Math.max(at, earliest, this.settled));
    this.voices = this.buffers.map((buffer) => voice(this.context, buffer));
    const { voices } = this;
    for (const { source } of voices) {
      source.loop = this.loop;
      source.start(time);
    }
    voices[index].source.onended = () => {
      if (this.voices !== voices) return;
      this.voices = [];
      this.current = null;
      this.onEnd();
    };
    // The loop's own fade-in is in the buffer; this ramp lies under it and adds no second one.
    this.voices[index].gain.setValueAtTime(1, time);
    this.startTime = time;
    this.settled = time;
    this.current = index;
    return time;
  }

  /**
   * @param {AudioParam} gain
   * @param {number} from
   * @param {number} to
   * @param {number} time
   */
  #fade(gain, from, to, time) {
    gain.setValueAtTime(from, time);
    gain.linearRampToValueAtTime(to, time + this.ramp);
  }
}

/**
 * A copy of a part whose first and last milliseconds are faded, so that loop point and start click
 * in no version.
 * @param {BaseAudioContext} context
 * @param {AudioBuffer} buffer
 * @param {number} rampSeconds
 * @param {{ start: number, end: number }} region in seconds
 */
function withFadedEnds(context, buffer, rampSeconds, region) {
  const [first, last] = [region.start, region.end].map((time) => Math.round(time * buffer.sampleRate));
  const copy = context.createBuffer(buffer.numberOfChannels, last - first, buffer.sampleRate);
  const length = Math.min(Math.round(rampSeconds * buffer.sampleRate), copy.length >> 1);
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) {
    const samples = buffer.getChannelData(channel).slice(first, last);
    for (let frame = 0; frame < length; frame += 1) {
      const gain = frame / length;
      samples[frame] *= gain;
      samples[samples.length - 1 - frame] *= gain;
    }
    copy.copyToChannel(samples, channel);
  }
  return copy;
}
