// @ts-check
/** Choosing a comfortable volume on the study's own speech. Once confirmed it is fixed. */

import { buttons, byId, onKeys } from "./page.js";
import { SwitchPlayer } from "./player.js";
import { percentage, text } from "./texts.js";
import { setVolume } from "./volume.js";

/**
 * @param {AudioContext} context
 * @param {AudioBuffer} buffer
 * @param {{ lowest: number, highest: number, first: number }} range in dB
 * @returns {Promise<string>} the gain that was chosen, in dB
 */
export function setLevel(context, buffer, range) {
  const slider = byId("check-slider");
  const [play] = buttons("#check-play");
  const [confirm] = buttons("#check-confirm");
  if (!(slider instanceof HTMLInputElement)) throw new Error("no slider");
  const player = new SwitchPlayer(context, [buffer], { rampSeconds: 0.02 });
  const ended = new AbortController();
  const { signal } = ended;
  const gain = () => Number(slider.value);

  const changed = () => {
    setVolume(gain());
    const share = percentage((gain() - range.lowest) / (range.highest - range.lowest));
    slider.setAttribute("aria-valuetext", share);
    byId("check-level-shown").textContent = share;
  };
  const show = () => {
    play.textContent = player.current === null ? (play.dataset.play ?? "") : text("stop");
  };
  const toggle = () => {
    if (player.current === null) {
      if (context.state !== "running") context.resume().catch(() => player.stop());
      player.select(0);
      slider.disabled = false;
      confirm.disabled = false; // a volume can be judged only once it was heard
    } else {
      player.stop();
    }
    show();
    return true;
  };
  const stop = () => {
    player.stop();
    show();
  };

  slider.min = String(range.lowest);
  slider.max = String(range.highest);
  slider.value = String(range.first);
  play.disabled = false;
  changed();
  show();
  slider.addEventListener("input", changed, { signal });
  play.addEventListener("click", toggle, { signal });
  document.addEventListener("visibilitychange", () => document.hidden && stop(), { signal });
  context.addEventListener("statechange", () => context.state !== "running" && stop(), { signal });
  const endKeys = onKeys((key) => key === " " && toggle());
  return new Promise((resolve) => {
    const done = () => {
      player.stop();
      endKeys();
      ended.abort();
      for (const control of [slider, play, confirm]) control.disabled = true;
      resolve(String(gain()));
    };
    confirm.addEventListener("click", done, { signal });
  });
}
