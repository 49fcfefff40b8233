// @ts-check
/** The page of one pair: both sounds and their difference, drawn over one time axis and heard. */

import { SideBySide } from "./pair_sound.js";

/**
 * @typedef {{ seconds: number, url: string, gain_db: number, spectrogram: string,
 *   waveform: { lows: number[], highs: number[], enlarged: number } }} Part
 * @typedef {{ seconds: number, top_hz: number, top_db: number, range_db: number,
 *   palette: string[], parts: Record<string, Part> }} Pair
 */

const SVG = "http://www.w3.org/2000/svg";

/**
 * @template {Element} T
 * @param {ParentNode} root
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 */
function need(root, selector, kind) {
  const found = root.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`the page has no ${selector}`);
  return found;
}

/**
 * @param {HTMLElement} figure
 * @param {Part} part
 * @param {Pair} pair
 * @param {number} peak that fills the height
 */
function draw(figure, part, pair, peak) {
  const { lows, highs, enlarged } = part.waveform;
  const svg = need(figure, "svg", SVGSVGElement);
  const share = part.seconds / pair.seconds;
  svg.setAttribute("viewBox", `0 -1 ${Math.max(1, lows.length) / share} 2`);
  const at = (/** @type {number} */ value) => (-Math.max(-1, Math.min(1, value / peak))).toFixed(4);
  const upper = highs.map((value, x) => `${x},${at(value)}`);
  const lower = lows.map((value, x) => `${x},${at(value)}`).reverse();
  const outline = document.createElementNS(SVG, "polygon");
  outline.setAttribute("points", [...upper, ...lower].join(" "));
  outline.setAttribute("vector-effect", "non-scaling-stroke");
  svg.replaceChildren(outline);
  const picture = need(figure, "img", HTMLImageElement);
  picture.src = part.spectrogram;
  picture.hidden = false;
  need(figure, "[data-end]", HTMLElement).textContent = `${pair.seconds.toFixed(2)} s · spectrogram up to ${(pair.top_hz / 1000).toFixed(1)} kHz`;
  const notes = [];
  if (enlarged > 1) notes.push(`waveform enlarged ${enlarged} times`);
  if (part.gain_db > 0) notes.push(`played ${part.gain_db} dB louder than it is`);
  need(figure, "[data-note]", HTMLElement).textContent = notes.join(", ");
}

/**
 * @param {HTMLElement} card
 * @param {Pair} pair
 */
function drawAll(card, pair) {
  const parts = Object.entries(pair.parts);
  const peak = Math.max(1e-6, ...parts.flatMap(([, { waveform }]) => [...waveform.highs, ...waveform.lows.map((low) => -low)]));
  for (const [name, part] of parts) {
    const figure = card.querySelector(`[data-part="${name}"]`);
    if (figure instanceof HTMLElement) draw(figure, part, pair, peak);
  }
  const colours = need(card, "[data-legend]", HTMLCanvasElement).getContext("2d");
  pair.palette.forEach((colour, x) => {
    if (colours === null) return;
    colours.fillStyle = colour;
    colours.fillRect(x, 0, 1, 1);
  });
  need(card, "[data-low]", HTMLElement).textContent = `${pair.top_db - pair.range_db} dB`;
  need(card, "[data-high]", HTMLElement).textContent = `${pair.top_db} dB`;
  need(card, "[data-range]", HTMLElement).textContent = "re a full-scale sine, the same colours in all pictures";
}

/**
 * Buttons, keys and the line that moves over the pictures.
 * @param {HTMLElement} card
 * @param {Pair} pair
 */
function listen(card, pair) {
  const sounds = new SideBySide();
  const play = need(card, "[data-play]", HTMLButtonElement);
  const slider = need(card, "[data-position]", HTMLInputElement);
  const status = need(card, "[data-status]", HTMLElement);
  const buttons = [...card.querySelectorAll("[data-which]")].filter((one) => one instanceof HTMLButtonElement);
  const heads = [...card.querySelectorAll(".playhead")].filter((one) => one instanceof HTMLElement);

  const follow = () => {
    const share = pair.seconds > 0 ? sounds.position / pair.seconds : 0;
    for (const head of heads) {
      head.hidden = false;
      head.style.insetInlineStart = `${100 * share}%`;
    }
    if (document.activeElement !== slider) slider.value = String(Math.round(1000 * share));
    if (sounds.playing) requestAnimationFrame(follow);
  };
  const toggle = async () => {
    if (sounds.playing) {
      sounds.stop();
    } else {
      try {
        if (sounds.seconds === 0) status.textContent = "Loading the sounds …";
        await sounds.load(pair.parts);
        status.textContent = "";
        sounds.play();
        requestAnimationFrame(follow);
      } catch (error) {
        status.textContent = `The sounds cannot be played: ${error instanceof Error ? error.message : error}. Load the page again.`;
      }
    }
    play.textContent = sounds.playing ? "Stop" : "Play";
  };
  const choose = (/** @type {string} */ which) => {
    sounds.choose(which);
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.which === which));
    for (const figure of card.querySelectorAll("[data-part]")) {
      figure.classList.toggle("heard", figure.getAttribute("data-part") === which);
    }
  };

  play.addEventListener("click", () => void toggle());
  for (const button of buttons) button.addEventListener("click", () => choose(button.dataset.which ?? ""));
  slider.addEventListener("input", () => {
    sounds.seek((Number(slider.value) / 1000) * pair.seconds);
    follow();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLInputElement;
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    buttons[Number(event.key) - 1]?.click();
  });
  for (const control of [play, slider, ...buttons]) control.disabled = false;
  choose("baseline");
}

/** @param {HTMLElement} card */
async function show(card) {
  const status = need(card, "[data-status]", HTMLElement);
  status.textContent = "Drawing …";
  try {
    const answer = await fetch(card.dataset.pair ?? "", { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`the server answered ${answer.status}`);
    /** @type {Pair} */
    const pair = await answer.json();
    drawAll(card, pair);
    listen(card, pair);
    status.textContent = "";
  } catch (error) {
    status.textContent = `The sounds cannot be drawn: ${error instanceof Error ? error.message : error}. Load the page again.`;
  }
}

for (const card of document.querySelectorAll("[data-pair]")) {
  if (card instanceof HTMLElement) void show(card);
}
