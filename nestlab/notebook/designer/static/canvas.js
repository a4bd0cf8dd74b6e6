// @ts-check
// The canvas: draws the picture that Python computed, keeps the focus, and sends intents to Python.
import { draw, make } from "../../static/dom.js";
import { tr, useTexts } from "../../static/texts.js";
import { Drag } from "./drag.js";
import { nearest, scaleFor } from "./geometry.js";
import { keyName, meaning } from "./keys.js";
import { barShape, boxShape, labelShapes, lineShapes, markShapes } from "./shapes.js";

/**
 * @typedef {import("../../static/dom.js").Model} Model
 * @typedef {import("./keys.js").Command} Command
 * @typedef {import("./keys.js").Intent} Intent
 * @typedef {import("./shapes.js").Frame} Frame
 * @typedef {import("./shapes.js").Label} Label
 * @typedef {import("./shapes.js").Picture} Picture
 * @typedef {{kind: string, part: any, group: SVGGElement, where: Frame}} Part
 */

const LINKABLE = ["vm", "nested-host", "adapter"];
const [SMALLEST, LARGEST] = [0.1, 4];

export class Canvas {
  /**
   * @param {Model} model
   * @param {(text: string) => void} announce tells screen readers
   */
  constructor(model, announce) {
    this.model = model;
    this.announce = announce;
    /** @type {"readable" | "fit" | number} */
    this.zoom = "readable";
    this.displayedScale = 1;
    /** @type {string | null} the part that is being linked */
    this.linking = null;
    /** @type {Map<string, Part>} */
    this.parts = new Map();
    /** @type {() => void} */
    this.onEdit = () => {};
    this.svg = draw("svg", { role: "application", "aria-label": tr("Topology canvas") });
    this.el = make("div", { class: "nd-canvas" }, this.svg);
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.svg.addEventListener("pointerdown", (event) => this.press(event));
    this.svg.addEventListener("focusin", (event) => this.focused(event));
    this.svg.addEventListener("dblclick", () => this.onEdit());
    this.resize = new ResizeObserver(() => this.scale());
    this.resize.observe(this.el);
  }

  /** @returns {Picture} */
  get picture() {
    return this.model.get("picture");
  }

  /** @returns {string} the part that the keys, the buttons and the form are about */
  get current() {
    return this.model.get("selection");
  }

  /** @param {import("./acts.js").Act} act done to the current part */
  act({ intent }) {
    this.send(intent(this.current, [this.current]));
  }

  /** @param {Intent} intent */
  send(intent) {
    this.model.send(intent);
  }

  editable() {
    return !this.model.get("read_only");
  }

  render() {
    const { picture } = this;
    if (!picture.boxes) return;
    const hadFocus = this.focusedPart() !== undefined;
    this.svg.setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
    this.parts = new Map();
    this.svg.replaceChildren(...this.groups(picture));
    this.select();
    this.scale();
    if (hadFocus) this.focus();
  }

  /** @param {Picture} picture */
  groups(picture) {
    const { geometry } = picture;
    const labels = labelsByOwner(picture);
    const groups = picture.boxes.map((box) =>
      this.add(box.kind, box, [boxShape(box)], [box.x, box.y, box.width, box.height], labels),
    );
    for (const bar of picture.bars) {
      const shapes = [barShape(bar, geometry)];
      const where = /** @type {Frame} */ ([bar.x, bar.y, bar.width, bar.height]);
      groups.push(
        bar.repeated
          ? this.plain(shapes, labels.get(bar.id), bar.id.split("@")[0])
          : this.add("switch", bar, shapes, where, labels),
      );
    }
    for (const line of picture.lines) {
      const shapes = lineShapes(line, geometry);
      const [x, y] = line.points[0];
      const end = line.points[line.points.length - 1][1];
      const where = /** @type {Frame} */ ([x - 4, Math.min(y, end), 8, Math.abs(end - y)]);
      const isAdapter = line.kind === "adapter" || line.kind === "disconnected";
      groups.push(
        isAdapter ? this.add("adapter", line, shapes, where, labels) : this.plain(shapes),
      );
    }
    groups.push(this.plain([], labels.get("")));
    return groups;
  }

  /**
   * Add a part that can be chosen.
   * @param {string} kind
   * @param {any} part
   * @param {SVGElement[]} shapes
   * @param {Frame} where
   * @param {Map<string, Label[]>} labels
   */
  add(kind, part, shapes, where, labels) {
    const finding = this.worstFinding(part.id);
    const name = [part.name, finding?.message].filter(Boolean).join(". ");
    const attributes = { class: `part k-${kind}`, "data-id": part.id };
    const group = draw("g", { ...attributes, role: "button", tabindex: 0, "aria-label": name });
    const own = labels.get(part.id) ?? [];
    group.append(draw("title", {}, name), ...shapes);
    group.append(...own.flatMap((label) => labelShapes(label, this.picture.geometry)));
    if (finding) group.append(...markShapes(finding, where));
    this.parts.set(part.id, { kind, part, group, where });
    return group;
  }

  /**
   * Add shapes that cannot be chosen by themselves.
   * @param {SVGElement[]} shapes
   * @param {Label[]} labels
   * @param {string} part the part that a click on them selects
   */
  plain(shapes, labels = [], part = "") {
    const group = draw("g", part ? { class: "plain", "data-part": part } : { class: "plain" });
    const { geometry } = this.picture;
    group.append(...shapes, ...labels.flatMap((label) => labelShapes(label, geometry)));
    return group;
  }

