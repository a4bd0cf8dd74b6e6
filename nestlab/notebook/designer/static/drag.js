// @ts-check
// Dragging with the pointer. Dropped on a switch, a VM or an adapter is linked to it; VMs that are
// dropped in another host move into it; a VM that is dropped elsewhere in its host moves there.
import { draw } from "../../static/dom.js";
import { hostAt, rowAt, switchAt } from "./geometry.js";
import { FAR_ENOUGH, follow } from "./pointers.js";

/** @typedef {import("./canvas.js").Canvas} Canvas */
/** @typedef {import("./canvas.js").Part} Part */

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
    follow(
      (next) => this.moved(next),
      (last) => this.ended(last),
    );
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
    const [line, label] = this.ghost.children;
    if (this.isBox) {
      this.ghost.setAttribute("transform", `translate(${dx} ${dy})`);
    } else {
      const [x, y] = this.now;
      for (const [name, value] of Object.entries({ x2: x, y2: y })) {
        line.setAttribute(name, String(value));
      }
      for (const [name, value] of Object.entries({ x: x + 8, y: y - 6 })) {
        label.setAttribute(name, String(value));
      }
    }
    const { bars, boxes } = this.canvas.picture;
    this.aimAt(switchAt(bars, this.now) ?? this.hostAt(boxes));
  }

  /** The ids of the VMs that move: all selected ones. */
  get vms() {
    return this.canvas.chosen.filter((id) => !id.includes(":") && id !== "host");
  }

  /**
   * Return the host that VMs would move into, if it is not theirs.
   * @param {import("./shapes.js").Box[]} boxes
   */
  hostAt(boxes) {
    const found = this.isBox ? hostAt(boxes, this.now, this.vms) : null;
    return found === this.part.part.parent ? null : found;
  }

  startGhost() {
    const { x, y, width, height, name } = this.part.part;
    const [x1, y1] = this.start;
    const more = this.isBox ? this.vms.length - 1 : 0;
    const short = this.isBox ? this.id.split("/").pop() : name;
    const text = more > 0 ? `${short} + ${more}` : short;
    const ghost = draw("g", { class: "nd-dragged" });
    if (this.isBox) {
      const rx = 8;
      const size = { width, height: Math.min(height, 90) };
      ghost.append(draw("rect", { class: "nd-ghost", x, y, rx, ...size }));
      ghost.append(draw("text", { class: "nd-ghost-name", x: x + 10, y: y + 20 }, text));
    } else {
      ghost.append(draw("line", { class: "nd-ghost", x1, y1, x2: x1, y2: y1 }));
      ghost.append(draw("text", { class: "nd-ghost-name", x: x1, y: y1 }, text));
    }
    this.canvas.ground.append(ghost);
    return ghost;
  }

  /** @param {string | null} target the switch or host under the pointer */
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
    if (this.frame) {
      cancelAnimationFrame(this.frame);
      this.paint();
    }
    const { ghost, target } = this;
    ghost?.remove();
    this.aimAt(null);
    if (event.type === "pointercancel") return;
    if (!ghost)
      this.canvas.choose(this.id); // a click selects one part of several
    else if (target?.startsWith("switch:")) {
      this.canvas.send({ do: "link", from: this.id, to: target });
    } else if (target) this.canvas.send({ do: "move-into", ids: this.vms, into: target });
    else if (this.isBox) this.canvas.send(this.move());
  }

  move() {
    const box = this.part.part;
    const row = rowAt(this.canvas.picture.boxes, box, this.now[1]);
    return { do: "move", id: this.id, x: box.offset + this.distance[0], row };
  }
}
