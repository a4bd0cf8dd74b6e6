// @ts-check
// The buttons above the canvas, and the list of findings below it.
import { make } from "../../static/dom.js";
import { tr, useTexts } from "../../static/texts.js";
import { ADDING, COPYING, FOLDING, fits, NESTING } from "./acts.js";
import { exportList } from "./exports.js";
import { dragFrom } from "./palette.js";
import { Search } from "./search.js";
import { templateList } from "./templates.js";

/**
 * @typedef {import("../../static/dom.js").Model} Model
 * @typedef {import("./canvas.js").Canvas} Canvas
 */

/**
 * @param {Model} model
 * @param {Canvas} canvas
 */
export function toolbar(model, canvas) {
  const search = new Search(canvas);
  canvas.onSearch = () => search.input.focus();
  const label = tr("Topology designer");
  const bar = make("div", { class: "nd-bar", role: "toolbar", "aria-label": label });
  const templates = templateList(canvas);
  /** @type {(HTMLButtonElement | HTMLSelectElement)[]} */
  const edits = [templates];
  /** @type {(text: string, title: string, action: () => void) => HTMLButtonElement} */
  const edit = (text, title, action) => {
    const made = button(text, title, action);
    edits.push(made);
    return made;
  };
  const undo = edit(tr("Undo"), tr("Revert the last edit (Ctrl+Z)"), () =>
    model.send({ do: "undo" }),
  );
  const redo = edit(tr("Redo"), tr("Redo the last undone edit (Ctrl+Y)"), () =>
    model.send({ do: "redo" }),
  );
  /** @type {Map<HTMLButtonElement, import("./acts.js").Act>} */
  const acts = new Map();
  /** @param {import("./acts.js").Act[]} table */
  const buttons = (table) =>
    table.map((act) => {
      const made = edit(tr(act.text), tr(act.title), () => canvas.act(act));
      if (act.onto) dragFrom(made, act, canvas);
      else acts.set(made, act);
      return made;
    });
  const link = edit(tr("Link"), tr("Link the selected VM or adapter to a switch (L)"), () =>
    canvas.startLinking(),
  );
  const arrange = edit(tr("Arrange"), tr("Lay out all VMs automatically"), () =>
    model.send({ do: "arrange" }),
  );
  const [folding] = FOLDING;
  const fold = button(tr(folding.text), tr(folding.title), () => canvas.act(folding));
  const file = button(tr("File"), tr("Show the file beside the canvas, to read and to edit"), () =>
    model.send({ do: "file", open: !model.get("file_open") }),
  );
  bar.append(
    group(templates, ...buttons(ADDING)),
    group(link, ...buttons(NESTING)),
    group(...buttons(COPYING)),
    group(undo, redo, arrange),
    zoomButtons(canvas),
    group(fold, file, exportList(canvas), search.el),
  );
  const update = () => {
    for (const made of edits) made.disabled = model.get("read_only");
    const kind = canvas.parts.get(model.get("selection"))?.kind;
    for (const [made, act] of acts) made.disabled ||= !fits(act, kind);
    file.setAttribute("aria-pressed", String(model.get("file_open")));
    fold.disabled = !fits(folding, kind);
    undo.disabled ||= !model.get("can_undo");
    redo.disabled ||= !model.get("can_redo");
  };
  return { el: bar, update };
}

/**
 * Put buttons together that stay so where the bar wraps.
 * @param {...HTMLElement} buttons
 */
const group = (...buttons) => make("span", { class: "nd-group" }, ...buttons);

/**
 * @param {Canvas} canvas
 */
function zoomButtons(canvas) {
  const { view } = canvas;
  const smaller = button("−", tr("Zoom out (−)"), () => view.magnify(1 / 1.2));
  const larger = button("+", tr("Zoom in (+)"), () => view.magnify(1.2));
  smaller.setAttribute("aria-label", tr("Zoom out"));
  larger.setAttribute("aria-label", tr("Zoom in"));
  const fit = button(tr("Fit"), tr("Show the whole picture (0)"), () => view.fit());
  const screen = button(tr("Full screen"), tr("Fill the screen, or leave that (F)"), () =>
    view.toggleFullScreen(),
  );
  return group(smaller, larger, fit, screen);
}

/**
 * @param {string} text
 * @param {string} title
 * @param {() => void} action
 */
function button(text, title, action) {
  const made = make("button", { type: "button", title }, text);
  made.addEventListener("click", action);
  return made;
}

/** @type {Record<string, string>} */
const SIGNS = { error: "✗", warning: "⚠", info: "ℹ" };

/**
 * @param {Model} model
 * @param {Canvas} canvas
 */
export function findingsList(model, canvas) {
  const list = make("ul", { class: "nd-findings", "aria-label": tr("Findings") });
  /** @param {Record<string, string>} finding */
  const item = (finding) => {
    const text = `${SIGNS[finding.severity]} ${finding.subject}: ${finding.message}`;
    const made = button(text, finding.code, () => {
      canvas.choose(finding.part);
      canvas.focus();
    });
    made.className = finding.severity;
    made.disabled = !finding.part;
    if (finding.hint) made.append(make("small", {}, finding.hint));
    return make("li", {}, made);
  };
  /** @type {WeakMap<object, HTMLElement>} */
  const items = new WeakMap();
  /** @param {Record<string, string>} finding */
  const itemOf = (finding) => {
    const made = items.get(finding) ?? item(finding);
    items.set(finding, made);
    return made;
  };
  const update = () => {
    useTexts(model);
    list.replaceChildren(...model.get("findings").map(itemOf));
    if (!list.childElementCount) {
      list.append(make("li", { class: "nd-quiet" }, tr("✓ No findings.")));
    }
  };
  return { el: list, update };
}
