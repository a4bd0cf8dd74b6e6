// The canvas of the topology designer. Python owns the topology: this file draws `picture`, tells Python what is
// selected, and sends intents such as {do: "add-vm", into: "HV1"}. Python answers with a new picture.
const SVG = "http://www.w3.org/2000/svg";
const HELP = [
  ["Tab", "next part"], ["← → ↑ ↓", "nearest part that way"], ["Shift + arrows", "move the VM"], ["Enter", "its properties"],
  ["V", "add a VM"], ["H", "add a nested host"], ["S", "add a switch"], ["A", "add an adapter"],
  ["L", "link: then choose a switch, Enter"], ["Delete", "delete"], ["Ctrl+Z, Ctrl+Y", "undo, redo"], ["+ − 0", "zoom, fit"], ["Esc", "cancel"],
];

function make(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function draw(tag, attributes = {}, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text) node.textContent = text;
  return node;
}

const CLOUD = [[.2, 1], [.02, 1], [-.05, .62], [.13, .55], [.08, .25], [.3, .12], [.38, .26], [.46, -.08], [.76, -.06], [.76, .32],
  [.9, .24], [.97, .42], [.9, .53], [1.06, .62], [1, 1], [.82, 1], [.6, 1], [.4, 1], [.2, 1]];

function boxShape(box) {
  if (box.kind === "internet") {
    const at = CLOUD.map(([u, v]) => `${box.x + u * box.width},${box.y + v * box.height}`);
    let path = `M${at[0]}`;
    for (let i = 1; i < at.length; i += 3) path += ` C${at[i]} ${at[i + 1]} ${at[i + 2]}`;
    return draw("path", { class: "box world", d: path + " Z" });
  }
  const level = box.level <= 3 ? box.level : 3 - (box.level - 3) % 2;
  const kind = { vm: "vm", network: "world" }[box.kind] || `l${level}`;
  const radius = { vm: 7, network: 12 }[box.kind] || 10;
  return draw("rect", { class: `box ${kind}${box.off ? " off" : ""}`, x: box.x, y: box.y, width: box.width, height: box.height, rx: radius });
}

function lineShapes(line) {
  const own = ["nat", "wire", "loose"].includes(line.kind);
  const colour = own ? line.kind : line.switch_type;
  const points = line.points.map((point) => point.join(",")).join(" ");
  const shapes = [draw("polyline", { class: `line ${colour} ${own ? "" : line.kind}`, points })];
  for (const [x, y] of line.dots) shapes.push(draw("circle", { class: `dot ${colour}`, cx: x, cy: y, r: 3.6 }));
  if (line.cross) {
    const [x, y] = line.cross;
    shapes.push(draw("path", { class: `line ${colour} solid`, d: `M${x - 4},${y - 4} l8,8 m0,-8 l-8,8` }));
  }
  return shapes;
}

function words(part) {
  if (part.role && "height" in part) {
    const label = draw("text", { class: `p-${part.role} b`, x: part.x + part.width / 2, y: part.y + part.height * .74,
      "font-size": part.size, "text-anchor": "middle" }, part.text);
    return [draw("rect", { class: `p-${part.role}`, x: part.x, y: part.y, width: part.width, height: part.height, rx: part.height / 2 }), label];
  }
  return [draw("text", { class: part.role + (part.bold ? " b" : ""), x: part.x, y: part.y, "font-size": part.size }, part.text)];
}

class Canvas {
  constructor(model, announce) {
    this.model = model;
    this.announce = announce;
    this.zoom = "readable"; // fits the width unless that is too small to read; "fit" always does; else a factor
    this.linking = null;
    this.svg = draw("svg", { role: "application", "aria-label": "Topology canvas" });
    this.el = make("div", { class: "nd-canvas" }, this.svg);
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("focusin", (event) => this.focused(event));
    this.svg.addEventListener("dblclick", () => this.onEdit?.());
    this.resize = new ResizeObserver(() => this.scale());
    this.resize.observe(this.el);
  }

  send(intent) { this.model.send(intent); }

  editable() { return !this.model.get("read_only"); }

