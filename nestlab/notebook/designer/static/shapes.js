// @ts-check
// The shapes of a picture. Python decides their positions, classes and outlines.
import { draw } from "../../static/dom.js";

/**
 * @typedef {[x: number, y: number, width: number, height: number]} Frame
 * @typedef {{x: number, y: number, width: number, height: number}} Rectangle
 * @typedef {Rectangle & {id: string, kind: string, name: string, parent: string, row: number,
 *   offset: number, classes: string, radius: number, outline?: string}} Box
 * @typedef {Rectangle & {id: string, name: string, machine: string, switch_type: string,
 *   repeated?: boolean}} Bar
 * @typedef {{id: string, kind: string, name: string, source: string, classes: string,
 *   colour: string, points: [number, number][], dots?: [number, number][],
 *   cross?: [number, number]}} Line
 * @typedef {{x: number, y: number, text: string, role: string, size: number, owner: string,
 *   bold?: boolean, width?: number, height?: number}} Label
 * @typedef {{dot_radius: number, cross_arm: number, bar_rounding: number,
 *   badge_baseline: number}} Geometry
 * @typedef {object} Picture where the parts of a picture are
 * @property {number} width
 * @property {number} height
 * @property {Geometry} geometry
 * @property {import("./picture.js").Part[]} parts as Python sent them
 * @property {Map<string, [number, number]>} corners of the boxes
 * @property {Box[]} boxes
 * @property {Bar[]} bars
 * @property {Line[]} lines
 * @property {Label[]} labels
 */

/** @param {Box} box */
export function boxShape(box) {
  if (box.outline) return draw("path", { class: box.classes, d: box.outline });
  const { x, y, width, height, radius: rx } = box;
  return draw("rect", { class: box.classes, x, y, width, height, rx });
}

/**
 * @param {Bar} bar
 * @param {Geometry} geometry
 */
export function barShape(bar, geometry) {
  const { x, y, width, height } = bar;
  const rx = height / geometry.bar_rounding;
  return draw("rect", { class: `switch-bar ${bar.switch_type}`, x, y, width, height, rx });
}

/**
 * @param {Line} line
 * @param {Geometry} geometry
 */
export function lineShapes(line, geometry) {
  const points = line.points.map((point) => point.join(",")).join(" ");
  /** @type {SVGElement[]} */
  const shapes = [draw("polyline", { class: `line ${line.classes}`, points })];
  // What can be hit is wider than what is seen.
  if (isAdapter(line)) shapes.unshift(draw("polyline", { class: "nd-hit", points }));
  for (const [cx, cy] of line.dots ?? []) {
    shapes.push(draw("circle", { class: `dot ${line.colour}`, cx, cy, r: geometry.dot_radius }));
  }
  if (line.cross) {
    const [x, y] = line.cross;
    const arm = geometry.cross_arm;
    const side = 2 * arm;
    const d = `M${x - arm},${y - arm} l${side},${side} m0,-${side} l-${side},${side}`;
    shapes.push(draw("path", { class: `line ${line.colour} solid`, d }));
  }
  return shapes;
}

/**
 * Whether a line stands for a network adapter; others are uplinks.
 * @param {Pick<Line, "kind">} line
 */
export function isAdapter({ kind }) {
  return kind === "adapter" || kind === "disconnected";
}

/**
 * Draw a text, or a badge with its text.
 * @param {Label} label
 * @param {Geometry} geometry
 * @returns {SVGElement[]}
 */
export function labelShapes(label, geometry) {
  const { x, y, width, height } = label;
  if (width === undefined || height === undefined) {
    const classes = label.role + (label.bold ? " b" : "");
    return [draw("text", { class: classes, x, y, "font-size": label.size }, label.text)];
  }
  const classes = `p-${label.role}`;
  const place = { x: x + width / 2, y: y + height * geometry.badge_baseline };
  const style = { "font-size": label.size, "text-anchor": "middle" };
  return [
    draw("rect", { class: classes, x, y, width, height, rx: height / 2 }),
    draw("text", { class: `${classes} b`, ...place, ...style }, label.text),
  ];
}

/**
 * Draw what folds a nested host and unfolds it, on the left edge of its box.
 * @param {boolean} [isFolded]
 */
export function foldShapes(isFolded) {
  const group = draw("g", { class: "nd-fold" });
  group.append(
    draw("circle", { cx: 0, cy: 24, r: 8 }),
    draw("path", { d: isFolded ? "M-4,24 h8 M0,20 v8" : "M-4,24 h8" }),
  );
  return group;
}

/**
 * Mark a part with its worst finding: in a box's corner, left of the middle of a line, where no
 * label is.
 * @param {{severity: string}} finding
 * @param {Frame} frame
 */
export function markShapes(finding, [x, y, width, height]) {
  const isLine = width < 20;
  const [cx, cy] = isLine ? [x + width / 2 - 6, y + height / 2] : [x + width, y];
  const style = { "text-anchor": "middle", "font-size": isLine ? 9 : 11 };
  const place = { x: cx, y: cy + (isLine ? 3.2 : 4) };
  const sign = finding.severity === "error" ? "!" : "?";
  return [
    draw("circle", { class: `nd-mark ${finding.severity}`, cx, cy, r: isLine ? 5.8 : 8 }),
    draw("text", { class: "nd-mark-text", ...place, ...style }, sign),
  ];
}
