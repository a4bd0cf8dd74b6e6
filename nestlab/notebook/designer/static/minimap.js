// @ts-check
// The small picture of the whole topology, from 50 VMs on: a click or a drag in it scrolls there.
import { draw, make } from "../../static/dom.js";
import { follow } from "./pointers.js";

/**
 * @typedef {import("./canvas.js").Canvas} Canvas
 * @typedef {import("./shapes.js").Picture} Picture
 */

export const MANY_VMS = 50;
const [WIDTH, HEIGHT] = [180, 130]; // pixels, at most

/**
 * Return how many VMs a picture has, nested hosts included.
 * @param {Picture} picture
 */
export function countOfVms(picture) {
  return picture.boxes.filter(({ kind }) => kind === "vm" || kind === "nested-host").length;
}

export class Minimap {
  /** @param {Canvas} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.svg = draw("svg");
    this.seen = draw("rect", { class: "nd-seen" });
    this.svg.append(this.seen);
    /** @type {{said: string, shape: SVGElement}[]} */
    this.shapes = [];
    this.frame = 0;
    // The keyboard has the arrow keys and the search: a second way to the same parts is noise.
    this.el = make("div", { class: "nd-minimap", "aria-hidden": "true" });
    this.el.append(this.svg);
    this.el.addEventListener("pointerdown", (event) => this.press(event));
  }

  /** Draw the picture again. */
  render() {
    const { picture } = this.canvas;
    this.el.hidden = countOfVms(picture) < MANY_VMS;
    if (this.el.hidden) return;
    const scale = Math.min(WIDTH / picture.width, HEIGHT / picture.height);
    this.svg.setAttribute("viewBox", `0 0 ${picture.width} ${picture.height}`);
    this.svg.style.width = `${Math.round(picture.width * scale)}px`;
    const boxes = picture.boxes.filter(({ outline }) => !outline);
    while (this.shapes.length > boxes.length) this.shapes.pop()?.shape.remove();
    for (const [n, box] of boxes.entries()) this.show(n, box);
    this.update();
  }

  /**
   * Show a box; of shapes only what changed.
   * @param {number} n
   * @param {{x: number, y: number, width: number, height: number, kind: string}} box
   */
  show(n, { x, y, width, height, kind }) {
    const said = `${kind} ${x} ${y} ${width} ${height}`;
    if (this.shapes[n]?.said === said) return;
    const shape = draw("rect", { class: `nd-small ${kind}`, x, y, width, height });
    if (this.shapes[n]) this.shapes[n].shape.replaceWith(shape);
    else this.seen.before(shape);
    this.shapes[n] = { said, shape };
  }

  /** Show which part of the picture is seen, when the page has laid it out. */
  update() {
    if (!this.el.hidden) this.frame ||= requestAnimationFrame(() => this.showSeen());
  }

  showSeen() {
    this.frame = 0;
    const [x, y, width, height] = this.canvas.view.seen();
    for (const [name, value] of Object.entries({ x, y, width, height })) {
      this.seen.setAttribute(name, String(value));
    }
  }

  /** @param {PointerEvent} event */
  press(event) {
    event.preventDefault();
    event.stopPropagation();
    this.go(event);
    follow(
      (next) => this.go(next),
      () => {},
    );
  }

  /** @param {PointerEvent} event */
  go({ clientX, clientY }) {
    const matrix = this.svg.getScreenCTM()?.inverse();
    const { x, y } = new DOMPoint(clientX, clientY).matrixTransform(matrix);
    this.canvas.view.centre([x, y, 0, 0]);
  }
}
