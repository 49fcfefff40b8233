// @ts-check
/**
 * 24-bit PCM WAV -> AudioBuffer, sample by sample. Browsers' own decoders scale 16-bit
 * samples differently from one another and resample unseen; this one does neither.
 */

const FULL_SCALE = 1 << 23;

/**
 * @typedef {{ rate: number, channels: Float32Array<ArrayBuffer>[] }} Pcm
 */

/**
 * Take a WAV file apart.
 * @param {ArrayBuffer} bytes
 * @returns {Pcm}
 * @throws {Error} if it is no whole 24-bit PCM WAV file
 */
export function parseWav(bytes) {
  const view = new DataView(bytes);
  const text = (/** @type {number} */ at) =>
    String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));
  if (bytes.byteLength < 44 || text(0) !== "RIFF" || text(8) !== "WAVE" || text(36) !== "data") {
    throw new Error("not a WAV file");
  }
  const nChannels = view.getUint16(22, true);
  const rate = view.getUint32(24, true);
  const size = view.getUint32(40, true);
  if (view.getUint16(20, true) !== 1 || view.getUint16(34, true) !== 24 || nChannels < 1) {
    throw new Error("not 24-bit PCM");
  }
  if (size !== bytes.byteLength - 44 || size % (3 * nChannels) !== 0) {
    throw new Error("the sound is not complete");
  }
  const nFrames = size / (3 * nChannels);
  const channels = Array.from({ length: nChannels }, () => new Float32Array(nFrames));
  const data = new Uint8Array(bytes, 44);
  let at = 0;
  for (let frame = 0; frame < nFrames; frame += 1) {
    for (let channel = 0; channel < nChannels; channel += 1, at += 3) {
      // The top byte carries the sign: build 32 bits, then shift back arithmetically.
      const wide = (data[at] << 8) | (data[at + 1] << 16) | (data[at + 2] << 24);
      channels[channel][frame] = (wide >> 8) / FULL_SCALE;
    }
  }
  return { rate, channels };
}

/**
 * @param {BaseAudioContext} context
 * @param {Pcm} pcm
 * @returns {AudioBuffer} at the file's own rate
 */
export function toBuffer(context, pcm) {
  const buffer = context.createBuffer(pcm.channels.length, pcm.channels[0].length, pcm.rate);
  pcm.channels.forEach((channel, index) => buffer.copyToChannel(channel, index));
  return buffer;
}
