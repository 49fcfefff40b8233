// @ts-check
/** The table of pairs shows those that its reader chooses: by item, condition, level and findings. */

/**
 * Whether a row is among what is asked for.
 * @param {HTMLTableRowElement} row
 * @param {FormData} wanted
 */
function matches(row, wanted) {
  const text = (/** @type {string} */ name) => String(wanted.get(name) ?? "");
  const { item = "", condition, level, state } = row.dataset;
  const asked = text("state");
  return (
    item.includes(text("item").trim().toLowerCase()) &&
    (text("condition") === "" || condition === text("condition")) &&
    (text("level") === "" || level === text("level")) &&
    (asked === "" || state === asked || (asked === "any" && state !== "fine"))
  );
}

/** @param {HTMLFormElement} form */
function follow(form) {
  const table = document.getElementById(form.dataset.filters ?? "");
  const count = form.querySelector("[data-count]");
  if (!(table instanceof HTMLTableElement) || count === null) return;
  const rows = [...table.tBodies[0].rows];
  const choose = () => {
    const wanted = new FormData(form);
    for (const row of rows) row.hidden = !matches(row, wanted);
    const shown = rows.filter((row) => !row.hidden).length;
    count.textContent = shown === rows.length ? `${rows.length} pairs` : `${shown} of ${rows.length} pairs`;
  };
  form.addEventListener("input", choose);
  form.addEventListener("submit", (event) => event.preventDefault());
  choose();
}

for (const form of document.querySelectorAll("form[data-filters]")) {
  if (form instanceof HTMLFormElement) follow(form);
}
