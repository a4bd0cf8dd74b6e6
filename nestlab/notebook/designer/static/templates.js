// @ts-check
// The list of topologies to start from.
import { make } from "../../static/dom.js";
import { tr } from "../../static/texts.js";
import { openByKeys } from "./at_once.js";

/** @typedef {import("./canvas.js").Canvas} Canvas */

/**
 * Make the list; choosing one sends it, and the list shows its name again.
 * @param {Canvas} canvas
 */
export function templateList(canvas) {
  const title = tr("Fill an empty topology from a template");
  const list = make("select", { class: "nd-templates", title, "aria-label": title });
  list.append(make("option", { value: "" }, tr("Template…")));
  /** @type {[name: string, text: string][]} */
  const templates = canvas.model.get("templates");
  list.append(...templates.map(([name, text]) => make("option", { value: name }, tr(text))));
  openByKeys(list);
  list.addEventListener("change", () => {
    canvas.send({ do: "template", template: list.value });
    list.value = "";
  });
  return list;
}
