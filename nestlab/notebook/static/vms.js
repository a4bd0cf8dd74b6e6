// All VMs of a host in one table, each with a box to choose it.
function element(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}
const COLUMNS = {
  state: "state", extensions: "extensions", notes: "in the way", memory: "memory", processors: "processors", version: "version", spoofing: "MAC spoofing",
};
function render({ model, el }) {
  const frame = element("div", "nestlab-vms");
  frame.tabIndex = 0;
  frame.setAttribute("role", "group");
  frame.setAttribute("aria-label", "VMs of this host");
  el.append(frame);
  let boxes = [];
  function choose(name, on) {
    const chosen = model.get("selected").filter((other) => other !== name);
    model.set("selected", on ? [...chosen, name] : chosen);
    model.save_changes();
  }
  function cells(row) {
    const line = element("tr");
    line.dataset.exposed = row.exposed;
    const box = element("input");
    box.type = "checkbox";
    box.setAttribute("aria-label", row.blocked ? `${row.name} (${row.id}) cannot be chosen: ${row.blocked}` : `Choose ${row.name}`);
    box.value = row.name;
    box.dataset.blocked = row.blocked;
    box.title = row.blocked;
    box.addEventListener("change", () => choose(row.name, box.checked));
    boxes.push(box);
    const first = element("td");
    first.append(box);
    const name = element("th", "", row.name);
    name.scope = "row";
    if (row.id) name.append(element("small", "nestlab-vms-id", row.id));
    line.append(first, name);
    for (const [key, title] of Object.entries(COLUMNS)) {
      const cell = element("td", `nestlab-vms-${key}`, row[key]);
      cell.dataset.title = title; // stands before the value where there is no room for a head
      line.append(cell);
    }
    line.addEventListener("click", (event) => {
      if (event.target === box || box.disabled) return;
      box.checked = !box.checked;
      choose(row.name, box.checked);
    });
    return line;
  }
  function show() {
    boxes = [];
    const rows = model.get("rows");
    const table = element("table");
    const head = element("tr");
    for (const title of ["", "VM", ...Object.values(COLUMNS)]) head.append(element("th", "", title));
    const top = element("thead");
    top.append(head);
    const body = element("tbody");
    body.append(...rows.map(cells));
    table.append(top, body);
    frame.replaceChildren(rows.length ? table : element("p", "", "There are no VMs to show."));
    mark();
  }
  function mark() {
    const chosen = model.get("selected");
    for (const box of boxes) {
      const blocked = Boolean(box.dataset.blocked);
      box.checked = !blocked && chosen.includes(box.value);
      box.disabled = blocked || model.get("disabled");
      box.closest("tr").dataset.blocked = blocked;
      box.closest("tr").dataset.chosen = box.checked;
    }
  }
  model.on("change:rows", show);
  model.on("change:selected", mark);
  model.on("change:disabled", mark);
  show();
}
export default { render };
