// @ts-check
// Dragging a button of the toolbar onto the canvas: what it adds goes where it is dropped.
import { make } from "../../static/dom.js";
import { tr, useTexts } from "../../static/texts.js";
import { boxAt, placeIn, switchAt } from "./geometry.js";
import { FAR_ENOUGH, follow } from "./pointers.js";

/**
 * @typedef {import("./acts.js").Act} Act
 * @typedef {import("./canvas.js").Canvas} Canvas
 */

/**
 * Let a button be dragged onto the parts that its act adds something to; a click stays a click.
 * @param {HTMLButtonElement} button
 * @param {Act} act
 * @param {Canvas} canvas
 */
export function dragFrom(button, act, canvas) {
  button.classList.add("nd-draggable");
  /** @type {Held | null} */
  let held = null;
  button.addEventListener("pointerdown", (event) => {
    held = event.button === 0 && !button.disabled ? new Held(canvas, act, event) : null;
  });
  const isDragged = (/** @type {Event} */ event) => {
    if (!held?.ghost) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // released over the button again
  };
  button.addEventListener("click", isDragged, { capture: true });
}

/** What a button adds, while the pointer holds it. */
class Held {
  /**
   * @param {Canvas} canvas
   * @param {Act} act
   * @param {PointerEvent} event
   */
  constructor(canvas, act, event) {
    this.canvas = canvas;
    this.act = act;
    this.start = event;
    /** @type {HTMLElement | null} */
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
    const { clientX: x, clientY: y } = event;
    const far = Math.hypot(x - this.start.clientX, y - this.start.clientY);
    if (!this.ghost && far < FAR_ENOUGH) return;
    this.ghost ??= this.startGhost();
    this.ghost.style.left = `${x + 12}px`;
    this.ghost.style.top = `${y + 8}px`;
    this.aimAt(this.targetAt(event));
  }

  startGhost() {
    const { model, el } = this.canvas;
    useTexts(model);
    const ghost = make("div", { class: "nd-held" }, tr(this.act.text));
    el.closest(".nestlab-designer")?.append(ghost);
    return ghost;
  }

  /** The part under the pointer that can take it. @param {PointerEvent} event */
  targetAt(event) {
    const { el, picture } = this.canvas;
    const seen = el.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    if (x < seen.left || x > seen.right || y < seen.top || y > seen.bottom) return null;
    const point = this.canvas.pointOf(event);
    const kinds = this.act.onto ?? [];
    const bar = kinds.includes("switch") ? switchAt(picture.bars, point) : null;
    return bar ?? boxAt(picture.boxes, point, kinds);
  }

  /** @param {string | null} target */
  aimAt(target) {
    if (target === this.target) return;
    const { parts } = this.canvas;
    if (this.target) parts.get(this.target)?.group.classList.remove("target");
    if (target) parts.get(target)?.group.classList.add("target");
    this.target = target;
  }

  /** @param {PointerEvent} event */
  ended(event) {
    if (!this.ghost) return;
    const { canvas, target } = this;
    this.ghost.remove();
    setTimeout(() => {
      this.ghost = null; // a click that belongs to this drag has come
    });
    this.aimAt(null);
    if (event.type === "pointercancel" || !canvas.editable()) return;
    if (!target) {
      useTexts(canvas.model);
      canvas.announce(tr("Nothing was added: drop it on a part with a dashed frame."));
      return;
    }
    const isVm = this.act.onto?.includes("switch");
    const place = isVm ? this.place(target, event) : {};
    canvas.send({ ...this.act.intent(target, [target]), ...place });
    canvas.focus();
  }

  /**
   * Where among the VMs of a host it was dropped.
   * @param {string} target
   * @param {PointerEvent} event
   */
  place(target, event) {
    if (target.startsWith("switch:")) return {};
    return placeIn(this.canvas.picture.boxes, target, this.canvas.pointOf(event));
  }
}
