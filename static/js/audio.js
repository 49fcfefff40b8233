// @ts-check
/** The page's one audio context: opened inside a press, at the rate of the files. */

import { Refusal } from "./api.js";

const START_MS = 8000;

/** @type {AudioContext | null} */
let context = null;

/** Whether it was opened on this page already. */
export function isOpen() {
  return context !== null;
}

/**
 * Open the context, or wake it. To be called inside a press: browsers allow no other.
 * @param {number} rateHz
 * @param {(kind: string, detail?: string) => void} report
 * @returns {Promise<AudioContext>} running
 * @throws {Refusal} with a remedy, if no sound can be played
 */
export async function openAudio(rateHz, report) {
  try {
    if (context === null) {
      ignoreSilentSwitch();
      const made = new AudioContext({ sampleRate: rateHz, latencyHint: "interactive" });
      made.addEventListener("statechange", () => report("audio-state", made.state));
      navigator.mediaDevices?.addEventListener("devicechange", () => report("device-change", describeAudio(made, rateHz)));
      context = made;
    }
    await Promise.race([context.resume(), late()]);
  } catch (error) {
    throw new Refusal(0, {
      code: "no-sound",
      message: `Your browser cannot start the sound (${error instanceof Error ? error.message : error}).`,
      remedy: "Check that a loudspeaker or headphones are connected, close other programs that play sound, or use another browser.",
    });
  }
  return context;
}

/** The switch at the side of a phone mutes pages, unless they say that sound is what they are for. */
function ignoreSilentSwitch() {
  const { audioSession } = /** @type {{ audioSession?: { type: string } }} */ (navigator);
  if (audioSession !== undefined) audioSession.type = "playback";
}

/**
 * The rate of the hardware, which a context opened at another rate does not tell.
 * @returns {number | null}
 */
function hardwareRate() {
  try {
    const probe = new AudioContext();
    const rate = probe.sampleRate;
    void probe.close();
    return rate;
  } catch {
    return null;
  }
}

/** @returns {Promise<never>} rejects when starting takes too long; some browsers wait for ever */
function late() {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Error("it does not answer")), START_MS);
  });
}

/**
 * The facts that the analysis needs to know about a device.
 * @param {AudioContext} audio
 * @param {number} rateHz
 */
export function describeAudio(audio, rateHz) {
  return JSON.stringify({
    asked_hz: rateHz,
    granted_hz: audio.sampleRate,
    hardware_hz: hardwareRate(),
    base_latency_s: audio.baseLatency,
    output_latency_s: audio.outputLatency,
  });
}
