// @ts-check
/**
 * The page's texts in the page's language. Scripts hold no sentence: they ask for one by its key,
 * which jndlab/web/page_texts.py gives an English text and a catalogue a translation.
 */

/** @typedef {Record<string, string>} Forms by category of the plural */
/** @typedef {{ message: string, remedy: string }} Explanation */

/** @type {{ texts: Record<string, string | Forms>, errors: Record<string, Explanation> }} */
const page = JSON.parse(document.getElementById("texts")?.textContent ?? '{"texts":{},"errors":{}}');
const language = document.documentElement.lang || "en";
const plural = new Intl.PluralRules(language);
const number = new Intl.NumberFormat(language);
const percent = new Intl.NumberFormat(language, { style: "percent" });
const list = new Intl.ListFormat(language, { type: "unit", style: "short" });

/**
 * A text with its placeholders filled in; `n` also chooses the form of the plural.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 */
export function text(key, values = {}) {
  const known = page.texts[key];
  if (known === undefined) throw new Error(`no text "${key}"`);
  const form = typeof known === "string" ? known : (known[plural.select(Number(values.n))] ?? known.other);
  return form.replace(/%\((\w+)\)s|%%/g, (match, name) => {
    if (match === "%%") return "%";
    const value = values[name];
    return typeof value === "number" ? number.format(value) : String(value);
  });
}

/**
 * What an error means for a participant, by its code.
 * @param {string} code
 * @returns {Explanation}
 */
export function explain(code) {
  return page.errors[code] ?? page.errors.unknown;
}

/** @param {number} share from 0 to 1 */
export function percentage(share) {
  return percent.format(share);
}

/**
 * @param {number} value
 * @param {number} decimals digits after the point
 */
export function fixed(value, decimals) {
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  return new Intl.NumberFormat(language, digits).format(value);
}

/** @param {string[]} parts */
export function listed(parts) {
  return list.format(parts);
}
