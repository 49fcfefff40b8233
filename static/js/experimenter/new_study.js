// @ts-check
/** A short name that follows the title until somebody writes one. */

const title = /** @type {HTMLInputElement} */ (document.getElementById("title"));
const slug = /** @type {HTMLInputElement} */ (document.getElementById("slug"));
let follows = slug.value === "";

/** @param {string} text */
function slugOf(text) {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "")
    .slice(0, 63)
    .replace(/-+$/, "");
}

function follow() {
  if (follows) slug.value = slugOf(title.value);
}

title.addEventListener("input", follow);
slug.addEventListener("input", () => {
  follows = slug.value === "";
});
follow(); // somebody may have typed before this script had come