  render() {
    const hadFocus = this.svg.contains(this.svg.getRootNode().activeElement);
    const picture = this.model.get("picture");
    if (!picture.boxes) return;
    this.picture = picture;
    this.parts = new Map();
    this.svg.setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
    const owned = new Map();
    for (const part of [...picture.texts, ...picture.pills]) {
      if (!owned.has(part.owner)) owned.set(part.owner, []);
      owned.get(part.owner).push(part);
    }
    const nodes = [];
    const worst = this.worstFindings();
    const add = (kind, part, shapes, where) => {
      const said = [part.name, worst.get(part.id)?.message].filter(Boolean).join(". ");
      const group = draw("g", { class: `part k-${kind}`, "data-id": part.id, role: "button", tabindex: "0", "aria-label": said });
      group.append(draw("title", {}, said), ...shapes, ...(owned.get(part.id) || []).flatMap(words));
      if (worst.has(part.id)) group.append(...this.mark(worst.get(part.id), where));
      this.parts.set(part.id, { kind, part, group, where });
      nodes.push(group);
    };
    for (const box of picture.boxes) add(box.kind, box, [boxShape(box)], [box.x, box.y, box.width, box.height]);
    for (const rail of picture.rails) {
      const shape = draw("rect", { class: `rail ${rail.switch_type}`, x: rail.x, y: rail.y, width: rail.width, height: rail.height, rx: rail.height / 3.5 });
      if (!rail.repeated) add("switch", rail, [shape], [rail.x, rail.y, rail.width, rail.height]);
      else nodes.push(this.plain([shape], owned.get(rail.id), rail.id.split("@")[0]));
    }
    for (const line of picture.lines) {
      const [x, y] = line.points[0], [, end] = line.points[line.points.length - 1];
      if (line.kind === "adapter" || line.kind === "loose") add("adapter", line, lineShapes(line), [x - 4, Math.min(y, end), 8, Math.abs(end - y)]);
      else nodes.push(this.plain(lineShapes(line)));
    }
    nodes.push(this.plain([], owned.get("")));
    this.svg.replaceChildren(...nodes);
    this.select();
    this.scale();
    if (hadFocus) this.focus();
  }

  plain(shapes, texts = [], part = "") {
    const group = draw("g", part ? { class: "plain", "data-part": part } : { class: "plain" });
    group.append(...shapes, ...texts.flatMap(words));
    return group;
  }

  worstFindings() {
    const worst = new Map();
    for (const finding of this.model.get("findings")) if (finding.part && finding.severity !== "info" && !worst.has(finding.part)) worst.set(finding.part, finding);
    return worst;
  }

  mark(finding, [x, y, width, height]) {
    const isLine = width < 20;
    const [cx, cy] = isLine ? [x + width / 2, y + height / 2] : [x + width, y];
    return [draw("circle", { class: `nd-mark ${finding.severity}`, cx, cy, r: isLine ? 5.8 : 8 }),
      draw("text", { class: "nd-mark-text", x: cx, y: cy + (isLine ? 3.2 : 4), "text-anchor": "middle", "font-size": isLine ? 9 : 11 }, finding.severity === "error" ? "!" : "?")];
  }

  select() {
    const chosen = this.model.get("selection");
    for (const [id, { group }] of this.parts) {
      group.classList.toggle("selected", id === chosen);
      group.setAttribute("aria-pressed", id === chosen ? "true" : "false");
    }
  }

  focus() { this.parts.get(this.model.get("selection"))?.group.focus({ preventScroll: false }); }

  scale() {
    if (!this.picture || !this.el.clientWidth) return;
    const fit = Math.min(1.15, (this.el.clientWidth - 2) / this.picture.width);
    this.shown = { readable: Math.max(.5, fit), fit }[this.zoom] ?? this.zoom;
    this.svg.style.width = `${Math.floor(this.picture.width * this.shown)}px`;
  }

  magnify(factor) { this.zoom = factor ? Math.min(4, Math.max(.1, this.shown * factor)) : "fit"; this.scale(); }

  choose(id) {
    if (this.model.get("selection") === id) return;
    this.model.set("selection", id);
    this.model.save_changes();
  }

  focused(event) {
    const id = event.target.closest("[data-id]")?.dataset.id;
    if (id) this.choose(id);
  }

  key(event) {
    const id = event.target.closest("[data-id]")?.dataset.id;
    if (!id) return;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const does = this.keys(id, event)[(event.ctrlKey || event.metaKey ? "Ctrl+" : "") + (event.shiftKey && name.startsWith("Arrow") ? "Shift+" : "") + name];
    // What the canvas does not know stays the page's, but none of its letters may reach the notebook's command mode.
    if (name !== "Tab") event.stopPropagation();
    if (!does) return;
    event.preventDefault();
    does();
  }

