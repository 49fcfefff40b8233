// @ts-check
/**
 * Who somebody is at a recruiter comes in the address. It leaves the address bar at once, waits in
 * this tab until the session is open, is sent to the server alone, and is forgotten here then.
 */

/** @typedef {import("./api.js").Session} Session */
/** @typedef {Record<string, string>} Ids */

export class Recruit {
  /**
   * @param {string} link
   * @param {string[]} names of the recruiter's parameters; none without a recruiter
   */
  constructor(link, names) {
    this.key = `jndlab:${link}:recruit`;
    this.expected = names.length > 0;
    /** @type {Ids | null} */
    this.ids = takeFromAddress(names) ?? (this.expected ? recall(this.key) : null);
    if (this.ids !== null) keep(this.key, this.ids);
  }

  /**
   * Whether the session is of the person who came now: on a shared computer it may be another's.
   * @param {Session} session
   * @returns {Promise<boolean>}
   */
  async owns(session) {
    if (this.ids === null) return true;
    const { same } = await session.json("POST", "/recruit", { recruit: this.ids });
    if (same) this.forget();
    return same;
  }

  /** The server knows by now. */
  forget() {
    this.ids = null;
    keep(this.key, null);
  }
}

/**
 * @param {string[]} names
 * @returns {Ids | null}
 */
function takeFromAddress(names) {
  const address = new URL(window.location.href);
  /** @type {Ids} */
  const found = {};
  for (const name of names) {
    const value = address.searchParams.get(name);
    if (value === null) continue;
    found[name] = value;
    address.searchParams.delete(name);
  }
  if (Object.keys(found).length === 0) return null;
  history.replaceState(history.state, "", address);
  return found;
}

/**
 * The page may be loaded anew before anybody has agreed, for instance in another language.
 * @param {string} key
 * @param {Ids | null} ids
 */
function keep(key, ids) {
  try {
    if (ids === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(ids));
  } catch {
    // Where site data are blocked they last as long as the page.
  }
}

/**
 * @param {string} key
 * @returns {Ids | null}
 */
function recall(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key) ?? "null");
  } catch {
    return null;
  }
}
