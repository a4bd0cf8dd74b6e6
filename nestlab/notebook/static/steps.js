// The steps of a plan as a list: state, title, machine, reason, and the cmdlets in a fold.
function element(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}
const MARKS = { waiting: "○", running: "⟳", done: "✓", failed: "✗", skipped: "–", stopped: "■", waited: "…" };
const SAYS = { waiting: "waiting", running: "running", done: "done", failed: "failed", skipped: "nothing to do", stopped: "stopped", waited: "waited" };
const HAZARDS = {
  "stops-vm": "stops the VM", "restarts-vm": "restarts the VM", "may-cut-connection": "may cut the connection", "deletes-data": "deletes data",
};
const LANDS = { restart: "restarts the VM", recreate: "recreates the VM" };
// What a step may do to people who use the host, and how it takes effect where its hazard does not say that already.
function effects(step) {
  const hazard = step.hazard && step.hazard !== "none" ? (HAZARDS[step.hazard] ?? step.hazard) : "";
  const said = step.lands === "restart" && ["stops-vm", "restarts-vm"].includes(step.hazard);
  return [hazard, said ? "" : LANDS[step.lands] ?? ""].filter(Boolean).join(", ");
}
// What the host said, in the colour of the state; what it means and what mends it below, its source as a link.
function fillNote(note, text) {
  const [said, ...rest] = text.split("\n");
  const lines = rest.flatMap((line) => {
    const [before, address] = line.split(/(?=https:\/\/\S+$)/);
    const parts = ["\n", before];
    if (address) {
      const link = element("a", "", address);
      Object.assign(link, { href: address, target: "_blank", rel: "noopener" });
      parts.push(link);
    }
    return parts;
  });
  note.replaceChildren(element("span", "nestlab-step-said", said), ...lines);
  note.hidden = !text;
}
function row(step) {
  const item = element("li", "nestlab-step");
  item.dataset.id = step.id;
  const mark = element("span", "nestlab-step-mark");
  mark.setAttribute("role", "img");
  const title = element("span", "nestlab-step-title", step.title);
  const machine = element("span", "nestlab-step-machine", step.machine);
  machine.title = "the machine on which the cmdlets run";
  item.append(mark, title);
  if (step.machine) item.append(machine);
  const effect = effects(step);
  if (effect) item.append(element("span", "nestlab-step-hazard", "⚠ " + effect));
  if (step.why) item.append(element("div", "nestlab-step-why", step.why));
  if (step.cmdlets.length) {
    const fold = element("details", "nestlab-step-cmdlets");
    fold.append(element("summary", "", step.cmdlets.length === 1 ? "PowerShell" : `PowerShell (${step.cmdlets.length} cmdlets)`));
    fold.append(element("pre", "", step.cmdlets.join("\n")));
    if (step.undo && step.undo.length) {
      fold.append(element("div", "nestlab-step-undo-label", "undo:"), element("pre", "", step.undo.join("\n")));
    }
    item.append(fold);
  }
  item.append(element("div", "nestlab-step-note"));
  return item;
}
function render({ model, el }) {
  const list = element("ol", "nestlab-steps");
  list.tabIndex = 0; // it scrolls, so the keyboard must get into it
  // Arrows scroll the list and Enter opens a fold; the notebook's command mode must not take these keys for its own.
  list.addEventListener("keydown", (event) => { if (event.key !== "Tab" && event.key !== "Escape") event.stopPropagation(); });
  const empty = element("p", "nestlab-steps-empty");
  el.append(list, empty);
  function showStates() {
    const states = model.get("states");
    const notes = model.get("notes");
    let running = null;
    for (const item of list.children) {
      const state = states[item.dataset.id] ?? "waiting";
      const changed = item.dataset.state !== state;
      if (changed) {
        item.dataset.state = state;
        const mark = item.querySelector(".nestlab-step-mark");
        mark.textContent = MARKS[state] ?? "?";
        mark.setAttribute("aria-label", SAYS[state] ?? state);
      }
      fillNote(item.querySelector(".nestlab-step-note"), notes[item.dataset.id] ?? "");
      if (state === "running" || (changed && state === "failed")) running = item;
    }
    if (running) {
      const top = running.offsetTop - list.offsetTop;
      if (top < list.scrollTop || top + running.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top - 40;
    }
  }
  function showSteps() {
    const steps = model.get("steps");
    list.replaceChildren(...steps.map(row));
    list.setAttribute("aria-label", model.get("label"));
    list.hidden = steps.length === 0;
    empty.textContent = steps.length ? "" : model.get("empty");
    empty.hidden = steps.length > 0;
    showStates();
  }
  model.on("change:steps", showSteps);
  model.on("change:empty", showSteps);
  model.on("change:states", showStates);
  model.on("change:notes", showStates);
  showSteps();
}
export default { render };
