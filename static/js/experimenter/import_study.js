// @ts-check
/** The archive of a study, sent in parts, taken as a whole or not at all. */

import { filesOfDrop, filesOfInput } from "./dropped.js";
import { watchJob } from "./job.js";
import { hideOutcome, showOutcome } from "./outcome.js";
import { Refusal, ask } from "./request.js";
import { Sending } from "./sending.js";

const ARCHIVE = "archive.zip";

/** @param {string} id */
const part = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const zone = part("drop");
const input = /** @type {HTMLInputElement} */ (part("files-input"));
const sending = new Sending({ onArrival: () => {} });

/** @param {File} file */
async function take(file) {
  hideOutcome();
  try {
    const study = await ask(zone.dataset.begin ?? "", { method: "POST", json: { title: file.name.replace(/(\.jndlab)?\.zip$/i, "") } });
    const refused = await fill(study, file);
    if (refused === null) return;
    await ask(study.discard, { method: "POST" });
    showOutcome({ title: "The archive was refused", words: `${refused.message} ${refused.remedy}`, bad: true, failed: refused.entries });
  } catch (error) {
    part("sending").hidden = true;
    if (!(error instanceof Refusal)) throw error;
    showOutcome({ title: "That did not work", words: `${error.message} ${error.remedy}`, bad: true, failed: error.entries });
  }
}

/**
 * @param {{ uploads: string, take: string }} study
 * @param {File} file
 * @returns {Promise<{ message: string, remedy: string, entries: [string, string][] } | null>} what was refused
 */
async function fill(study, file) {
  const { failed, names } = await sending.run(study.uploads, [{ path: file.name, target: ARCHIVE, file }]);
  if (failed.length > 0) return { ...failed[0], entries: [] };
  const { job } = await ask(study.take, { method: "POST", json: { name: names.get(ARCHIVE) } });
  part("outcome").hidden = false;
  part("outcome-title").textContent = "Unpacking";
  const ended = await watchJob(part("outcome-body"), job);
  if (ended.state !== "done") return { message: ended.message, remedy: ended.remedy, entries: [] };
  if (ended.result.refused) return ended.result.refused;
  window.location.assign(`${zone.dataset.studies}/${ended.result.slug}/sounds?imported=1`);
  return null;
}

part("pick-files").addEventListener("click", () => input.click());
input.addEventListener("change", () => {
  const [chosen] = input.files === null ? [] : filesOfInput(input.files);
  input.value = "";
  if (chosen !== undefined) void take(chosen.file);
});
document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer === null || sending.active) return;
  void filesOfDrop(event.dataTransfer).then((dropped) => {
    const archive = dropped.find(({ path }) => path.toLowerCase().endsWith(".zip"));
    if (archive !== undefined) void take(archive.file);
    else showOutcome({ title: "Nothing was taken", words: "This is no zip archive.", bad: true });
  });
});
