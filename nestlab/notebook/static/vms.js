// @ts-check
// All VMs of a host in a table, each with a checkbox.
import { element } from "./dom.js";

/**
 * @typedef {import("./dom.js").Model} Model
 * @typedef {Record<string, string> & {exposed: string}} Row
 */

const COLUMNS = {
  state: "state",
  extensions: "extensions",
  blockers: "blockers",
  memory: "memory",
  processors: "processors",
  version: "version",
  spoofing: "MAC spoofing",
};

/**
 * @param {Row} row
 * @param {(name: string, on: boolean) => void} choose
 */
function boxOf(row, choose) {
  const box = element("input");
  const label = row.blocked
    ? `${row.name} (${row.id}) cannot be chosen: ${row.blocked}`
    : `Choose ${row.name}`;
  box.setAttribute("aria-label", label);
  box.type = "checkbox";
  box.value = row.name;
  box.dataset.blocked = row.blocked;
  box.title = row.blocked;
  box.addEventListener("change", () => choose(row.name, box.checked));
  return box;
}

/**
 * @param {Row} row
 * @param {HTMLInputElement} box
 * @param {(name: string, on: boolean) => void} choose
 */
function lineOf(row, box, choose) {
  const first = element("td");
  first.append(box);
  const name = element("th", "", row.name);
  name.scope = "row";
  if (row.id) name.append(element("small", "nestlab-vms-id", row.id));
  const line = element("tr");
  line.dataset.exposed = row.exposed;
  line.append(first, name);
  for (const [key, title] of Object.entries(COLUMNS)) {
    const cell = element("td", `nestlab-vms-${key}`, row[key]);
    cell.dataset.title = title; // shown before the value where there is no room for a header
    line.append(cell);
  }
  line.addEventListener("click", (event) => {
    if (event.target === box || box.disabled) return;
    box.checked = !box.checked;
    choose(row.name, box.checked);
  });
  return line;
}

function head() {
  const line = element("tr");
  for (const title of ["", "VM", ...Object.values(COLUMNS)]) line.append(element("th", "", title));
  const top = element("thead");
  top.append(line);
  return top;
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const frame = element("div", "nestlab-vms");
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", "VMs of this host");
  el.append(frame);
  /** @type {HTMLInputElement[]} */
  let boxes = [];
  /** @type {(name: string, on: boolean) => void} */
  const choose = (name, on) => {
    /** @type {string[]} */
    const others = model.get("selected").filter((/** @type {string} */ other) => other !== name);
    model.set("selected", on ? [...others, name] : others);
    model.save_changes();
  };
  function show() {
    /** @type {Row[]} */
    const rows = model.get("rows");
    boxes = rows.map((row) => boxOf(row, choose));
    const body = element("tbody");
    body.append(...rows.map((row, index) => lineOf(row, boxes[index], choose)));
    const table = element("table");
    table.append(head(), body);
    frame.replaceChildren(rows.length ? table : element("p", "", "There are no VMs to show."));
    mark();
  }
  function mark() {
    const chosen = model.get("selected");
    for (const box of boxes) {
      const blocked = Boolean(box.dataset.blocked);
      box.checked = !blocked && chosen.includes(box.value);
      box.disabled = blocked || model.get("disabled");
      const line = box.closest("tr");
      if (!line) continue;
      line.dataset.blocked = String(blocked);
      line.dataset.chosen = String(box.checked);
    }
  }
  model.on("change:rows", show);
  model.on("change:selected", mark);
  model.on("change:disabled", mark);
  show();
}
export default { render };
