// @ts-check
// The steps of a plan as a list: state, title, machine, reason, and the collapsed cmdlets.
import { copy } from "./copy.js";
import { element } from "./dom.js";
import { cmdletText } from "./names.js";
import { marked, tr, useTexts } from "./texts.js";

/**
 * @typedef {import("./dom.js").Model} Model
 * @typedef {{id: string, title: string, machine: string, why: string, hazard: string,
 *   effect: string, cmdlets: string[], undo: string[]}} Step
 */

/** @type {Record<string, string>} */
const MARKS = {
  waiting: "○",
  running: "⟳",
  done: "✓",
  failed: "✗",
  unchanged: "–",
  skipped: "–",
  stopped: "■",
  waited: "✓",
};
/** @type {Record<string, string>} */
const STATES = {
  waiting: marked("waiting"),
  running: marked("running"),
  done: marked("done"),
  failed: marked("failed"),
  unchanged: marked("unchanged"),
  skipped: marked("skipped"),
  stopped: marked("stopped"),
  waited: marked("waited"),
};
/** @type {Record<string, string>} */
const HAZARDS = {
  "stops-vm": marked("stops the VM"),
  "restarts-vm": marked("restarts the VM"),
  "may-cut-connection": marked("may cut the connection"),
  "deletes-data": marked("deletes data"),
};
/** @type {Record<string, string>} */
const EFFECTS = { restart: marked("restarts the VM"), recreate: marked("recreates the VM") };

/**
 * Return the hazard of a step, and how it takes effect unless the hazard says so.
 * @param {Pick<Step, "hazard" | "effect">} step
 */
export function effects({ hazard, effect }) {
  const risk = hazard && hazard !== "none" ? tr(HAZARDS[hazard] ?? hazard) : "";
  const alreadySaid = effect === "restart" && ["stops-vm", "restarts-vm"].includes(hazard);
  return [risk, alreadySaid ? "" : tr(EFFECTS[effect] ?? "")].filter(Boolean).join(", ");
}

/**
 * Divide a note into its first line and the parts below it; an address that ends a line is a link.
 *
 * The first line is what the host reported, in the colour of the state; what it means and what
 * fixes it follow.
 * @param {string} text
 * @returns {[first: string, rest: {text: string, address?: string}[]]}
 */
export function noteParts(text) {
  const [first, ...rest] = text.split("\n");
  const parts = rest.map((line) => {
    const [before, address] = line.split(/(?=https:\/\/\S+$)/);
    return address || before.startsWith("https://")
      ? { text: address ? before : "", address: address ?? before }
      : { text: before };
  });
  return [first, parts];
}

/**
 * @param {HTMLElement} note
 * @param {string} text
 */
function fillNote(note, text) {
  const [first, rest] = noteParts(text);
  const lines = rest.flatMap((part) => {
    if (!part.address) return ["\n", part.text];
    const link = element("a", "", part.address);
    Object.assign(link, { href: part.address, target: "_blank", rel: "noopener" });
    return ["\n", part.text, link];
  });
  note.replaceChildren(element("span", "nestlab-step-said", first), ...lines);
  note.hidden = !text;
}

/** @param {Step} step */
function row(step) {
  const item = element("li", "nestlab-step");
  item.dataset.id = step.id;
  const mark = element("span", "nestlab-step-mark");
  mark.setAttribute("role", "img");
  item.append(mark, element("span", "nestlab-step-title", step.title));
  if (step.machine) {
    const machine = element("span", "nestlab-step-machine", step.machine);
    machine.title = tr("the machine on which the cmdlets run");
    item.append(machine);
  }
  const effect = effects(step);
  if (effect) item.append(element("span", "nestlab-step-hazard", `⚠ ${effect}`));
  if (step.why) item.append(element("div", "nestlab-step-why", step.why));
  if (step.cmdlets.length) item.append(cmdletsOf(step));
  item.append(element("div", "nestlab-step-note"));
  return item;
}

