// @ts-check
/** The report is shown at its full length, so that the page has one scroll bar and not two. */

const frame = document.querySelector("iframe.report");

if (frame instanceof HTMLIFrameElement) {
  if (frame.contentDocument?.readyState === "complete") follow(frame);
  frame.addEventListener("load", () => follow(frame));
}

/** @param {HTMLIFrameElement} frame */
function follow(frame) {
  const page = frame.contentDocument?.body;
  if (!page || frame.contentDocument?.URL === "about:blank") return;
  const fit = () => {
    frame.style.height = `${Math.ceil(page.getBoundingClientRect().height) + 2}px`;
  };
  new ResizeObserver(fit).observe(page);
  fit();
}
