// @ts-check
/** The participant's way through a study. The server says at each turn what comes next. */

import { ButtonAnswers } from "./answer_buttons.js";
import { randomName, Refusal, Session } from "./api.js";
import { guardBack } from "./back.js";
import { describeAudio, isOpen, openAudio } from "./audio.js";
import { takeCheck } from "./checks.js";
import { Clips } from "./clips.js";
import { adoptSession, offerLink } from "./elsewhere.js";
import { showEnding } from "./ending.js";
import { Outbox } from "./outbox.js";
import { byId, pressed, say, showProgress, showStep } from "./page.js";
import { chosen } from "./giving_up.js";
import { Recruit } from "./recruit.js";
import { Sender } from "./sending.js";
import { onlyHere } from "./tabs.js";
import { allTasks, putInPlace } from "./task.js";
import { explain, text } from "./texts.js";
import { Trials } from "./trials.js";
import { allSaved } from "./unsaved.js";
import { isPageOf, renew } from "./version.js";
import { setVolume } from "./volume.js";
import { offerWithdrawal, showWithdrawn } from "./withdrawal.js";

const study = byId("study").dataset;
const session = new Session(study.link ?? "");
const recruit = new Recruit(study.link ?? "", study.recruit?.split(" ") ?? []);
const rateHz = Number(study.rateHz);
const options = {
  gapSeconds: Number(study.gapMs) / 1000,
  rampSeconds: Number(study.rampMs) / 1000,
  loop: study.loop !== undefined,
  restart: study.restart !== undefined,
  loopRegion: study.loopRegion !== undefined,
  maxPlays: study.maxPlays === undefined ? Infinity : Number(study.maxPlays),
  breakSeconds: Number(study.breakSeconds ?? 0),
  mayEndPractice: study.mayEndPractice !== undefined,
  report: (/** @type {string} */ kind, /** @type {string} */ detail = "") => session.report(kind, detail),
};

// What this study does not have is not loaded; what it has, before anything begins.
const questionnaires = document.querySelector("#step-questionnaire") && (await import("./questionnaire.js"));
const sliders = document.querySelector("[data-answers=sliders]") && (await import("./answer_sliders.js"));
const switching = document.querySelector("[data-playback=switched]") && (await import("./switch_trial.js"));
const sequence = document.querySelector("[data-playback=sequence]") && (await import("./sequence_trial.js"));
const region = options.loopRegion ? await import("./loop_region.js") : null;
const examples = document.querySelector(".example") && (await import("./examples.js"));

/**
 * Ways to play a trial, and to answer it, by the names that the templates use.
 * @type {import("./trials.js").Kinds}
 */
const kinds = {
  playback: { switched: switching?.SwitchTrial, sequence: sequence?.SequenceTrial },
  answers: { buttons: ButtonAnswers, sliders: sliders?.SliderAnswers },
  region: region?.LoopRegion,
};

/** Steps after which nothing follows. */
const ENDS = ["finished", "screened-out", "withdrawn"];

const SENDING_MS = 2000;
/** Of this page: going on with a session is told once per page. */
const pageKey = randomName();

/** Whether there is a session, or consent for one. */
let begun = false;
/** @type {Sender | null} */
let sender = null;
/** @type {Trials | null} */
let trials = null;

session.onWaiting = (/** @type {boolean} */ away) => {
  const news = away ? text("no-connection") : "";
  if (byId("connection").textContent !== news) say("connection", news, "bad");
};

const wakeAudio = () => openAudio(rateHz, options.report);

async function consent() {
  showStep("consent");
  await pressed("consent", { keys: false }); // not by the way, with the space that scrolls
  guardBack();
  begun = true;
  const context = await wakeAudio();
  await openSession();
  session.report("audio-context", describeAudio(context, rateHz));
  session.report("language", document.documentElement.lang);
}

/** After consent. */
async function openSession() {
  // The token is ours and kept before it is sent: asking twice, or in two tabs, opens one session.
  const token = session.token ?? ownToken() ?? session.newToken();
  const ids = recruit.ids ?? undefined;
  const opening = { link: study.link, consent: true, consent_version: study.consent, token, recruit: ids };
  await session.json("POST", "/sessions", opening);
  recruit.forget();
}

/** A personal link is its own credential: it goes on wherever it is opened. */
function ownToken() {
  if (study.personal === undefined) return null;
  session.adopt(study.link ?? "");
  return session.token;
}

/** @param {{ n_answered: number, n_trials: number }} state */
async function resume(state) {
  byId("resume-progress").textContent = text("resume", { done: state.n_answered, total: state.n_trials });
  showStep("resume");
  await pressed("resume");
  guardBack();
  const context = await wakeAudio();
  session.report("resumed", describeAudio(context, rateHz));
}