  keys(id, event) {
    const move = (columns, rows) => () => this.send({ do: "move", id, columns, rows });
    const undo = () => this.send({ do: event.shiftKey ? "redo" : "undo" });
    const look = {
      ArrowLeft: () => this.nearest(id, -1, 0), ArrowRight: () => this.nearest(id, 1, 0), ArrowUp: () => this.nearest(id, 0, -1),
      ArrowDown: () => this.nearest(id, 0, 1), Enter: () => this.enter(id), " ": () => this.enter(id), F2: () => this.onEdit?.(),
      "+": () => this.magnify(1.2), "=": () => this.magnify(1.2), "-": () => this.magnify(1 / 1.2), 0: () => this.magnify(0), Escape: () => this.stopLinking(),
    };
    if (!this.editable()) return look;
    return {
      ...look, v: () => this.send({ do: "add-vm", into: id }), h: () => this.send({ do: "add-nested-host", into: id }),
      s: () => this.send({ do: "add-switch", into: id }), a: () => this.send({ do: "add-adapter", into: id }), l: () => this.startLinking(id),
      Delete: () => this.send({ do: "delete", id }), Backspace: () => this.send({ do: "delete", id }), "Ctrl+z": undo,
      "Ctrl+y": () => this.send({ do: "redo" }), "Shift+ArrowLeft": move(-1, 0), "Shift+ArrowRight": move(1, 0), "Shift+ArrowUp": move(0, -1),
      "Shift+ArrowDown": move(0, 1),
    };
  }

  nearest(id, dx, dy) {
    const middle = ([x, y, width, height]) => [x + width / 2, y + height / 2];
    const corner = (entry) => (["host", "nested-host"].includes(entry.kind) ? [entry.where[0] + 40, entry.where[1] + 14] : middle(entry.where));
    const [x, y] = corner(this.parts.get(id));
    let best = null, least = Infinity;
    for (const [other, entry] of this.parts) {
      const [ox, oy] = corner(entry);
      const along = (ox - x) * dx + (oy - y) * dy, across = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
      if (other === id || along <= 1 || (this.linking && entry.kind !== "switch")) continue;
      if (along + 2.5 * across < least) [best, least] = [other, along + 2.5 * across];
    }
    if (best) this.parts.get(best).group.focus();
  }

  enter(id) {
    if (this.linking && this.parts.get(id).kind === "switch") {
      this.send({ do: "link", from: this.linking, to: id });
      this.stopLinking();
    } else this.onEdit?.();
  }

  startLinking(id = this.model.get("selection")) {
    const kind = this.parts.get(id)?.kind;
    if (!["vm", "nested-host", "adapter"].includes(kind)) return this.announce("Choose a VM or an adapter first, then link it to a switch.");
    this.linking = id;
    this.svg.classList.add("linking");
    this.announce("Choose a switch: click it, or go there with the arrow keys and press Enter. Escape cancels.");
    const host = this.parts.get(id).part.parent ?? this.parts.get(this.parts.get(id).part.source)?.part.parent;
    const rail = this.picture.rails.find((candidate) => candidate.machine === host && !candidate.repeated);
    if (rail) this.parts.get(rail.id).group.focus();
  }

  stopLinking() {
    this.linking = null;
    this.svg.classList.remove("linking");
  }

  at(event) {
    const matrix = this.svg.getScreenCTM().inverse();
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    return [point.x, point.y];
  }

  press(event) {
    const group = event.target.closest("[data-id]");
    const id = group?.dataset.id ?? event.target.closest("[data-part]")?.dataset.part;
    if (!id || event.button !== 0) return;
    event.stopPropagation();
    if (this.linking && this.parts.get(id)?.kind === "switch") return this.enter(id);
    const entry = this.parts.get(id);
    entry.group.focus({ preventScroll: true });
    this.choose(id);
    if (!this.editable() || !["vm", "nested-host", "adapter"].includes(entry.kind)) return;
    this.drag(event, id, entry);
  }

  // Dropped on a switch it links; a VM dropped anywhere else in its host moves there.
  drag(event, id, entry) {
    const start = this.at(event), isBox = entry.kind !== "adapter";
    let ghost = null, frame = 0, now = start, target = null;
    const paint = () => {
      frame = 0;
      const [dx, dy] = [now[0] - start[0], now[1] - start[1]];
      if (!ghost && Math.hypot(dx, dy) < 5) return;
      if (!ghost) {
        ghost = isBox ? draw("rect", { class: "nd-ghost", width: entry.part.width, height: Math.min(entry.part.height, 90), rx: 8 }) : draw("line", { class: "nd-ghost", x1: start[0], y1: start[1] });
        this.svg.append(ghost);
      }
      if (isBox) { ghost.setAttribute("x", entry.part.x + dx); ghost.setAttribute("y", entry.part.y + dy); }
      else { ghost.setAttribute("x2", now[0]); ghost.setAttribute("y2", now[1]); }
      const rail = this.railAt(now);
      if (rail !== target) {
        if (target) this.parts.get(target).group.classList.remove("target");
        target = rail;
        if (target) this.parts.get(target).group.classList.add("target");
      }
    };
    const moved = (next) => { now = this.at(next); frame ||= requestAnimationFrame(paint); };
    const stop = (last) => {
      window.removeEventListener("pointermove", moved);
      window.removeEventListener("pointerup", stop);
      window.removeEventListener("pointercancel", stop);
      if (frame) { cancelAnimationFrame(frame); paint(); }
      ghost?.remove();
      if (target) this.parts.get(target).group.classList.remove("target");
      if (!ghost || last.type === "pointercancel") return;
      if (target) this.send({ do: "link", from: id, to: target });
      else if (isBox) this.send({ do: "move", id, x: entry.part.offset + now[0] - start[0], row: this.rowAt(entry.part, now[1]) });
    };
    window.addEventListener("pointermove", moved);
    window.addEventListener("pointerup", stop);
    window.addEventListener("pointercancel", stop);
  }

