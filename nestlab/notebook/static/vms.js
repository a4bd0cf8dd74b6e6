// @ts-check
// All VMs of a host in a table, each with a checkbox.
import { element } from "./dom.js";
import { marked, tr, useTexts } from "./texts.js";

/**
 * @typedef {import("./dom.js").Model} Model
 * @typedef {Record<string, string> & {exposed: string}} Row
 */

const COLUMNS = {
  state: marked("state"),
  extensions: marked("extensions"),
  blockers: marked("to look at"),
  memory: marked("memory"),
  processors: marked("processors"),
  version: marked("version"),
  spoofing: marked("MAC spoofing"),
};

/**
 * @param {Row} row
 * @param {(name: string, on: boolean) => void} choose
 */
function boxOf(row, choose) {
  const box = element("input");
  const label = row.blocked
    ? tr("{vm} ({id}) cannot be chosen: {reason}", {
        vm: row.name,
        id: row.id,
        reason: row.blocked,
      })
    : tr("Choose {vm}", { vm: row.name });
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
    cell.dataset.title = tr(title); // shown before the value where there is no room for a header
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
  line.append(element("td"));
  for (const title of [marked("VM"), ...Object.values(COLUMNS)]) {
    const name = element("th", "", tr(title));
    name.scope = "col";
    line.append(name);
  }
  const top = element("thead");
  top.append(line);
  return top;
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  useTexts(model);
  const frame = element("div", "nestlab-vms");
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", tr("VMs of this host"));
  const summary = element("p", "nestlab-vms-summary");
  el.append(summary, frame);
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
    useTexts(model);
    /** @type {Row[]} */
    const rows = model.get("rows");
    summary.textContent = model.get("summary");
    summary.hidden = !summary.textContent;
    boxes = rows.map((row) => boxOf(row, choose));
    const body = element("tbody");
    body.append(...rows.map((row, index) => lineOf(row, boxes[index], choose)));
    const table = element("table");
    table.append(head(), body);
    frame.replaceChildren(rows.length ? table : element("p", "", tr("There are no VMs to show.")));
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
  model.on("change:summary", show);
  model.on("change:selected", mark);
  model.on("change:disabled", mark);
  show();
}
export default { render };