/** @param {number} milliseconds */
function pause(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

async function takeStudy() {
  showStep("loading");
  let state = await currentState();
  if (!isPageOf(state, study.studyVersion)) return;
  if (state?.step === "withdrawn") return showWithdrawn(session);
  begun = begun || state !== null;
  if (state !== null) offerWithdrawal(session);
  if (state === null) {
    // Nobody reads and agrees only to be told then that the study takes nobody.
    if (study.refusal) throw new Refusal(409, { code: study.refusal, message: "", remedy: "" });
    if (recruit.expected && recruit.ids === null) {
      throw new Refusal(400, { code: "recruit-missing", message: "", remedy: "" });
    }
    await consent();
    state = await session.json("GET", "/session");
  } else if (!ENDS.includes(state.step) && !isOpen()) {
    // The gap ends here, before anything is sent. What was answered goes out all the same.
    const returned = session.json("POST", "/resume", { key: pageKey });
    await returned.catch(() => {});
    await Promise.race([(await openSender()).empty(), pause(SENDING_MS)]);
    await returned; // or the session was left for too long
    await resume(await session.json("GET", "/session"));
  }
  offerWithdrawal(session);
  offerLink(session);
  await openSender().then((opened) => opened.empty());
  setVolume(state.gain_db);
  while (state.step === "check") {
    await takeCheck(session, await wakeAudio());
    state = await session.json("GET", "/session");
  }
  if (state.step === "screened-out") {
    showEnding("screened-out", "screen-out-code", state);
    return;
  }
  for (;;) {
    state = await session.json("GET", "/session");
    showProgress(state.n_answered / state.n_trials);
    if (state.step === "finished") break;
    if (state.step === "check") return takeStudy(); // restored from a backup of before the checks
    await renew(isKept(), options.report);
    if (state.step === "questionnaire") {
      await questionnaires?.takeQuestionnaire(session, state);
      continue;
    }
    const isLast = await (await openTrials()).take(state);
    if (isLast) await allSaved(await openSender(), { participant: state.participant, link: study.link ?? "" });
    else await (await openSender()).empty();
  }
  // The code appears only after the server has confirmed the last answer.
  const end = await session.json("POST", "/finish");
  byId("time-left").textContent = "";
  showEnding("thanks", "completion-code", end);
}

/** Nothing that this page knows of a session may get into the next one: its plan is another. */
async function forgetSession() {
  await Outbox.open(session.token ?? "").then((outbox) => outbox.clear());
  session.forget();
  sender = null;
  trials = null;
}

/** Made once there is a session. Begins with what an earlier page left. */
async function openSender() {
  if (sender === null) {
    const outbox = await Outbox.open(session.token ?? "");
    if (!outbox.shelf.durable) session.report("storage-blocked");
    sender = new Sender(session, outbox);
    sender.onChange = showWaiting;
    sender.start();
  }
  return sender;
}

async function openTrials() {
  if (trials === null) {
    const clips = new Clips(session, await wakeAudio());
    const setting = { options, kinds, nParts: Number(study.parts), wake: wakeAudio };
    trials = new Trials(session, await openSender(), clips, setting);
    examples?.offerExamples(session, wakeAudio);
  }
  return trials;
}

/** Whether a page that is loaded anew has everything that this one has. */
function isKept() {
  return session.durable && (sender === null || sender.waiting === 0 || sender.outbox.shelf.durable);
}

/** @param {number} n answers that are not confirmed */
function showWaiting(n) {
  byId("saved").textContent = n === 0 ? text("saved") : text("waiting", { n });
}

async function currentState() {
  if (session.token === null) return null;
  try {
    const state = await session.json("GET", "/session");
    if (state.link === study.link) {
      // and not a session of another study, or of another person
      if (state.step === "withdrawn" || (await recruit.owns(session))) return state;
      await startAnew();
    }
  } catch (error) {
    // Only our own word counts: a proxy without a server behind it says 404 as well.
    if (!(error instanceof Refusal) || error.code !== "not-found") throw error;
    await forgetSession();
  }
  session.forget();
  return null;
}

/**
 * End without having finished: the server notes it, and gives the code for it.
 * @param {string} reason
 * @returns {Promise<boolean>} whether there is a code
 */
async function giveUp(reason) {
  try {
    await openSession(); // opens none where there is one
    showEnding("failed", "failure-code", await session.json("POST", "/failure", { reason }));
    return true;
  } catch {
    return false; // what stands in the way comes up again in the next attempt
  }
}

async function run() {
  adoptSession(session);
  if (session.token === null) ownToken();
  for (;;) {
    try {
      await onlyHere(study.link ?? "", options.report);
      await takeStudy();
      return;
    } catch (error) {
      const known = error instanceof Refusal;
      const { message, remedy } = explain(known ? error.code : "unknown");
      byId("problem-message").textContent = message;
      byId("problem-remedy").textContent = remedy;
      showStep("problem");
      session.report(known ? "problem-shown" : "page-error", known ? `${error.code}: ${error.message}` : String(error));
      const reason = known ? error.code : "page-error";
      if ((await chosen(reason, begun)) === "give-up" && (await giveUp(reason))) return;
      await renew(isKept(), options.report);
    }
  }
}

/** On a shared computer the next person must not go on as the one before. */
async function startAnew() {
  // What the one before answered goes out first, under their name.
  await openSender().then((opened) => opened.empty()).catch(() => {});
  await forgetSession();
  window.location.reload();
  await new Promise(() => {}); // nothing else happens on this page
}

for (const button of document.querySelectorAll(".somebody-else")) {
  button.addEventListener("click", () => void startAnew());
}

// A page that comes back out of the browser's cache may be long out of date.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) window.location.reload();
});

putInPlace(allTasks()[0]);
byId("not-started").remove();
void run();
