// @ts-check
/**
 * Long work, followed from the page that asked for it. `<div data-job="/jobs/ID">` shows how far it
 * is and loads the page again when it is done (or goes to `data-then`). When it fails, what is marked
 * `data-after-failure` is shown: the form to try again with.
 */

const POLL_MS = 700;

/**
 * @typedef {{state: string, n_done: number, n_steps: number, message: string, remedy: string,
 *   result: Record<string, any>}} JobState
 */

/**
 * Show how far a job is until it has ended.
 * @param {HTMLElement} element
 * @param {string} url
 * @returns {Promise<JobState>}
 */
export async function watchJob(element, url) {
  const words = document.createElement("p");
  words.setAttribute("role", "status");
  const bar = document.createElement("progress");
  bar.setAttribute("aria-label", element.dataset.words ?? "Progress");
  element.replaceChildren(words, bar);
  for (;;) {
    const job = await askFor(url);
    if (job === null) {
      words.textContent = "The server cannot be reached. Trying again …";
    } else if (job.state === "failed") {
      element.replaceChildren(failure(job));
      return job;
    } else {
      show(words, bar, job, job.message || (element.dataset.words ?? "Working"));
      if (job.state === "done") return job;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** @param {string} url @returns {Promise<JobState | null>} */
async function askFor(url) {
  try {
    const answer = await fetch(url, { headers: { Accept: "application/json" } });
    return answer.ok ? await answer.json() : null;
  } catch {
    return null;
  }
}

/**
 * @param {HTMLElement} words
 * @param {HTMLProgressElement} bar
 * @param {JobState} job
 * @param {string} verb
 */
function show(words, bar, job, verb) {
  if (job.n_steps > 0) {
    bar.max = job.n_steps;
    bar.value = job.n_done;
  }
  const share = job.n_steps > 0 ? Math.round((100 * job.n_done) / job.n_steps) : 0;
  const text =
    job.state === "queued" ? "Waiting for other work …" : job.state === "done" ? "Done." : `${verb} … ${share > 0 ? `${share} %` : ""}`;
  if (words.textContent !== text) words.textContent = text;
}

/** @param {JobState} job */
function failure(job) {
  const notice = document.createElement("p");
  notice.className = "notice bad";
  notice.setAttribute("role", "alert");
  const message = document.createElement("span");
  message.className = "lines";
  message.textContent = job.message;
  const remedy = document.createElement("span");
  remedy.className = "quiet lines";
  remedy.textContent = ` ${job.remedy}`;
  notice.append(message, remedy);
  return notice;
}

for (const element of document.querySelectorAll("[data-job]")) {
  if (!(element instanceof HTMLElement) || !element.dataset.job) continue;
  watchJob(element, element.dataset.job).then((job) => {
    if (job.state === "done") window.location.assign(element.dataset.then ?? window.location.href);
    else for (const form of document.querySelectorAll("[data-after-failure]")) form.removeAttribute("hidden");
  });
}
