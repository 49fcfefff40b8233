// @ts-check
/** The one volume of the page: every sound goes through it, the same for every interval. */

/** @type {Map<BaseAudioContext, GainNode>} */
const masters = new Map();
let factor = 1;

/**
 * What sounds are connected to instead of the context's destination.
 * @param {BaseAudioContext} context
 * @returns {AudioNode}
 */
export function output(context) {
  let master = masters.get(context);
  if (master === undefined) {
    master = new GainNode(context, { gain: factor });
    master.connect(context.destination);
    masters.set(context, master);
  }
  return master;
}

/**
 * The volume for everything from now on.
 * @param {number | null} decibel relative to the files; null: as they are
 */
export function setVolume(decibel) {
  factor = decibel === null ? 1 : 10 ** (decibel / 20);
  for (const { gain } of masters.values()) gain.value = factor;
}
