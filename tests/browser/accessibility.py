"""What an accessibility checker finds on a page, in light and dark, on a phone and on a desk."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any, Literal

from playwright.sync_api import Page

WIDTHS = (360, 1280)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_RUN_AXE = """async (tags) => {
  const found = await axe.run(document, {
    runOnly: { type: "tag", values: tags },
    rules: { "target-size": { enabled: true } },
    resultTypes: ["violations"],
  });
  const tell = (rule, node) =>
    `${rule.id}: ${node.target.join(" ")}: ${node.failureSummary.replace(/\\s+/g, " ")}`;
  return found.violations.flatMap((rule) => rule.nodes.map((node) => tell(rule, node)));
}"""

_FAINT_CONTROLS = """() => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = rgb(colour).slice(0, 3).map((part) => {
      const c = part / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, two) => {
    const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const opaque = (colour) => (rgb(colour)[3] ?? 1) === 1;
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (opaque(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const faint = [];
  for (const node of document.querySelectorAll("button, input, select, textarea, .button")) {
    // The browser itself draws those, in colours that fit the scheme.
    const own = !["range", "radio", "checkbox"].includes(node.type);
    if (!own || node.matches(":disabled") || !node.checkVisibility()) continue;
    const style = getComputedStyle(node);
    const behind = ground(node.parentElement);
    const bounds = [];
    if (parseFloat(style.borderTopWidth) > 0) bounds.push(contrast(style.borderTopColor, behind));
    if (opaque(style.backgroundColor)) bounds.push(contrast(style.backgroundColor, behind));
    if (style.textDecorationLine.includes("underline")) bounds.push(contrast(style.color, behind));
    const best = Math.max(0, ...bounds);
    const name = node.id || node.className || node.textContent;
    if (best < 3) faint.push(`${name}: ${best.toFixed(2)}`);
  }
  return faint;
}"""

_TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@cache
def _axe() -> str:
    return (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")


def findings(page: Page) -> list[str]:
    """Violations on the page as it is, and controls that are hardly to be seen."""
    if not page.evaluate("typeof window.axe === 'object'"):
        page.evaluate(_axe())
    found: list[str] = page.evaluate(_RUN_AXE, TAGS)
    faint: list[str] = page.evaluate(_FAINT_CONTROLS)
    return found + [f"less than 3:1 against what is behind it: {control}" for control in faint]


def findings_everywhere(page: Page) -> list[str]:
    """Findings in both colour schemes at both widths; the page is then as it was before."""
    before = page.viewport_size
    found: list[str] = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            found += [f"{scheme}, {width} px: {finding}" for finding in findings(page)]
            if page.evaluate(_TOO_WIDE) > 0:
                found.append(f"{scheme}, {width} px: scrolls sideways")
    page.emulate_media(color_scheme="light")
    if before is not None:
        page.set_viewport_size(before)
    return found


_STEPS = """() => [
  ".step:not(#step-check, #step-questionnaire)",
  "template[id^=check-kind-], template[id^=questionnaire-]",
  "dialog",
].flatMap((selector) => [...document.querySelectorAll(selector)].map((part) => part.id))"""

_SHOW = """(name) => {
  const part = document.getElementById(name);
  const kind = name.startsWith("questionnaire-") ? "questionnaire" : "check";
  const body = document.getElementById(`${kind}-body`);
  if (part.matches("template")) body.replaceChildren(part.content.cloneNode(true));
  const step = part.matches("template") ? document.getElementById(`step-${kind}`) : part;
  for (const other of document.querySelectorAll(".step")) other.hidden = other !== step;
  for (const dialog of document.querySelectorAll("dialog")) dialog.close();
  if (part.matches("dialog")) part.showModal();
  for (const node of step.querySelectorAll("[hidden]")) node.hidden = false;
  for (const node of step.querySelectorAll(":disabled")) node.disabled = false;
  for (const node of step.querySelectorAll("h1:empty, p:empty, output:empty"))
    node.textContent = node.classList.contains("code") ? "ABCD-1234" : "Three of 40 are done";
  for (const node of step.querySelectorAll("details")) node.open = true;
  document.getElementById("progress").hidden = false;
  const withdraw = document.getElementById("withdraw");
  if (withdraw) withdraw.hidden = false;
}"""


def every_step(page: Page) -> list[str]:
    """Names of all steps that the page has, those too that only come after a fault."""
    names: list[str] = page.evaluate(_STEPS)
    return names


def show_whole(page: Page, step: str) -> None:
    """Show one step with everything that it can ever show, all at once."""
    page.evaluate(_SHOW, step)


def shift_of(page: Page) -> dict[str, Any]:
    """How far the layout has moved since the page began to watch (see WATCH_SHIFTS)."""
    result: dict[str, Any] = page.evaluate("() => window.layoutShifts()")
    return result


WATCH_SHIFTS = """() => {
  const shifts = [];
  const note = (entries) => entries.forEach((entry) => shifts.push(entry));
  const observer = new PerformanceObserver((list) => note(list.getEntries()));
  observer.observe({ type: "layout-shift" });
  window.layoutShifts = () => {
    note(observer.takeRecords());
    const value = shifts.reduce((sum, entry) => sum + entry.value, 0);
    const nodes = shifts.flatMap((entry) => entry.sources.map((source) => {
      const node = source.node?.nodeType === 1 ? source.node : source.node?.parentElement;
      return `${node?.id || node?.className || node?.tagName} `
        + JSON.stringify([source.previousRect, source.currentRect]);
    }));
    return { value, nodes };
  };
}"""
"""Counts every shift, those too that follow a press, which browsers forgive."""