  /**
   * Return the first finding about a part that is an error or a warning: Python sorts them.
   * @param {string} id
   */
  worstFinding(id) {
    /** @type {{part: string, severity: string, message: string}[]} */
    const findings = this.model.get("findings");
    return findings.find((finding) => finding.part === id && finding.severity !== "info");
  }

  /** Show which part is the current one. The focus goes with it: they are never two parts. */
  select() {
    for (const [id, { group }] of this.parts) {
      group.classList.toggle("selected", id === this.current);
      group.setAttribute("aria-pressed", String(id === this.current));
    }
    const focused = this.focusedPart();
    if (focused && focused !== this.current) this.focus();
  }

  /** The part that has the focus, if one has. */
  focusedPart() {
    const root = /** @type {Document | ShadowRoot} */ (this.svg.getRootNode());
    const active = /** @type {SVGElement | null} */ (root.activeElement);
    return active && this.svg.contains(active) ? active.dataset.id : undefined;
  }

  focus() {
    this.parts.get(this.current)?.group.focus({ preventScroll: false });
  }

  scale() {
    if (!this.picture.boxes || !this.el.clientWidth) return;
    this.displayedScale = scaleFor(this.zoom, this.el.clientWidth, this.picture.width);
    this.svg.style.width = `${Math.floor(this.picture.width * this.displayedScale)}px`;
  }

  /** @param {number} factor 0 fits the width */
  magnify(factor) {
    const scale = Math.min(LARGEST, Math.max(SMALLEST, this.displayedScale * factor));
    this.zoom = factor ? scale : "fit";
    this.scale();
  }

  /** @param {string} id */
  choose(id) {
    if (this.current === id) return;
    this.model.set("selection", id);
    this.model.save_changes();
  }

  /** @param {FocusEvent} event */
  focused(event) {
    const id = partOf(event);
    if (id) this.choose(id);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!partOf(event)) return;
    const id = this.current;
    // The page handles other keys, but letters must not reach the command mode of the notebook.
    if (event.key !== "Tab") event.stopPropagation();
    const found = meaning(keyName(event), id, this.editable());
    if (!found) return;
    event.preventDefault();
    if ("do" in found) this.send(/** @type {Intent} */ (found));
    else this.run(/** @type {Command} */ (found), id);
  }

  /**
   * @param {Command} command
   * @param {string} id
   */
  run({ command, direction = [0, 0], factor = 0 }, id) {
    const commands = {
      go: () => this.go(id, direction),
      zoom: () => this.magnify(factor),
      enter: () => this.enter(id),
      edit: () => this.onEdit(),
      link: () => this.startLinking(id),
      cancel: () => this.cancelLinking(),
    };
    commands[command]();
  }

  /**
   * @param {string} id
   * @param {[number, number]} direction
   */
  go(id, direction) {
    const found = nearest(
      this.parts,
      id,
      direction,
      ({ kind }) => !this.linking || kind === "switch",
    );
    if (found) this.parts.get(found)?.group.focus();
  }

  /** @param {string} id */
  enter(id) {
    if (!this.linking || this.parts.get(id)?.kind !== "switch") {
      this.onEdit();
      return;
    }
    this.send({ do: "link", from: this.linking, to: id });
    this.stopLinking();
  }

  startLinking(id = this.current) {
    useTexts(this.model);
    const entry = this.parts.get(id);
    if (!entry || !LINKABLE.includes(entry.kind)) {
      this.announce(tr("Choose a VM or an adapter first, then link it to a switch."));
      return;
    }
    this.linking = id;
    this.svg.classList.add("linking");
    this.announce(
      tr("Choose a switch: click it, or use the arrow keys and press Enter. Escape cancels."),
    );
    const host = entry.part.parent ?? this.parts.get(entry.part.source)?.part.parent;
    const bar = this.picture.bars.find((other) => other.machine === host && !other.repeated);
    if (bar) this.parts.get(bar.id)?.group.focus();
  }

  cancelLinking() {
    if (this.linking) this.announce("");
    this.stopLinking();
  }

  stopLinking() {
    this.linking = null;
    this.svg.classList.remove("linking");
  }

  /**
   * Return where in the picture a pointer is.
   * @param {PointerEvent} event
   * @returns {[number, number]}
   */
  pointOf(event) {
    const matrix = this.svg.getScreenCTM()?.inverse();
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    return [point.x, point.y];
  }

  /** @param {PointerEvent} event */
  press(event) {
    const id = partOf(event) ?? partOf(event, "part");
    const entry = id && this.parts.get(id);
    if (!id || !entry || event.button !== 0) return;
    event.stopPropagation();
    if (this.linking && entry.kind === "switch") {
      this.enter(id);
      return;
    }
    entry.group.focus({ preventScroll: true });
    this.choose(id);
    if (this.editable() && LINKABLE.includes(entry.kind)) new Drag(this, event, id, entry);
  }
}

/**
 * Return the id of the part that an event is on.
 * @param {Event} event
 * @param {"id" | "part"} name of the data attribute
 */
function partOf(event, name = "id") {
  const target = /** @type {Element} */ (event.target);
  const found = /** @type {SVGElement | null} */ (target.closest(`[data-${name}]`));
  return found?.dataset[name];
}

/**
 * @param {Picture} picture
 * @returns {Map<string, Label[]>}
 */
function labelsByOwner(picture) {
  const owned = new Map();
  for (const label of [...picture.texts, ...picture.badges]) {
    if (!owned.has(label.owner)) owned.set(label.owner, []);
    owned.get(label.owner).push(label);
  }
  return owned;
}