  railAt([x, y]) {
    const rail = this.picture.rails.find((r) => x >= r.x && x <= r.x + r.width && y >= r.y - 3 && y <= r.y + r.height + 3);
    return rail ? rail.id.split("@")[0] : null;
  }

  rowAt(box, y) {
    const siblings = this.picture.boxes.filter((other) => other.parent === box.parent);
    const bottoms = [];
    for (const other of siblings) bottoms[other.row] = Math.max(bottoms[other.row] ?? 0, other.y + other.height);
    const row = bottoms.findIndex((bottom) => y <= bottom + 10);
    return row < 0 ? bottoms.length : row;
  }
}

class Form {
  constructor(model) {
    this.model = model;
    this.el = make("form", { class: "nd-form", "aria-label": "Properties" });
    this.el.addEventListener("submit", (event) => event.preventDefault());
    // JupyterLab must not take what is typed for its own commands.
    this.el.addEventListener("keydown", (event) => { event.stopPropagation(); if (event.key === "Escape") this.onLeave?.(); });
  }

  render() {
    const had = this.el.contains(this.el.getRootNode().activeElement) ? this.el.getRootNode().activeElement.name : null;
    const fields = this.model.get("fields"), locked = this.model.get("read_only"), id = this.model.get("selection");
    const heading = make("h3", {}, id === "host" ? "Host and topology" : id.replace(/^\w+:/, ""));
    this.el.replaceChildren(heading, ...fields.map((field) => this.row(field, locked, id)));
    if (!fields.length) this.el.append(make("p", { class: "nd-quiet" }, "Nothing to set here."));
    if (had) this.el.querySelector(`[name="${had}"]`)?.focus();
  }

  row(field, locked, id) {
    const label = make("label", { class: `nd-${field.look}` });
    let input;
    if (field.look === "select") {
      input = make("select", { name: field.name });
      for (const option of field.options) input.append(make("option", { value: option }, option || "(none)"));
      input.value = field.value;
    } else {
      input = make("input", { name: field.name, type: field.look, autocomplete: "off", spellcheck: "false" });
      if (field.look === "checkbox") input.checked = field.value;
      else { input.value = field.value; input.placeholder = field.hint; }
    }
    input.disabled = locked;
    input.addEventListener("change", () => {
      const value = field.look === "checkbox" ? input.checked : input.value;
      this.model.send({ do: "set", id, field: field.name, value });
    });
    const name = make("span", {}, field.label);
    label.append(...(field.look === "checkbox" ? [input, name] : [name, input]));
    return label;
  }
}

function toolbar(model, canvas) {
  const bar = make("div", { class: "nd-bar", role: "toolbar", "aria-label": "Topology designer" });
  const button = (text, title, does, edits = true) => {
    const made = make("button", { type: "button", title }, text);
    made.addEventListener("click", does);
    if (edits) made.dataset.edits = "";
    bar.append(made);
    return made;
  };
  const gap = () => bar.append(make("span", { class: "nd-gap" }));
  const send = (does, key = "into") => () => model.send({ do: does, [key]: model.get("selection") });
  button("Add VM", "Add a VM to the selected machine (V)", send("add-vm"));
  button("Add nested host", "Add a nested host to the selected machine (H)", send("add-nested-host"));
  button("Add switch", "Add a switch to the selected machine (S)", send("add-switch"));
  button("Add adapter", "Add a network adapter to the selected VM (A)", send("add-adapter"));
  button("Link", "Link the selected VM or adapter to a switch (L)", () => canvas.startLinking());
  button("Delete", "Delete what is selected (Delete)", send("delete", "id"));
  gap();
  const undo = button("Undo", "Take the last edit back (Ctrl+Z)", () => model.send({ do: "undo" }));
  const redo = button("Redo", "Do it again (Ctrl+Y)", () => model.send({ do: "redo" }));
  button("Arrange", "Put all VMs in order again", () => model.send({ do: "arrange" }));
  gap();
  const smaller = button("−", "Zoom out (−)", () => canvas.magnify(1 / 1.2), false), larger = button("+", "Zoom in (+)", () => canvas.magnify(1.2), false);
  smaller.setAttribute("aria-label", "Zoom out");
  larger.setAttribute("aria-label", "Zoom in");
  const zoom = make("span", { class: "nd-zoom" });  // stays together where the bar wraps
  zoom.append(smaller, larger, button("Fit", "Fit the width (0)", () => canvas.magnify(0), false));
  bar.append(zoom);
  const update = () => {
    for (const edits of bar.querySelectorAll("[data-edits]")) edits.disabled = model.get("read_only");
    undo.disabled ||= !model.get("can_undo");
    redo.disabled ||= !model.get("can_redo");
  };
  return { el: bar, update };
}

