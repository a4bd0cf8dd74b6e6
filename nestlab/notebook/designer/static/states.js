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
