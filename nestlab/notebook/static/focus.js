// @ts-check
// Keeps the focus in a panel. A button that is off while a job runs loses it, and keys with it.

const BUTTONS = "button.jupyter-button";
const SETTLED = 60; // milliseconds: each button is enabled by a message of its own

/**
 * Give the focus back to the button that lost it, once the job has ended: to the button itself, or
 * to the next one of its panel. Where the focus has gone elsewhere, it stays there.
 * @param {HTMLElement} el of a widget in the panel
 * @param {() => boolean} isBusy
 * @returns {() => void} a function that stops that
 */
export function keepFocus(el, isBusy) {
  /** @type {HTMLButtonElement | null} the button of the panel that was used last */
  let used = null;
  const back = () => {
    const hasFocus = document.activeElement !== document.body;
    // Cancel is the last button that changes when a job ends.
    const isRunning = panelOf(el)?.querySelector(".nestlab-cancel:enabled") || isBusy();
    if (!used || hasFocus || isRunning) return;
    const found = panelOf(el)?.querySelectorAll(BUTTONS) ?? [];
    const all = /** @type {HTMLButtonElement[]} */ ([...found]);
    const after = all.slice(all.indexOf(used));
    const next = [...after, ...all].find((each) => !each.disabled && each.offsetParent);
    next?.focus({ preventScroll: true });
  };
  let waiting = 0;
  const watching = new MutationObserver(() => {
    clearTimeout(waiting);
    waiting = setTimeout(back, SETTLED);
  });
  const listening = new AbortController();
  /** @param {Event} event */
  const note = ({ target }) => {
    const button = target instanceof Element ? target.closest("button") : null;
    const panel = panelOf(el);
    used = button && panel?.contains(button) ? button : null;
    if (used && panel) watching.observe(panel, { subtree: true, attributeFilter: ["disabled"] });
  };
  const options = { signal: listening.signal, capture: true };
  document.addEventListener("focusin", note, options);
  document.addEventListener("pointerdown", note, options);
  return () => {
    listening.abort();
    watching.disconnect();
    clearTimeout(waiting);
  };
}

/** @param {HTMLElement} el */
function panelOf(el) {
  return el.closest(".nestlab-panel");
}
