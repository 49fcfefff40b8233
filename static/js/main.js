// @ts-check
/** The participant's way through a study. The server says at each turn what comes next. */

import { randomName, Refusal, Session } from "./api.js";
import { describeAudio, isOpen, openAudio } from "./audio.js";
import { byId, pressed, say, showStep } from "./page.js";
import { checkSound } from "./sound_check.js";
import { SequenceTrial } from "./sequence_trial.js";
import { SwitchTrial } from "./switch_trial.js";
import { clearAnswer, closeControls } from "./trial.js";
import { parseWav, toBuffer } from "./wav.js";

const study = byId("study").dataset;
const session = new Session(study.link ?? "");
const rateHz = Number(study.rateHz);
const options = {
  gapSeconds: Number(study.gapMs) / 1000,
  rampSeconds: Number(study.rampMs) / 1000,
  report: (/** @type {string} */ kind, /** @type {string} */ detail = "") => session.report(kind, detail),
};

/** Instructions are shown once before the practice and once before the test. */
let introduced = "";

session.onWaiting = (/** @type {boolean} */ away) => {
  const shown = document.querySelector("#connection");
  if (!away) shown?.remove();
  else if (shown === null) {
    const note = document.createElement("p");
    note.id = "connection";
    note.className = "notice bad";
    note.setAttribute("role", "status");
    note.textContent = "No connection. Nothing is lost; we keep trying.";
    byId("study").append(note);
  }
};

const wakeAudio = () => openAudio(rateHz, options.report);

async function consent() {
  showStep("consent");
  await pressed("consent", { keys: false }); // not by the way, with the space that scrolls
  const context = await wakeAudio();
  // The token is ours and kept before it is sent: asking twice, or in two tabs, opens one session.
  const token = session.token ?? session.newToken();
  await session.json("POST", "/sessions", { link: study.link, consent: true, token });
  session.report("audio-context", describeAudio(context, rateHz));
}

/** @param {{ n_answered: number, n_trials: number }} state */
async function resume(state) {
  byId("resume-done").textContent = String(state.n_answered);
  byId("resume-total").textContent = String(state.n_trials);
  showStep("resume");
  await pressed("resume");
  const context = await wakeAudio();
  session.report("resumed", describeAudio(context, rateHz));
}

async function takeStudy() {
  showStep("loading");
  let state = await currentState();
  if (state === null) {
    await consent();
    state = await session.json("GET", "/session");
  } else if (state.step !== "finished" && !isOpen()) {
    await resume(state);
  }
  await sendPending();
  if (state.step === "sound-check") await checkSound(session, await wakeAudio());
  for (;;) {
    state = await session.json("GET", "/session");
    showProgress(state);
    if (state.step === "finished") break;
    await takeTrial();
  }
  // The code appears only after the server has confirmed the last answer.
  const { completion_code: code } = await session.json("POST", "/finish");
  byId("completion-code").textContent = code;
  showStep("thanks");
}

async function currentState() {
  if (session.token === null) return null;
  try {
    return await session.json("GET", "/session");
  } catch (error) {
    // Only our own word counts: a proxy without a server behind it says 404 as well.
    if (!(error instanceof Refusal) || error.code !== "not-found") throw error;
    session.forget();
    return null;
  }
}

async function takeTrial() {
  const context = await wakeAudio();
  const trial = await session.json("POST", "/trial");
  const loading = loadClips(context, trial);
  loading.catch(() => {}); // waited for below; until then it may fail without being looked at
  await introduce(trial);
  say("trial-message", "");
  closeControls();
  clearAnswer();
  byId("continue-row").hidden = true;
  const name = trial.phase === "practice" ? "Practice trial" : "Trial";
  byId("trial-count").textContent = `${name} ${trial.place} of ${trial.n_in_phase}`;
  byId("trial-count").dataset.number = String(trial.number);
  byId("gate").textContent = byId("gate").dataset.loading ?? "";
  showStep("trial");
  const buffers = await loading;
  const Kind = study.playback === "switched" ? SwitchTrial : SequenceTrial;
  const answer = await new Kind(context, buffers, options).run();
  closeControls();
  session.pending = {
    number: trial.number,
    body: {
      key: randomName(),
      ...answer,
      context_rate_hz: context.sampleRate,
      output_latency_ms: 1000 * (context.outputLatency || 0),
    },
  };
  const receipt = await sendPending();
  if (receipt !== null && receipt.correct !== null) await feedback(receipt);
}

