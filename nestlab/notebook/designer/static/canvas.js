// @ts-check
// The canvas: draws the picture that Python computed, keeps the focus, and sends intents to Python.
import { draw, make } from "../../static/dom.js";
import { tr, useTexts } from "../../static/texts.js";
import { choosePart } from "./changes.js";
import { Clipboard } from "./clipboard.js";
import { Drag } from "./drag.js";
import { nearest, nearestLine } from "./geometry.js";
import { keyName, meaning } from "./keys.js";
import { openMenu } from "./menu.js";
import { Painter } from "./painter.js";
import { placed } from "./picture.js";
import { startBox, startPanning, watchFingers } from "./pointers.js";
import { isAdapter } from "./shapes.js";
import { View } from "./view.js";

/**
 * @typedef {import("../../static/dom.js").Model} Model
 * @typedef {import("./keys.js").Command} Command
 * @typedef {import("./keys.js").Intent} Intent
 * @typedef {import("./shapes.js").Frame} Frame
 * @typedef {import("./shapes.js").Picture} Picture
 * @typedef {{kind: string, part: any, group: SVGGElement, where: Frame}} Part
 */

const LINKABLE = ["vm", "nested-host", "adapter"];
const RUNS_CELL = ["Shift+Enter", "Ctrl+Enter", "Alt+Enter"]; // in Jupyter
const HIT = 12; // pixels on each side of the line of an adapter
const SEEN = 3; // pixels on each side of it that hit it even inside a VM's box

export class Canvas {
  /**
   * @param {Model} model
   * @param {(text: string) => void} announce tells screen readers
   */
  constructor(model, announce) {
    this.model = model;
    this.announce = announce;
    /** tells this view from others of the same designer */
    this.id = Math.random().toString(36);
    /** @type {Set<string>} further parts that are selected beside the current one */
    this.others = new Set();
    /** @type {WeakMap<SVGGElement, string>} what each group shows of what is selected */
    this.looks = new WeakMap();
    /** @type {Map<number, PointerEvent>} the fingers on a touch screen, by pointer */
    this.fingers = new Map();
    this.clipboard = new Clipboard(this);
    /** whether the part that was removed had the focus */
    this.hadFocus = false;
    /** @type {string | null} the part that is being linked */
    this.linking = null;
    /** @type {Map<string, Part>} */
    this.parts = new Map();
    /** @type {() => void} */
    this.onEdit = () => {};
    /** @type {() => void} */
    this.onSearch = () => {};
    /** Draw what is known and not drawn yet. @type {() => void} */
    this.catchUp = () => {};
    this.svg = draw("svg", { role: "application", "aria-label": tr("Topology canvas") });
    /** Its scale is that of the view: texts are laid out again only if that changes. */
    this.ground = draw("g");
    this.svg.append(this.ground);
    this.painter = new Painter(this.ground);
    this.el = make("div", { class: "nd-canvas" }, this.svg);
    this.svg.addEventListener("keydown", (event) => this.key(event));
    this.el.addEventListener("pointerdown", (event) => this.press(event));
    this.el.addEventListener("contextmenu", (event) => this.menu(event));
    this.svg.addEventListener("focusin", (event) => this.focused(event));
    this.svg.addEventListener("dblclick", () => this.onEdit());
    this.view = new View(this);
    this.unwatch = watchFingers(this);
  }

  stop() {
    this.view.stop();
    this.unwatch();
  }

  /** @returns {Picture} */
  get picture() {
    return placed(this.model.get("picture"));
  }

  /** @returns {string} the part that the keys, the buttons and the form are about */
  get current() {
    return this.model.get("selection");
  }

  /** All selected parts, the current one last. */
  get chosen() {
    return [...[...this.others].filter((id) => id !== this.current), this.current];
  }

  /** @param {import("./acts.js").Act} act done to what is selected */
  act({ intent }) {
    this.send(intent(this.current, this.chosen));
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
    if (!picture.boxes.length) return;
    this.hadFocus ||= this.focusedPart() !== undefined;
    useTexts(this.model);
    const { model } = this;
    const { vms = {} } = model.get("host_vms");
    this.parts = this.painter.paint(picture, model.get("findings"), model.get("states"), vms);
    for (const id of this.others) if (!this.parts.has(id)) this.others.delete(id);
    this.select();
    this.view.update();
    this.restoreFocus();
  }

