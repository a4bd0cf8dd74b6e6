// @ts-check
// Dragging with the pointer. Dropped on a switch, a VM or an adapter is linked to it; a VM that is
// dropped anywhere else in its host moves there.
import { draw } from "../../static/dom.js";
import { rowAt, switchAt } from "./geometry.js";

/** @typedef {import("./canvas.js").Canvas} Canvas */
/** @typedef {import("./canvas.js").Part} Part */

const FAR_ENOUGH = 5; // pixels: less is a click

/** One drag, from the press to the release. */
export class Drag {
  /**
   * @param {Canvas} canvas
   * @param {PointerEvent} event
   * @param {string} id
   * @param {Part} part
   */
  constructor(canvas, event, id, part) {
    this.canvas = canvas;
    this.id = id;
    this.part = part;
    this.isBox = part.kind !== "adapter";
    this.start = canvas.pointOf(event);
    this.now = this.start;
    this.frame = 0;
    /** @type {SVGElement | null} */
    this.ghost = null;
    /** @type {string | null} */
    this.target = null;
    this.listening = new AbortController();
    const options = { signal: this.listening.signal };
    window.addEventListener("pointermove", (next) => this.moved(next), options);
    for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
      window.addEventListener(name, (last) => this.ended(last), options);
    }
  }

  /** @param {PointerEvent} event */
  moved(event) {
    this.now = this.canvas.pointOf(event);
    this.frame ||= requestAnimationFrame(() => this.paint());
  }

  get distance() {
    return [this.now[0] - this.start[0], this.now[1] - this.start[1]];
  }

  paint() {
    this.frame = 0;
    const [dx, dy] = this.distance;
    if (!this.ghost && Math.hypot(dx, dy) < FAR_ENOUGH) return;
    this.ghost ??= this.startGhost();
    const box = this.part.part;
    const [x, y] = this.now;
    const place = this.isBox ? { x: box.x + dx, y: box.y + dy } : { x2: x, y2: y };
    for (const [name, value] of Object.entries(place)) this.ghost.setAttribute(name, String(value));
    this.aimAt(switchAt(this.canvas.picture.bars, this.now));
  }

  startGhost() {
    const { width, height } = this.part.part;
    const [x1, y1] = this.start;
    const ghost = this.isBox
      ? draw("rect", { class: "nd-ghost", width, height: Math.min(height, 90), rx: 8 })
      : draw("line", { class: "nd-ghost", x1, y1 });
    this.canvas.svg.append(ghost);
    return ghost;
  }

  /** @param {string | null} target the switch under the pointer */
  aimAt(target) {
    if (target === this.target) return;
    for (const [id, on] of /** @type {const} */ ([
      [this.target, false],
      [target, true],
    ])) {
      if (id) this.canvas.parts.get(id)?.group.classList.toggle("target", on);
    }
    this.target = target;
  }

  /** @param {PointerEvent} event */
  ended(event) {
    this.listening.abort();
    if (this.frame) {
      cancelAnimationFrame(this.frame);
      this.paint();
    }
    const { ghost, target } = this;
    ghost?.remove();
    this.aimAt(null);
    if (!ghost || event.type === "pointercancel") return;
    if (target) this.canvas.send({ do: "link", from: this.id, to: target });
    else if (this.isBox) this.canvas.send(this.move());
  }

  move() {
    const box = this.part.part;
    const row = rowAt(this.canvas.picture.boxes, box, this.now[1]);
    return { do: "move", id: this.id, x: box.offset + this.distance[0], row };
  }
}
