// @ts-check
// What of the picture is seen: its scale, where it is scrolled to, and the full screen.
import { boundingFrame, scaleFor, smallestText } from "./geometry.js";

/**
 * @typedef {import("./canvas.js").Canvas} Canvas
 * @typedef {import("./shapes.js").Frame} Frame
 */

const [SMALLEST, LARGEST] = [0.05, 4];
const AROUND = 40; // pixels that are left around what is zoomed to

export class View {
  /** @param {Canvas} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    /** @type {"readable" | "fit" | number} */
    this.zoom = "readable";
    this.scale = 1;
    this.turned = 1; // by the wheel, since the last frame
    this.frame = 0;
    /** @type {() => void} called when another part of the picture is seen */
    this.onChange = () => {};
    const { el } = canvas;
    /** @type {[number, number]} room for the picture; reading it during a change takes long */
    this.room = [0, 0];
    this.resize = new ResizeObserver(() => {
      this.measure();
      this.update();
    });
    this.resize.observe(el);
    el.addEventListener("scroll", () => this.onChange());
    el.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
  }

  stop() {
    this.resize.disconnect();
    cancelAnimationFrame(this.frame);
  }

  /** The canvas grows with the picture up to its greatest height. */
  measure() {
    const { el } = this.canvas;
    const greatest = Number.parseFloat(getComputedStyle(el).maxHeight);
    this.room = [el.clientWidth, greatest || el.clientHeight];
  }

  update() {
    const { picture, svg, ground } = this.canvas;
    if (!picture.boxes.length || !this.room[0]) return;
    this.scale = scaleFor(this.zoom, this.room, picture, smallestText(picture));
    setChanged(ground, "transform", `scale(${this.scale})`);
    setChanged(svg, "width", String(Math.floor(picture.width * this.scale)));
    setChanged(svg, "height", String(Math.floor(picture.height * this.scale)));
    this.onChange();
  }

  /**
   * Zoom, so that what is at a point of the page stays there.
   * @param {number} factor
   * @param {{clientX: number, clientY: number}} [at] by default the middle of the canvas
   */
  magnify(factor, at = this.middle()) {
    const { svg, el } = this.canvas;
    const before = svg.getBoundingClientRect();
    const x = (at.clientX - before.left) / before.width;
    const y = (at.clientY - before.top) / before.height;
    this.zoom = Math.min(LARGEST, Math.max(SMALLEST, this.scale * factor));
    this.update();
    const after = svg.getBoundingClientRect();
    el.scrollLeft += after.left + x * after.width - at.clientX;
    el.scrollTop += after.top + y * after.height - at.clientY;
    this.onChange();
  }

  middle() {
    const { left, top, width, height } = this.canvas.el.getBoundingClientRect();
    return { clientX: left + width / 2, clientY: top + height / 2 };
  }

  /** Show the whole picture. */
  fit() {
    this.zoom = "fit";
    this.update();
  }

  /**
   * Zoom to parts.
   * @param {Frame[]} frames
   */
  show(frames) {
    const whole = boundingFrame(frames);
    if (!whole) return;
    const [width, height] = this.room;
    const [, , w, h] = whole;
    this.zoom = Math.min((width - 2 * AROUND) / w, (height - 2 * AROUND) / h, 1.6);
    this.zoom = Math.max(SMALLEST, this.zoom);
    this.update();
    this.centre(whole);
  }

  /**
   * Scroll, so that a part is in the middle.
   * @param {Frame} frame
   */
  centre([x, y, width, height]) {
    const { el, svg } = this.canvas;
    const corner = svg.getBoundingClientRect();
    const seen = el.getBoundingClientRect();
    el.scrollLeft += corner.left + (x + width / 2) * this.scale - seen.left - el.clientWidth / 2;
    el.scrollTop += corner.top + (y + height / 2) * this.scale - seen.top - el.clientHeight / 2;
  }

  /** @param {number} dx @param {number} dy in pixels of the page */
  pan(dx, dy) {
    this.canvas.el.scrollLeft -= dx;
    this.canvas.el.scrollTop -= dy;
  }

  /** The part of the picture that is seen. @returns {Frame} */
  seen() {
    const { el, svg } = this.canvas;
    const corner = svg.getBoundingClientRect();
    const box = el.getBoundingClientRect();
    const { scale } = this;
    return [
      (box.left + el.clientLeft - corner.left) / scale,
      (box.top + el.clientTop - corner.top) / scale,
      el.clientWidth / scale,
      el.clientHeight / scale,
    ];
  }

  /**
   * The wheel zooms where the canvas has the focus or fills the screen, and with Ctrl, as which a
   * browser reports a pinch; else it scrolls the notebook.
   * @param {WheelEvent} event
   */
  wheel(event) {
    const isPinch = event.ctrlKey || event.metaKey;
    const isMeant = this.canvas.focusedPart() !== undefined || document.fullscreenElement;
    if (!isPinch && (!isMeant || event.shiftKey)) return;
    event.preventDefault();
    event.stopPropagation();
    const lines = event.deltaMode === 1 ? 16 : 1;
    const turned = Math.max(-120, Math.min(120, event.deltaY * lines));
    this.turned *= Math.exp(-turned * (isPinch && Math.abs(turned) < 50 ? 0.01 : 0.002));
    this.frame ||= requestAnimationFrame(() => {
      this.frame = 0;
      this.magnify(this.turned, event);
      this.turned = 1;
    });
  }

  /** Fill the screen with the designer, or leave that. */
  toggleFullScreen() {
    const designer = this.canvas.el.closest(".nestlab-designer");
    if (document.fullscreenElement) document.exitFullscreen();
    else designer?.requestFullscreen?.();
  }
}

/**
 * Set an attribute unless it has the value.
 * @param {Element} element
 * @param {string} name
 * @param {string} value
 */
function setChanged(element, name, value) {
  if (element.getAttribute(name) !== value) element.setAttribute(name, value);
}