function findingsList(model, canvas) {
  const list = make("ul", { class: "nd-findings", "aria-label": "Findings" });
  const marks = { error: "✗", warning: "⚠", info: "ℹ" };
  const update = () => {
    const findings = model.get("findings");
    list.replaceChildren(...findings.map((finding) => {
      const text = `${marks[finding.severity]} ${finding.subject}: ${finding.message}`;
      const button = make("button", { type: "button", class: finding.severity, title: finding.code }, text);
      if (finding.hint) button.append(make("small", {}, finding.hint));
      button.disabled = !finding.part;
      button.addEventListener("click", () => { canvas.choose(finding.part); canvas.parts.get(finding.part)?.group.focus(); });
      return make("li", {}, button);
    }));
    if (!findings.length) list.append(make("li", { class: "nd-quiet" }, "✓ No findings."));
  };
  return { el: list, update };
}

function followTheme(svg) {
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const lab = document.body.dataset.jpThemeLight;
    const dark = lab ? lab === "false" : media.matches && !document.body.dataset.vscodeThemeKind;
    svg.classList.toggle("nestlab-dark", dark);
    svg.classList.toggle("nestlab-light", !dark);
  };
  const observer = new MutationObserver(apply);
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  media.addEventListener("change", apply);
  apply();
  return () => { observer.disconnect(); media.removeEventListener("change", apply); };
}

function render({ model, el }) {
  const live = make("div", { class: "nd-live", role: "status", "aria-live": "polite" });
  const announce = (text) => { live.textContent = text; live.classList.toggle("refused", text.startsWith("✗")); };
  const canvas = new Canvas(model, announce);
  const form = new Form(model), bar = toolbar(model, canvas), findings = findingsList(model, canvas);
  canvas.onEdit = () => form.el.querySelector("input, select")?.focus();
  form.onLeave = () => canvas.focus();
  // Who types again has read why it was refused; the old value typed again is no change that Python hears of.
  form.el.addEventListener("input", () => { if (live.classList.contains("refused")) announce(""); });
  const keys = make("dl", {}, ...HELP.flatMap(([key, does]) => [make("dt", {}, key), make("dd", {}, does)]));
  const help = make("details", { class: "nd-help" }, make("summary", {}, "Keys"), keys);
  const left = make("div", { class: "nd-left" }, canvas.el);
  el.append(make("div", { class: "nestlab-designer" }, bar.el, live, make("div", { class: "nd-main" }, left, form.el), findings.el, help));
  const listen = (names, does) => { for (const name of names) model.on(`change:${name}`, does); does(); return () => { for (const name of names) model.off(`change:${name}`, does); }; };
  // One edit changes several traits at once: draw once for all of them.
  let waiting = 0;
  const redraw = () => { waiting ||= requestAnimationFrame(() => { waiting = 0; canvas.render(); }); };
  const stops = [
    followTheme(canvas.svg),
    listen(["picture", "findings"], redraw),
    listen(["selection"], () => { if (canvas.parts) canvas.select(); }),
    listen(["fields", "read_only"], () => form.render()),
    listen(["findings"], findings.update),
    listen(["can_undo", "can_redo", "read_only"], bar.update),
    listen(["message"], () => announce(model.get("message"))),
  ];
  const refused = (content) => { form.render(); announce(content.refused); };
  model.on("msg:custom", refused);
  stops.push(() => model.off("msg:custom", refused));
  return () => { canvas.resize.disconnect(); cancelAnimationFrame(waiting); for (const stop of stops) stop(); };
}

export default { render };
