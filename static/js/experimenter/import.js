// @ts-check
/** The archive of another tool's study on its way: a study is begun for it, then it is sent. */

import { Refusal, ask } from "./request.js";
import { Brake, sendFile } from "./upload.js";

const form = /** @type {HTMLFormElement} */ (document.getElementById("import"));
const chooser = /** @type {HTMLInputElement} */ (document.getElementById("archive"));
const title = /** @type {HTMLInputElement} */ (document.getElementById("title"));
const words = /** @type {HTMLElement} */ (document.getElementById("sending-words"));
const bar = /** @type {HTMLProgressElement} */ (document.getElementById("sending-bar"));
const refused = /** @type {HTMLElement} */ (document.getElementById("refused"));
const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));

/** @type {{ uploads: string, look: string, page: string } | null} */
let begun = null;

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const file = chooser.files?.[0];
  if (file === undefined) return;
  button.disabled = true;
  refused.hidden = true;
  try {
    begun ??= await ask(form.dataset.begin ?? "", { method: "POST", json: { title: title.value || file.name.replace(/\.zip$/i, "") } });
    if (begun !== null) await send(file, begun);
  } catch (error) {
    const known = error instanceof Refusal ? error : new Refusal(0, { message: String(error) });
    refused.textContent = `${known.message} ${known.remedy}`;
    refused.hidden = false;
    button.disabled = false;
  }
});

/**
 * @param {File} file
 * @param {{ uploads: string, look: string, page: string }} study
 */
async function send(file, study) {
  /** @type {HTMLElement} */ (document.getElementById("sending")).hidden = false;
  bar.max = Math.max(file.size, 1);
  const { name } = await sendFile(study.uploads, "archive.zip", file, {
    brake: new Brake(),
    progress: (nBytes) => {
      bar.value = nBytes;
      words.textContent = `${(nBytes / 1e6).toFixed(1)} of ${(file.size / 1e6).toFixed(1)} MB sent`;
    },
    waiting: (text) => {
      words.textContent = text;
    },
  });
  words.textContent = "Sent.";
  const told = new FormData();
  told.set("name", name);
  const token = document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";
  told.set("csrf_token", token);
  const answer = await fetch(study.look, { method: "POST", body: told });
  if (!answer.ok) throw new Refusal(answer.status, { message: "The archive cannot be looked into.", remedy: "Load the page again." });
  window.location.assign(answer.url);
}
