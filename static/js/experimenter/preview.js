// @ts-check
/**
 * The preview of what was saved: it is made first, and then opened by a click of its own, since
 * browsers open no window for what comes later.
 */

import { watchJob } from "./job.js";
import { Refusal, ask } from "./request.js";

/** @param {string} text */
function paragraph(text) {
  const made = document.createElement("p");
  made.textContent = text;
  return made;
}

/** Whether the page shows something that is not saved. */
const isDirty = () => document.querySelector("[data-dirty]") !== null;

/**
 * Let a button make the preview, tell how far it is, and show the form that opens it.
 * @param {HTMLButtonElement} button with `data-preview`, the address that asks for it
 * @param {HTMLElement} state where it is told how far it is
 * @param {HTMLElement} form opens the preview
 */
function offerPreview(button, state, form) {
  button.addEventListener("click", async () => {
    button.disabled = true;
    form.hidden = true;
    try {
      const { job } = await ask(button.dataset.preview ?? "", { method: "POST" });
      state.dataset.words = "Checking and rendering the sounds";
      const ended = await watchJob(state, job);
      if (ended.state === "done") {
        state.replaceChildren(paragraph(isDirty() ? "The preview shows what was saved last." : "It is marked as a preview and never counted."));
        form.hidden = false;
        form.querySelector("button")?.focus();
      }
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      state.replaceChildren(paragraph(`${error.message} ${error.remedy}`));
    } finally {
      button.disabled = false;
    }
  });
}

const button = document.querySelector("button[data-preview]");
const state = document.getElementById("preview-state");
const form = document.getElementById("preview-form");
if (button instanceof HTMLButtonElement && state !== null && form !== null) offerPreview(button, state, form);
