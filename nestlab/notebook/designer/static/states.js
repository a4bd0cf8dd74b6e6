// @ts-check
// The states of parts during a run and after it: their words, signs and counts.
import { draw, make } from "../../static/dom.js";
import { marked, tr, useTexts } from "../../static/texts.js";

/**
 * @typedef {import("../../static/dom.js").Model} Model
 * @typedef {import("./shapes.js").Frame} Frame
 */

/** @type {Record<string, [sign: string, word: string]>} */
export const STATE_WORDS = {
  planned: ["○", marked("planned")],
  running: ["▶", marked("running")],
  done: ["✓", marked("done")],
  failed: ["✗", marked("failed")],
  drifted: ["≠", marked("drifted")],
};

const SEEN_AGAIN = 60_000; // milliseconds

/**
 * Draw the sign of a state, in the lower right corner of a part.
 * @param {string} state
 * @param {Frame} frame
 */
export function stateShapes(state, [x, y, width, height]) {
  const [cx, cy] = [x + width - 4, y + height - 4];
  const style = { "text-anchor": "middle", "font-size": 11 };
  return [
    draw("circle", { class: "nd-state", cx, cy, r: 8 }),
    draw("text", { class: "nd-state-sign", x: cx, y: cy + 4, ...style }, STATE_WORDS[state][0]),
  ];
}

/**
 * List how many parts are in each state; hidden without any.
 * @param {Model} model
 */
export function stateCounts(model) {
  const list = make("ul", { class: "nd-states", "aria-label": tr("States") });
  const update = () => {
    useTexts(model);
    /** @type {string[]} */
    const states = Object.values(model.get("states"));
    list.hidden = !states.length;
    const items = Object.entries(STATE_WORDS).map(([state, [sign, word]]) => {
      const count = states.filter((each) => each === state).length;
      const text = tr("{state}: {count}", { state: tr(word), count });
      return count ? make("li", { class: `s-${state}` }, make("b", {}, sign), ` ${text}`) : "";
    });
    list.replaceChildren(...items);
  };
  return { el: list, update };
}

const PILL = { height: 14, sign: 16, letter: 6.2 };

/**
 * Draw the state of a VM on its host, as a label on the lower edge of its box: that of a nested
 * host on the right, where those of the VMs inside are not.
 * @param {[look: string, text: string]} state
 * @param {Frame} frame
 * @param {string} kind
 */
export function vmStateShapes([look, text], [x, y, wide, height], kind) {
  const width = PILL.sign + text.length * PILL.letter + 6;
  const left = kind === "nested-host" ? x + wide - width - 16 : x + 8;
  const top = y + height - PILL.height / 2 - 1;
  const group = draw("g", { class: `nd-vm-state ${look}` });
  group.append(
    draw("rect", { x: left, y: top, width, height: PILL.height, rx: PILL.height / 2 }),
    draw("circle", { cx: left + 9, cy: top + PILL.height / 2, r: 3.5 }),
    draw("text", { x: left + PILL.sign, y: top + 10.6, "font-size": 10 }, text),
  );
  return group;
}

/**
 * Say on which host the VMs are, how many are in each state, or why that is not known; tell Python
 * from time to time that it is shown.
 * @param {Model} model
 */
export function hostLine(model) {
  const line = make("div", { class: "nd-host-line" });
  const seen = () => {
    if (model.get("host_vms").host && !document.hidden) model.send({ do: "seen" });
  };
  const timer = setInterval(seen, SEEN_AGAIN);
  document.addEventListener("visibilitychange", seen);
  const update = () => {
    useTexts(model);
    /** @type {{host?: string, vms?: Record<string, [string, string]>, problem?: string}} */
    const { host = "", vms = {}, problem = "" } = model.get("host_vms");
    line.hidden = !host;
    line.classList.toggle("problem", Boolean(problem));
    const states = Object.values(vms).map(([, text]) => text);
    const counts = [...new Set(states)].sort().map((state) => {
      const count = states.filter((each) => each === state).length;
      return tr("{state}: {count}", { state, count });
    });
    const said = problem || counts.join(", ") || tr("none of these VMs exists there");
    line.textContent = tr("VMs on {host}: {said}", { host, said });
  };
  seen();
  const stop = () => {
    clearInterval(timer);
    document.removeEventListener("visibilitychange", seen);
  };
  return { el: line, update, stop };
}
