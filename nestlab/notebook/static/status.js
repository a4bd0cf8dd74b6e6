// @ts-check
// The status line: announced by screen readers, with a progress bar while a job runs.
import { element } from "./dom.js";
import { keepFocus } from "./focus.js";
import { tr, useTexts } from "./texts.js";

/** @typedef {import("./dom.js").Model} Model */

/** @type {Record<string, string>} */
const MARKS = { idle: "", running: "⟳", done: "✓", failed: "✗", cancelled: "■", warning: "⚠" };

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  useTexts(model);
  const line = element("div", "nestlab-status");
  line.setAttribute("role", "status");
  line.setAttribute("aria-live", "polite");
  const mark = element("span", "nestlab-status-mark");
  mark.setAttribute("aria-hidden", "true");
  const text = element("span", "nestlab-status-text");
  const hint = element("div", "nestlab-status-hint");
  const bar = element("progress", "nestlab-status-bar");
  bar.setAttribute("aria-label", tr("Progress"));
  line.append(mark, text, hint);
  el.append(bar, line);
  function show() {
    const state = model.get("state");
    line.dataset.state = state;
    mark.textContent = MARKS[state] ?? "";
    text.textContent = model.get("text");
    hint.textContent = model.get("hint");
    hint.hidden = !model.get("hint");
    const total = model.get("total");
    bar.hidden = state !== "running";
    if (total > 0) {
      bar.max = total;
      bar.value = model.get("value");
    } else {
      bar.removeAttribute("value");
    }
  }
  for (const name of ["state", "text", "hint", "value", "total"]) model.on(`change:${name}`, show);
  show();
  return keepFocus(el, () => model.get("state") === "running");
}
export default { render };
