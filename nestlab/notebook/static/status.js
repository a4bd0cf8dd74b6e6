// One line of state that screen readers hear, with a bar while work goes on.
function render({ model, el }) {
  const line = document.createElement("div");
  line.className = "nestlab-status";
  line.setAttribute("role", "status");
  line.setAttribute("aria-live", "polite");
  const mark = document.createElement("span");
  mark.className = "nestlab-status-mark";
  mark.setAttribute("aria-hidden", "true");
  const text = document.createElement("span");
  text.className = "nestlab-status-text";
  const hint = document.createElement("div");
  hint.className = "nestlab-status-hint";
  const bar = document.createElement("progress");
  bar.className = "nestlab-status-bar";
  bar.setAttribute("aria-label", "Progress");
  line.append(mark, text, hint);
  el.append(bar, line);
  const marks = { idle: "", running: "⟳", done: "✓", failed: "✗", cancelled: "■", warning: "⚠" };
  function show() {
    const state = model.get("state");
    line.dataset.state = state;
    mark.textContent = marks[state] ?? "";
    text.textContent = model.get("text");
    const [first, ...rest] = model.get("hint").split("\n");
    hint.textContent = [first, ...rest].join("\n");
    hint.hidden = !model.get("hint");
    const total = model.get("total");
    bar.hidden = state !== "running";
    if (total > 0) {
      bar.max = total;
      bar.value = model.get("value");
    } else {
      bar.removeAttribute("value");
    }
  }
  for (const name of ["state", "text", "hint", "value", "total"]) model.on(`change:${name}`, show);
  show();
}
export default { render };
