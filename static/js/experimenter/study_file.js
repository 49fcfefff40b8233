// @ts-check
/** The study file as text: numbers beside its lines, and the way to the line of a mistake. */

const form = /** @type {HTMLFormElement} */ (document.getElementById("file-form"));
const text = /** @type {HTMLTextAreaElement} */ (document.getElementById("text"));
const numbers = /** @type {HTMLElement} */ (document.querySelector(".numbers"));
const where = /** @type {HTMLElement} */ (document.getElementById("where"));
const bad = new Set((document.querySelector(".editor")?.getAttribute("data-bad") ?? "").split(" "));
const initial = text.value;
let shown = 0;

function number() {
  const count = text.value.split("\n").length;
  if (count === shown) return;
  shown = count;
  numbers.replaceChildren(
    ...Array.from({ length: count }, (_, index) => {
      const line = document.createElement("span");
      line.textContent = String(index + 1);
      if (bad.has(String(index + 1))) line.className = "bad";
      return line;
    }),
  );
}

/** @param {number} line from 1 */
function goTo(line) {
  const lines = text.value.split("\n");
  const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
  text.focus();
  text.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  const height = parseFloat(getComputedStyle(text).lineHeight);
  text.scrollTop = (line - 4) * height;
  const top = text.getBoundingClientRect().top + line * height - text.scrollTop;
  window.scrollBy({ top: top - window.innerHeight / 2 });
}

text.addEventListener("input", () => {
  bad.clear(); // the lines may have moved
  for (const line of numbers.querySelectorAll(".bad")) line.className = "";
  number();
});
text.addEventListener("scroll", () => {
  numbers.scrollTop = text.scrollTop;
});
for (const event of ["keyup", "click"]) {
  text.addEventListener(event, () => {
    where.textContent = `Line ${text.value.slice(0, text.selectionStart).split("\n").length}`;
  });
}
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "s" && !text.readOnly) {
    event.preventDefault();
    form.requestSubmit();
  }
});
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("[data-line]") : null;
  if (button !== null) goTo(Number(button.getAttribute("data-line")));
});
let leaving = false;
form.addEventListener("submit", () => {
  leaving = true;
});
window.addEventListener("beforeunload", (event) => {
  if (!leaving && text.value !== initial) event.preventDefault();
});

new ResizeObserver(() => {
  numbers.style.height = `${text.offsetHeight}px`;
}).observe(text);
number();
