// @ts-check
// Draws the parts of a picture: of one that changed only what is new, and moves the others.
import { draw } from "../../static/dom.js";
import { tr } from "../../static/texts.js";
import { withInside } from "./folded.js";
import {
  barShape,
  boxShape,
  foldShapes,
  isAdapter,
  labelShapes,
  lineShapes,
  markShapes,
} from "./shapes.js";
import { STATE_WORDS, stateShapes, vmStateShapes } from "./states.js";

/**
 * @typedef {import("./canvas.js").Part} Part
 * @typedef {import("./picture.js").Part} Sent
 * @typedef {import("./shapes.js").Frame} Frame
 * @typedef {import("./shapes.js").Geometry} Geometry
 * @typedef {import("./shapes.js").Picture} Picture
 * @typedef {import("./folded.js").Finding} Finding
 * @typedef {[look: string, text: string]} VmState
 * @typedef {{finding: Finding | undefined, state: string, vm: VmState | undefined}} Seen
 * @typedef {{sent: Sent, seen: Seen, group: SVGGElement, corner: string}} Drawn
 */

export class Painter {
  /** @param {SVGGElement} ground */
  constructor(ground) {
    this.ground = ground;
    /** @type {Map<string, Drawn>} */
    this.drawn = new Map();
  }

  /**
   * Draw a picture; return the parts that can be chosen.
   * @param {Picture} picture
   * @param {Finding[]} findings
   * @param {Record<string, string>} states
   * @param {Record<string, VmState>} vms
   * @returns {Map<string, Part>}
   */
  paint(picture, findings, states, vms) {
    const shown = withInside(picture.parts, findings, states);
    const before = this.drawn;
    this.drawn = new Map();
    for (const sent of picture.parts) {
      const { id } = sent;
      const state = shown.states.get(id) ?? "";
      const seen = { finding: shown.findings.get(id), state, vm: vms[id] };
      const known = before.get(id);
      const isSame = known?.sent === sent && isEqual(known.seen, seen);
      const drawn = known && isSame ? known : this.make(sent, seen, picture.geometry);
      const corner = (picture.corners.get(sent.base ?? "") ?? [0, 0]).join(" ");
      if (drawn.corner !== corner) drawn.group.setAttribute("transform", `translate(${corner})`);
      drawn.corner = corner;
      this.drawn.set(id, drawn);
    }
    for (const [id, { group }] of before) {
      if (this.drawn.get(id)?.group !== group) group.remove();
    }
    this.order();
    return this.choosable(picture);
  }

  /** Bring the groups into the order of the picture; most are in it. */
  order() {
    let at = this.ground.firstChild;
    for (const { group } of this.drawn.values()) {
      if (group === at) at = at.nextSibling;
      else this.ground.insertBefore(group, at);
    }
  }

  /** @param {Picture} picture */
  choosable({ boxes, bars, lines }) {
    /** @type {Map<string, Part>} */
    const parts = new Map();
    /** @type {(kind: string, part: any, where: Frame) => void} */
    const add = (kind, part, where) => {
      const group = this.drawn.get(part.id)?.group;
      if (group) parts.set(part.id, { kind, part, group, where });
    };
    for (const box of boxes) add(box.kind, box, [box.x, box.y, box.width, box.height]);
    for (const bar of bars) {
      if (!bar.repeated) add("switch", bar, [bar.x, bar.y, bar.width, bar.height]);
    }
    for (const line of lines) if (isAdapter(line)) add("adapter", line, frameOfLine(line));
    return parts;
  }

  /**
   * @param {Sent} sent
   * @param {Seen} seen
   * @param {Geometry} geometry
   * @returns {Drawn}
   */
  make(sent, seen, geometry) {
    const { kind, where, shapes, stands } = LOOKS[sent.part](/** @type {any} */ (sent), geometry);
    const labels = (sent.labels ?? []).flatMap((label) => labelShapes(label, geometry));
    const group = kind ? chosenGroup(sent, kind, seen) : plainGroup(stands);
    const { finding, state, vm } = seen;
    group.append(...shapes, ...labels);
    if (kind && vm) group.append(vmStateShapes(vm, where, kind));
    if (kind && finding) group.append(...markShapes(finding, where));
    if (kind && state) group.append(...stateShapes(state, where));
    return { sent, seen, group, corner: "" };
  }
}

/**
 * @typedef {{kind?: string, stands?: string, where: Frame, shapes: SVGElement[]}} Look
 * @type {Record<string, (part: any, geometry: Geometry) => Look>}
 */
const LOOKS = {
  box: (box) => {
    const where = /** @type {Frame} */ ([0, 0, box.width, box.height]);
    /** @type {SVGElement[]} */
    const shapes = [boxShape({ ...box, x: 0, y: 0 })];
    if (box.kind === "nested-host") shapes.push(foldShapes(box.folded));
    return { kind: box.kind, where, shapes };
  },
  bar: (bar, geometry) => {
    const where = /** @type {Frame} */ ([bar.x, bar.y, bar.width, bar.height]);
    const shapes = [barShape(bar, geometry)];
    return bar.repeated
      ? { stands: bar.id.split("@")[0], where, shapes }
      : { kind: "switch", where, shapes };
  },
  line: (line, geometry) => ({
    kind: isAdapter(line) ? "adapter" : undefined,
    where: frameOfLine(line),
    shapes: lineShapes(line, geometry),
  }),
  title: () => ({ where: [0, 0, 0, 0], shapes: [] }),
};

/**
 * Whether a part looks as before.
 * @param {Seen} one
 * @param {Seen} other
 */
function isEqual(one, other) {
  const isSame = one.finding === other.finding && one.state === other.state;
  return isSame && one.vm?.join() === other.vm?.join();
}

/** @param {{points: [number, number][]}} line */
function frameOfLine({ points }) {
  const [x, y] = points[0];
  const end = points[points.length - 1][1];
  return /** @type {Frame} */ ([x - 4, Math.min(y, end), 8, Math.abs(end - y)]);
}

/**
 * Make the group of a part that can be chosen.
 * @param {Sent} part
 * @param {string} kind
 * @param {Seen} seen
 */
function chosenGroup(part, kind, { finding, state, vm }) {
  const word = state && tr(STATE_WORDS[state][1]);
  const isInside = finding && finding.part !== part.id;
  const said = isInside ? `${finding.subject}: ${finding.message}` : finding?.message;
  const name = [part.name, vm?.[1], word, said].filter(Boolean).join(". ");
  const classes = state ? `part k-${kind} s-${state}` : `part k-${kind}`;
  const attributes = { class: classes, "data-id": part.id };
  const group = draw("g", { ...attributes, role: "button", tabindex: 0, "aria-label": name });
  group.append(draw("title", {}, name));
  return group;
}

/**
 * Make the group of shapes that cannot be chosen by themselves.
 * @param {string} [part] that a click on them selects
 */
function plainGroup(part) {
  return draw("g", part ? { class: "plain", "data-part": part } : { class: "plain" });
}
