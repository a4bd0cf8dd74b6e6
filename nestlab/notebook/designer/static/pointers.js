// @ts-check
// Pointers on empty ground: drag to pan, Shift and drag to select what is in a box, and two fingers
// to zoom.
import { draw } from "../../static/dom.js";
import { frameOf, partsWithin } from "./geometry.js";

/** @typedef {import("./canvas.js").Canvas} Canvas */

export const FAR_ENOUGH = 5; // pixels: less is a click

/**
 * Follow a pointer until it is released.
 * @param {(event: PointerEvent) => void} moved
 * @param {(event: PointerEvent) => void} ended
 */
export function follow(moved, ended) {
  const listening = new AbortController();
  const options = { signal: listening.signal };
  window.addEventListener("pointermove", moved, options);
  for (const name of /** @type {const} */ (["pointerup", "pointercancel"])) {
    /** @param {PointerEvent} event */
    const last = (event) => {
      listening.abort();
      ended(event);
    };
    window.addEventListener(name, last, options);
  }
}

/**
 * Scroll the picture with the pointer.
 * @param {Canvas} canvas
 * @param {PointerEvent} event
 */
export function startPanning(canvas, event) {
  let [x, y] = [event.clientX, event.clientY];
  const { pointerId } = event;
  canvas.el.classList.add("panning");
  follow(
    (next) => {
      if (next.pointerId !== pointerId || canvas.fingers.size > 1) return;
      canvas.view.pan(next.clientX - x, next.clientY - y);
      [x, y] = [next.clientX, next.clientY];
    },
    () => canvas.el.classList.remove("panning"),
  );
}

/**
 * Draw a box, and select the parts in it.
 * @param {Canvas} canvas
 * @param {PointerEvent} event
 */
export function startBox(canvas, event) {
  const start = canvas.pointOf(event);
  const box = draw("rect", { class: "nd-ghost" });
  follow(
    (next) => {
      const now = canvas.pointOf(next);
      const [x, y, width, height] = frameOf(start, now);
      if (!box.isConnected && Math.hypot(width, height) * canvas.view.scale < FAR_ENOUGH) return;
      for (const [name, value] of Object.entries({ x, y, width, height })) {
        box.setAttribute(name, String(value));
      }
      if (!box.isConnected) canvas.ground.append(box);
    },
    (last) => {
      const isDrawn = box.isConnected;
      box.remove();
      if (!isDrawn || last.type === "pointercancel") return;
      canvas.chooseAll(partsWithin(canvas.parts, frameOf(start, canvas.pointOf(last))));
    },
  );
}

/**
 * Zoom with two fingers: `canvas.fingers` has those that are down.
 * @param {Canvas} canvas
 */
export function watchFingers(canvas) {
  const { el, fingers } = canvas;
  /** @param {PointerEvent} event */
  const down = (event) => {
    if (event.pointerType === "touch") fingers.set(event.pointerId, event);
  };
  /** @param {PointerEvent} event */
  const move = (event) => {
    if (!fingers.has(event.pointerId)) return;
    const before = span(fingers);
    fingers.set(event.pointerId, event);
    const after = span(fingers);
    if (before && after && before.length > 0) {
      canvas.view.magnify(after.length / before.length, after);
      canvas.view.pan(after.clientX - before.clientX, after.clientY - before.clientY);
    }
  };
  /** @param {PointerEvent} event */
  const up = (event) => void fingers.delete(event.pointerId);
  el.addEventListener("pointerdown", down, { capture: true });
  const listening = new AbortController();
  const options = { signal: listening.signal };
  window.addEventListener("pointermove", move, options);
  window.addEventListener("pointerup", up, options);
  window.addEventListener("pointercancel", up, options);
  return () => listening.abort();
}

/**
 * Return the distance of two fingers, and the point between them; null for any other number.
 * @param {Map<number, PointerEvent>} fingers
 */
function span(fingers) {
  if (fingers.size !== 2) return null;
  const [one, other] = [...fingers.values()];
  return {
    length: Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY),
    clientX: (one.clientX + other.clientX) / 2,
    clientY: (one.clientY + other.clientY) / 2,
  };
}