  /** Show which part is the current one. The focus goes with it: they are never two parts. */
  select() {
    const { current } = this;
    for (const [id, { group }] of this.parts) {
      const looks = id === current ? "selected" : this.others.has(id) ? "also" : "";
      if (this.looks.get(group) === looks) continue; // most of them
      this.looks.set(group, looks);
      group.classList.toggle("selected", looks === "selected");
      group.classList.toggle("also", looks === "also");
      group.setAttribute("aria-pressed", String(looks !== ""));
    }
    const focused = this.focusedPart();
    if (focused && focused !== this.current) this.focus();
    this.restoreFocus();
  }

  /** Focus the current part where the part that had the focus was removed. */
  restoreFocus() {
    if (!this.hadFocus) return;
    const isLost = !document.activeElement || document.activeElement === document.body;
    if (isLost) this.focus();
    // The current part may be on its way.
    this.hadFocus = isLost && this.focusedPart() === undefined;
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

  /**
   * Make a part the current one; no other is selected beside it.
   * @param {string} id
   * @param {Iterable<string>} others parts that are selected as well
   */
  choose(id, others = []) {
    const before = this.others.size;
    this.others = new Set(others);
    this.others.delete(id);
    if (this.current !== id) choosePart(this.model, id);
    this.select();
    if (this.others.size || before) {
      useTexts(this.model);
      const count = this.chosen.length;
      this.announce(count > 1 ? tr("Parts selected: {count}", { count }) : "");
    }
  }

  /** @param {string[]} ids */
  chooseAll(ids) {
    const last = ids[ids.length - 1];
    if (last === undefined) return;
    this.choose(last, ids);
    this.focus();
  }

  /** Add a part to those that are selected, or take it out. @param {string} id */
  toggle(id) {
    const all = this.chosen;
    if (!all.includes(id)) this.chooseAll([...all, id]);
    else if (all.length > 1) this.chooseAll(all.filter((other) => other !== id));
  }

  /** Select all VMs of the host of the current part. */
  chooseSiblings() {
    const machine = this.picture.boxes.find((box) => box.id === this.current);
    const parent = machine?.parent || this.current;
    const siblings = this.picture.boxes.filter((box) => box.parent === parent);
    const ids = siblings.map(({ id }) => id).filter((id) => this.parts.has(id));
    const isOne = ids.includes(this.current);
    const others = ids.filter((id) => id !== this.current);
    this.chooseAll(isOne ? [...others, this.current] : others);
  }

  zoomToSelection() {
    const places = this.chosen.map((id) => this.parts.get(id)?.where);
    this.view.show(places.filter((where) => where !== undefined));
  }

  /** Scroll to a part. @param {string} id */
  reveal(id) {
    const part = this.parts.get(id);
    if (part) this.view.centre(part.where);
  }

  /** @param {FocusEvent} event */
  focused(event) {
    const id = partOf(event);
    if (id && id !== this.current) this.choose(id);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (!partOf(event)) return;
    const id = this.current;
    const name = keyName(event);
    // Other keys must not reach the command mode of the notebook, but those that run a cell.
    if (event.key !== "Tab" && !RUNS_CELL.includes(name)) event.stopPropagation();
    const found = meaning(name, id, this.editable(), this.chosen);
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
    this.catchUp(); // an edit since the last frame can have made the current part
    const commands = {
      go: () => this.go(id, direction),
      extend: () => this.go(id, direction, this.chosen),
      all: () => this.chooseSiblings(),
      zoom: () => this.view.magnify(factor),
      fit: () => this.view.fit(),
      "zoom-selection": () => this.zoomToSelection(),
      screen: () => this.view.toggleFullScreen(),
      search: () => this.onSearch(),
      menu: () => this.menuAt(id),
      copy: () => this.clipboard.copy(),
      cut: () => this.clipboard.copy({ isCut: true }),
      paste: () => this.clipboard.paste(),
      enter: () => this.enter(id),
      edit: () => this.onEdit(),
      link: () => this.startLinking(id),
      cancel: () => this.cancel(),
    };
    commands[command]();
  }

  /**
   * @param {string} id
   * @param {[number, number]} direction
   * @param {string[]} others parts that stay selected
   */
  go(id, direction, others = []) {
    const found = nearest(
      this.parts,
      id,
      direction,
      ({ kind }) => !this.linking || kind === "switch",
    );
    if (!found) return;
    this.choose(found, others);
    this.parts.get(found)?.group.focus();
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

  /** Stop linking, and select the current part alone; if it is, go to the cell of a notebook. */
  cancel() {
    if (!this.linking && !this.others.size) {
      /** @type {HTMLElement | null} */ (this.el.closest(".jp-Cell"))?.focus();
      return;
    }
    if (this.linking) this.announce("");
    this.stopLinking();
    this.choose(this.current);
  }

  stopLinking() {
    this.linking = null;
    this.svg.classList.remove("linking");
  }

  /**
   * Return where in the picture a pointer is.
   * @param {MouseEvent} event
   * @returns {[number, number]}
   */
  pointOf(event) {
    const matrix = this.ground.getScreenCTM()?.inverse();
    const point = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix);
    return [point.x, point.y];
  }

  /**
   * Return the part that a pointer is on. The line of an adapter is hit from some pixels away, the
   * nearest one of several, but not where the pointer is on a VM.
   * @param {MouseEvent} event
   */
  partAt(event) {
    const id = partOf(event) ?? partOf(event, "part");
    const target = /** @type {Element} */ (event.target);
    if (!target.classList.contains("nd-hit")) return id;
    const point = this.pointOf(event);
    const lines = this.picture.lines.filter(isAdapter);
    const [x, y] = point;
    const vm = this.picture.boxes.find(
      (box) =>
        box.kind === "vm" &&
        x >= box.x &&
        x <= box.x + box.width &&
        y >= box.y &&
        y <= box.y + box.height,
    );
    const { scale } = this.view;
    const on = nearestLine(lines, point, SEEN / scale);
    return on ?? vm?.id ?? nearestLine(lines, point, HIT / scale) ?? id;
  }

  /** @param {PointerEvent} event */
  press(event) {
    if (event.target === this.el && this.isOnScrollBar(event)) return;
    if (event.button === 1) {
      event.preventDefault();
      startPanning(this, event);
    }
    if (event.button !== 0) return;
    event.stopPropagation();
    const id = this.partAt(event);
    const entry = id && this.parts.get(id);
    if (!id || !entry) {
      this.pressGround(event);
      return;
    }
    if (this.linking && entry.kind === "switch") {
      this.enter(id);
      return;
    }
    if (/** @type {Element} */ (event.target).closest(".nd-fold")) {
      this.send({ do: "fold", id });
      return;
    }
    const isGround = entry.kind === "host";
    if (event.shiftKey && !isGround) {
      event.preventDefault();
      this.toggle(id);
      return;
    }
    event.preventDefault(); // the focus goes to the part that was hit, which is not always on top
    if (!event.shiftKey) this.choose(id, this.others.has(id) ? this.chosen : []);
    this.parts.get(id)?.group.focus({ preventScroll: true });
    if (this.editable() && LINKABLE.includes(entry.kind)) new Drag(this, event, id, entry);
    else this.pressGround(event);
  }

  /** Pan with the ground, or draw a box with Shift. @param {PointerEvent} event */
  pressGround(event) {
    if (event.shiftKey) startBox(this, event);
    else startPanning(this, event);
  }

  /** @param {MouseEvent} event */
  isOnScrollBar({ offsetX, offsetY }) {
    return offsetX > this.el.clientWidth || offsetY > this.el.clientHeight;
  }

  /** @param {MouseEvent} event */
  menu(event) {
    event.preventDefault();
    event.stopPropagation();
    const id = this.partAt(event);
    if (id && this.parts.has(id) && !this.chosen.includes(id)) this.choose(id);
    openMenu(this, event);
  }

  /** Open the menu at a part, for the keyboard. @param {string} id */
  menuAt(id) {
    const box = this.parts.get(id)?.group.getBoundingClientRect();
    if (box) openMenu(this, { clientX: box.left + Math.min(30, box.width), clientY: box.top + 20 });
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