/** @param {Step} step */
function cmdletsOf({ cmdlets, undo }) {
  const title =
    cmdlets.length === 1
      ? "PowerShell"
      : tr("PowerShell ({count} cmdlets)", { count: cmdlets.length });
  const fold = element("details", "nestlab-step-cmdlets");
  fold.append(element("summary", "", title), cmdletText("pre", cmdlets.join("\n")));
  if (undo?.length) {
    fold.append(element("div", "nestlab-step-undo-label", tr("undo:")));
    fold.append(cmdletText("pre", undo.join("\n")));
  }
  return fold;
}

/**
 * Scroll a list so that a row is visible.
 * @param {HTMLElement} list
 * @param {HTMLElement} item
 */
function reveal(list, item) {
  const top = item.offsetTop - list.offsetTop;
  const bottom = top + item.offsetHeight;
  if (top < list.scrollTop || bottom > list.scrollTop + list.clientHeight) {
    list.scrollTop = top - 40;
  }
}

/**
 * Show the state of a row; return whether it changed.
 * @param {HTMLElement} item
 * @param {string} state
 */
function showState(item, state) {
  if (item.dataset.state === state) return false;
  item.dataset.state = state;
  const mark = item.querySelector(".nestlab-step-mark");
  if (mark) mark.textContent = MARKS[state] ?? "?";
  mark?.setAttribute("aria-label", tr(STATES[state] ?? state));
  return true;
}

/**
 * Return the steps that have not run as one script: comments say what each does, and where.
 * @param {Pick<Step, "id" | "title" | "machine" | "cmdlets">[]} steps
 * @param {Record<string, string>} states
 */
export function scriptOf(steps, states) {
  const left = steps.filter(({ id, cmdlets }) => cmdlets.length && !(id in states));
  return left
    .map(({ title, machine, cmdlets }) => [`# ${machine}: ${title}`, ...cmdlets].join("\n"))
    .join("\n\n");
}

/**
 * Return the button that copies the steps that are left as a script.
 * @param {Model} model
 */
function copyButton(model) {
  const button = element("button", "nestlab-steps-copy");
  button.type = "button";
  button.addEventListener("click", () => {
    useTexts(model);
    copy(button, scriptOf(model.get("steps"), model.get("states")), tr("Copied ✓"));
  });
  return button;
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const list = element("ol", "nestlab-steps");
  list.tabIndex = 0; // a scrollable list must be focusable by keyboard
  // Arrows scroll the list and Enter opens a section: keep them from the notebook's command mode.
  list.addEventListener("keydown", (event) => {
    if (event.key !== "Tab" && event.key !== "Escape") event.stopPropagation();
  });
  const empty = element("p", "nestlab-steps-empty");
  const script = copyButton(model);
  el.append(list, script, empty);
  /** @type {HTMLElement | null} the row of the step that runs, or has failed */
  let current = null;
  function showStates() {
    useTexts(model);
    const states = model.get("states");
    const notes = model.get("notes");
    current = null;
    for (const item of /** @type {Iterable<HTMLElement>} */ (list.children)) {
      const id = item.dataset.id ?? "";
      const state = states[id] ?? "waiting";
      const changed = showState(item, state);
      const note = /** @type {HTMLElement | null} */ (item.querySelector(".nestlab-step-note"));
      if (note) fillNote(note, notes[id] ?? "");
      if (state === "running" || (changed && state === "failed")) current = item;
    }
    script.hidden = !scriptOf(model.get("steps"), states);
    if (current) reveal(list, current);
  }
  function showSteps() {
    useTexts(model);
    const steps = model.get("steps");
    list.replaceChildren(...steps.map(row));
    script.textContent = tr("Copy the steps that are left as a script");
    list.setAttribute("aria-label", model.get("label"));
    list.hidden = steps.length === 0;
    empty.textContent = steps.length ? "" : model.get("empty");
    empty.hidden = steps.length > 0;
    showStates();
  }
  for (const name of ["steps", "empty"]) model.on(`change:${name}`, showSteps);
  for (const name of ["states", "notes"]) model.on(`change:${name}`, showStates);
  showSteps();
  // A list has no height before it is on the page: a step that failed before is shown then.
  const shown = new ResizeObserver(() => {
    if (!list.clientHeight) return;
    shown.disconnect();
    if (current) reveal(list, current);
  });
  shown.observe(list);
}
export default { render };
