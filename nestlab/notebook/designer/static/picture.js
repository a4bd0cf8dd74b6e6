// @ts-check
// The picture as Python sends it, with positions relative to boxes, and where its parts are.

/**
 * @typedef {import("./shapes.js").Geometry} Geometry
 * @typedef {import("./shapes.js").Label} Label
 * @typedef {import("./shapes.js").Picture} Picture
 * @typedef {[x: number, y: number]} Point
 * @typedef {{id: string, part: string, base?: string, parent?: string, x: number, y: number,
 *   points?: Point[], labels?: Label[], [key: string]: any}} Part
 * @typedef {{width: number, height: number, geometry: Geometry, parts: Part[]}} Sent
 */

/** @type {WeakMap<object, Picture>} */
const pictures = new WeakMap();

/**
 * Return the picture with the places of its parts.
 * @param {Sent} sent
 * @returns {Picture}
 */
export function placed(sent) {
  const found = pictures.get(sent) ?? withPlaces(sent);
  pictures.set(sent, found);
  return found;
}

/**
 * @param {Sent} sent
 * @returns {Picture}
 */
function withPlaces({ width, height, geometry, parts = [] }) {
  /** @type {Map<string, Point>} the corners of the boxes */
  const corners = new Map([["", [0, 0]]]);
  const empty = { boxes: [], bars: [], lines: [], labels: [] };
  /** @type {Picture} */
  const picture = { width, height, geometry, parts, corners, ...empty };
  for (const part of parts) {
    if (part.part === "box") {
      const [x, y] = corners.get(part.parent ?? "") ?? [0, 0];
      corners.set(part.id, [x + part.x, y + part.y]);
    }
    addPlaced(picture, part, corners.get(part.base ?? "") ?? [0, 0]);
  }
  return picture;
}

/**
 * @param {Picture} picture
 * @param {Part} part
 * @param {Point} corner of the box that it is in
 */
function addPlaced(picture, part, [x, y]) {
  for (const label of part.labels ?? []) picture.labels.push({ ...label, owner: part.id });
  if (part.part === "box") {
    picture.boxes.push(/** @type {any} */ ({ parent: "", row: 0, offset: 0, ...part, x, y }));
  } else if (part.part === "bar") {
    picture.bars.push(/** @type {any} */ ({ ...part, x: x + part.x, y: y + part.y }));
  } else if (part.part === "line") {
    const points = (part.points ?? []).map(([px, py]) => /** @type {Point} */ ([x + px, y + py]));
    picture.lines.push(/** @type {any} */ ({ ...part, points }));
  }
}
