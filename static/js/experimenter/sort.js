// @ts-check
/**
 * Tables that sort: a `<table data-sortable>` gets a button in each column's head. Cells sort by
 * their `data-sort`, else by their text; numbers as numbers. A column with `data-plain` does not.
 */

/** @param {HTMLTableCellElement} cell */
function keyOf(cell) {
  const text = cell.dataset.sort ?? cell.textContent?.trim() ?? "";
  const number = Number(text.replace(",", ""));
  return text !== "" && Number.isFinite(number) ? number : text.toLowerCase();
}

/**
 * @param {string | number} a
 * @param {string | number} b
 */
function compare(a, b) {
  if (a === "" || b === "") return Number(a === "") - Number(b === ""); // empty ones last
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a).localeCompare(String(b), undefined, { numeric: true });
}

/**
 * Sort the rows of a table by a column, and say so in its head.
 * @param {HTMLTableElement} table
 * @param {number} column
 * @param {"ascending" | "descending"} direction
 */
export function sortBy(table, column, direction) {
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const sign = direction === "ascending" ? 1 : -1;
  const keyed = rows.map((row) => ({ row, key: keyOf(row.cells[column]) }));
  keyed.sort((a, b) => (a.key === "" || b.key === "" ? compare(a.key, b.key) : sign * compare(a.key, b.key)));
  if (keyed.some(({ row }, place) => row !== rows[place])) body.append(...keyed.map(({ row }) => row));
  [...(table.tHead?.rows[0].cells ?? [])].forEach((head, place) => {
    if (place === column) head.setAttribute("aria-sort", direction);
    else head.removeAttribute("aria-sort");
  });
}

/**
 * Sort a table again as its reader has chosen, after its rows were changed.
 * @param {HTMLTableElement} table
 */
export function sortAgain(table) {
  const heads = [...(table.tHead?.rows[0].cells ?? [])];
  const column = heads.findIndex((head) => head.hasAttribute("aria-sort"));
  if (column < 0) return;
  const direction = heads[column].getAttribute("aria-sort") === "descending" ? "descending" : "ascending";
  sortBy(table, column, direction);
}

/** @param {HTMLTableElement} table */
function makeSortable(table) {
  [...(table.tHead?.rows[0].cells ?? [])].forEach((head, column) => {
    if (head.hasAttribute("data-plain") || head.textContent?.trim() === "") return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    button.addEventListener("click", () => {
      sortBy(table, column, head.getAttribute("aria-sort") === "ascending" ? "descending" : "ascending");
    });
    head.append(button);
  });
}

for (const table of document.querySelectorAll("table[data-sortable]")) {
  if (table instanceof HTMLTableElement) makeSortable(table);
}
