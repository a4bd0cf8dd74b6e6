// @ts-check
// The topology designer. Python owns the topology: the page draws `picture`, tells Python what is
// selected, and sends intents such as {do: "add-vm", into: "HV1"}. Python answers with what changed
// in the picture.
import { make } from "../../static/dom.js";
import { tr, useTexts } from "../../static/texts.js";
import { Canvas } from "./canvas.js";
import { apply, askForWhole } from "./changes.js";
import { download } from "./exports.js";
import { FilePanel } from "./file.js";
import { Form } from "./form.js";
import { HELP } from "./keys.js";
import { Minimap } from "./minimap.js";
import { hostLine, stateCounts } from "./states.js";
import { followTheme } from "./theme.js";
import { findingsList, toolbar } from "./toolbar.js";

/** @typedef {import("../../static/dom.js").Model} Model */
/** @typedef {import("./exports.js").Exported} Exported */

/** Keep the model as Python has it, also while it is not shown. @param {{model: Model}} context */
function initialize({ model }) {
  /** @param {any} content */
  const changed = (content) => {
    if (content.number !== undefined) apply(model, content);
  };
  model.on("msg:custom", changed);
  askForWhole(model); // a change can have come before this
  if (model.get("file_errors").length) model.send({ do: "discard" }); // the text is gone
  return () => model.off("msg:custom", changed);
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  useTexts(model);
  const live = make("div", { class: "nd-live", role: "status", "aria-live": "polite" });
  /** @param {string} text */
  const announce = (text) => {
    live.textContent = text;
    live.classList.toggle("refused", text.startsWith("✗"));
  };
  const canvas = new Canvas(model, announce);
  const form = new Form(model);
  const file = new FilePanel(model);
  const map = new Minimap(canvas);
  canvas.view.onChange = () => map.update();
  const bar = toolbar(model, canvas);
  const findings = findingsList(model, canvas);
  const counts = stateCounts(model);
  const host = hostLine(model);
  canvas.onEdit = () => form.enter();
  form.onLeave = () => canvas.focus();
  file.onLeave = () => canvas.focus();
  // Typing clears the refusal: typing the old value again is not a change for Python.
  form.el.addEventListener("input", (event) => {
    /** @type {HTMLElement} */ (event.target).removeAttribute("aria-invalid");
    if (live.classList.contains("refused")) announce("");
  });
  const main = make(
    "div",
    { class: "nd-main" },
    make("div", { class: "nd-left" }, canvas.el, map.el),
  );
  main.append(file.el, form.el);
  const parts = [bar.el, live, counts.el, host.el, main, findings.el, help()];
  el.append(make("div", { class: "nestlab-designer" }, ...parts));

  // One edit changes several traits at once: draw once for all of them.
  let waiting = 0;
  const drawNow = () => {
    waiting = 0;
    canvas.render();
    map.render();
    bar.update(); // a part can have become one of another kind
  };
  const redraw = () => {
    waiting ||= requestAnimationFrame(drawNow);
  };
  canvas.catchUp = () => {
    if (!waiting) return;
    cancelAnimationFrame(waiting);
    drawNow();
  };
  /** @param {{refused?: string, read?: boolean, unsaved?: boolean, export?: Exported}} content */
  const answered = (content) => {
    if (content.read) file.answered(content);
    if (content.export?.view === canvas.id) download(content.export, announce);
    if (content.refused === undefined) return;
    form.refuse();
    announce(content.refused);
  };
  model.on("msg:custom", answered);
  const stops = [
    followTheme(canvas.svg),
    listen(model, ["picture", "findings", "states", "host_vms"], redraw),
    listen(model, ["selection"], () => canvas.select()),
    listen(model, ["fields", "fields_of", "selection", "read_only"], together(() => form.render())),
    listen(model, ["findings"], findings.update),
    listen(model, ["states"], counts.update),
    listen(model, ["host_vms"], host.update),
    host.stop,
    listen(model, ["file_open", "file_text", "file_errors", "findings", "read_only"], () =>
      file.render(),
    ),
    () => file.stop(),
    listen(model, ["can_undo", "can_redo", "read_only", "selection", "file_open"], bar.update),
    listen(model, ["message"], () => announce(model.get("message"))),
    () => model.off("msg:custom", answered),
    () => canvas.stop(),
    () => cancelAnimationFrame(waiting),
  ];
  return () => {
    for (const stop of stops) stop();
  };
}

/**
 * Call an action now and at each change of these traits; return a function that stops listening.
 * @param {Model} model
 * @param {string[]} names
 * @param {() => void} action
 */
function listen(model, names, action) {
  for (const name of names) model.on(`change:${name}`, action);
  action();
  return () => {
    for (const name of names) model.off(`change:${name}`, action);
  };
}

/**
 * Return a function that calls an action once for all changes of a message: between them, a form
 * would have the fields of one part and be about another.
 * @param {() => void} action
 */
function together(action) {
  let isWaiting = false;
  return () => {
    if (isWaiting) return;
    isWaiting = true;
    queueMicrotask(() => {
      isWaiting = false;
      action();
    });
  };
}

function help() {
  const rows = HELP.flatMap(([key, text]) => [make("dt", {}, tr(key)), make("dd", {}, tr(text))]);
  const summary = make("summary", {}, tr("Keys"));
  return make("details", { class: "nd-help" }, summary, make("dl", {}, ...rows));
}

export default { initialize, render };
