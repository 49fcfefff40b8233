// @ts-check
/** The page of links: only the fields that a choice needs, and buttons that copy a link. */

/**
 * Show the fields whose attribute names `value`, and send nothing from the others.
 * @param {string} attribute
 * @param {string} value
 */
function showFor(attribute, value) {
  for (const field of document.querySelectorAll(`[${attribute}]`)) {
    const fits = field.getAttribute(attribute)?.split(" ").includes(value) ?? false;
    field.toggleAttribute("hidden", !fits);
    for (const input of field.querySelectorAll("input")) input.disabled = !fits;
  }
}

const kinds = document.querySelector("#make-links");
kinds?.addEventListener("change", showKind);
function showKind() {
  const chosen = kinds?.querySelector("input[name=kind]:checked");
  if (chosen instanceof HTMLInputElement) showFor("data-for-kind", chosen.value);
}
showKind();

const recruiter = document.querySelector("#recruiter");
recruiter?.addEventListener("change", showRecruiter);
function showRecruiter() {
  if (recruiter instanceof HTMLSelectElement) showFor("data-for-recruiter", recruiter.value);
}
showRecruiter();

for (const button of document.querySelectorAll("[data-copy-text]")) {
  button.addEventListener("click", async () => {
    const link = button.getAttribute("data-copy-text") ?? "";
    try {
      await navigator.clipboard.writeText(link);
      button.textContent = "Copied";
    } catch {
      window.prompt("Copy this link:", link); // no clipboard on pages without HTTPS
    }
  });
}
