// @ts-check
/** Requests of the experimenter's pages: with the form token, and with errors that say what to do. */

/** What the server refused, in its words. */
export class Refusal extends Error {
  /**
   * @param {number} status 0 if the server was not reached
   * @param {{ code?: string, message: string, remedy?: string, offset?: number, entries?: [string, string][] }} error
   */
  constructor(status, error) {
    super(error.message);
    this.status = status;
    this.code = error.code ?? "";
    this.remedy = error.remedy ?? "";
    this.offset = error.offset;
    this.entries = error.entries ?? [];
  }
}

const token = () => document.querySelector('meta[name="csrf-token"]')?.getAttribute("content") ?? "";

/**
 * Ask the server for JSON.
 * @param {string} url
 * @param {{ method?: string, json?: unknown, body?: BodyInit, headers?: Record<string, string>, signal?: AbortSignal }} [options]
 * @returns {Promise<any>}
 * @throws {Refusal}
 */
export async function ask(url, { method = "GET", json, body, headers = {}, signal } = {}) {
  /** @type {Record<string, string>} */
  const sent = { Accept: "application/json", "X-CSRFToken": token(), ...headers };
  if (json !== undefined) sent["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(url, { method, headers: sent, body: json === undefined ? body : JSON.stringify(json), signal });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refusal(0, { message: "The server cannot be reached.", remedy: "Check the connection; it is tried again." });
  }
  if (response.redirected && new URL(response.url).pathname.startsWith("/sign-in")) {
    throw new Refusal(401, { message: "You are not signed in any more.", remedy: "Sign in in another tab, then go on here." });
  }
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer;
  throw new Refusal(response.status, answer?.error ?? { message: `The server answered with ${response.status}.`, remedy: "Try again." });
}

/**
 * Ask the server for a part of a page.
 * @param {string} url
 * @returns {Promise<DocumentFragment>}
 */
export async function askForPart(url) {
  const response = await fetch(url, { headers: { Accept: "text/html" } });
  if (!response.ok || response.redirected) throw new Refusal(response.status, { message: "This part of the page cannot be loaded." });
  return document.createRange().createContextualFragment(await response.text());
}
