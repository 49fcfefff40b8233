// @ts-check
/** Any pair, heard at once: baseline and a compressed version, switched at the same position. */

import { SwitchPlayer } from "../player.js";

const RAMP_SECONDS = 0.005;

/** @type {AudioContext | null} */
let context = null;
/** @type {SwitchPlayer | null} */
let player = null;

/** @param {string} url */
async function load(url) {
  context ??= new AudioContext();
  const response = await fetch(url);
  if (!response.ok) throw new Error("The sound cannot be loaded.");
  return context.decodeAudioData(await response.arrayBuffer());
}

/**
 * The same sound with silence behind it, so that a pair of unequal length can be switched, too.
 * @param {AudioBuffer} buffer
 * @param {number} length
 */
function padded(buffer, length) {
  if (buffer.length === length || context === null) return buffer;
  const longer = context.createBuffer(buffer.numberOfChannels, length, buffer.sampleRate);
  for (let channel = 0; channel < buffer.numberOfChannels; channel += 1) longer.copyToChannel(buffer.getChannelData(channel), channel);
  return longer;
}

/** Silence. */
export function stop() {
  player?.stop();
  player = null;
}

/**
 * Get the sounds of a pair ready, or one sound alone.
 * @param {string[]} urls
 */
export async function prepare(urls) {
  stop();
  const buffers = await Promise.all(urls.map(load));
  const longest = Math.max(...buffers.map((buffer) => buffer.length));
  if (context === null) return;
  await context.resume();
  player = new SwitchPlayer(context, buffers.map((buffer) => padded(buffer, longest)), { rampSeconds: RAMP_SECONDS });
}

/**
 * Let one of them be heard, from where the other one is.
 * @param {number} voice
 */
export function select(voice) {
  if (player === null) return false;
  player.select(voice);
  return true;
}

/** Whether something plays. */
export function isPlaying() {
  return player !== null && player.current !== null;
}