/**
 * @param {AudioContext} context
 * @param {{ intervals: { clip: string }[] }} trial
 * @returns {Promise<AudioBuffer[]>} all of them, decoded: no trial starts with one missing
 */
function loadClips(context, trial) {
  const loaded = trial.intervals.map(() => 0);
  const gate = byId("gate");
  return Promise.all(
    trial.intervals.map(async ({ clip }, index) => {
      const bytes = await session.bytes(clip, (part, total) => {
        loaded[index] = total ? part / total : 0;
        const percent = Math.floor((100 * loaded.reduce((sum, share) => sum + share, 0)) / loaded.length);
        gate.textContent = `${gate.dataset.loading} ${percent} %`;
      });
      return toBuffer(context, parseWav(bytes));
    }),
  );
}

/** @param {{ phase: string, starts_block: boolean, number: number, n_trials: number }} trial */
async function introduce(trial) {
  if (introduced !== trial.phase) {
    const practiced = introduced === "practice";
    introduced = trial.phase;
    const practiceNote = document.getElementById("practice-note");
    if (practiceNote !== null) practiceNote.hidden = trial.phase !== "practice";
    byId("main-note").hidden = !practiced;
    showStep("instructions");
    await pressed("begin");
  } else if (trial.starts_block) {
    byId("break-done").textContent = String(trial.number - 1);
    byId("break-total").textContent = String(trial.n_trials);
    showStep("break");
    await pressed("break-over");
  }
  await wakeAudio();
}

/**
 * Send the answer that is not confirmed yet, if there is one.
 * @returns {Promise<{ correct: boolean | null, correct_response: string } | null>} the receipt
 */
async function sendPending() {
  const answer = session.pending;
  if (answer === null) return null;
  try {
    const receipt = await session.json("PUT", `/trials/${answer.number}/response`, answer.body);
    session.pending = null;
    return receipt;
  } catch (error) {
    if (!(error instanceof Refusal) || error.status >= 500) throw error;
    // Answered in another tab, for instance: what is stored stands, and the test goes on.
    session.pending = null;
    session.report("answer-refused", error.code);
    return null;
  }
}

/** @param {{ correct: boolean | null, correct_response: string }} receipt */
async function feedback(receipt) {
  const right = document.querySelector(`[data-response="${receipt.correct_response}"]`);
  const label = right?.lastChild?.textContent?.trim() ?? receipt.correct_response;
  if (receipt.correct) say("trial-message", "Right.", "good");
  else say("trial-message", `Not this time. The right answer was: ${label}.`, "bad");
  byId("continue-row").hidden = false;
  byId("continue").focus({ preventScroll: true });
  await pressed("continue");
  byId("continue-row").hidden = true;
}

/** @param {{ n_answered: number, n_trials: number }} state */
function showProgress(state) {
  const percent = Math.round((100 * state.n_answered) / state.n_trials);
  const bar = byId("progress");
  bar.hidden = false;
  bar.setAttribute("aria-valuenow", String(percent));
  const fill = bar.firstElementChild;
  if (fill instanceof HTMLElement) fill.style.width = `${percent}%`;
}

async function run() {
  for (;;) {
    try {
      await takeStudy();
      return;
    } catch (error) {
      const known = error instanceof Refusal;
      byId("problem-message").textContent = known ? error.message : "Something went wrong.";
      byId("problem-remedy").textContent = known
        ? error.remedy
        : "Check your connection, then try again. Everything that was answered is saved.";
      showStep("problem");
      if (!known) session.report("page-error", String(error));
      await pressed("retry");
    }
  }
}

// On a shared computer the next person must not go on as the one before.
for (const button of document.querySelectorAll(".somebody-else")) {
  button.addEventListener("click", () => {
    session.forget();
    window.location.reload();
  });
}

// A page that comes back out of the browser's cache may be long out of date.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

void run();
