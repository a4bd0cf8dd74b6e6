// @ts-check
// Positions on the canvas: pure functions of the picture.

/**
 * @typedef {import("./shapes.js").Frame} Frame
 * @typedef {import("./shapes.js").Box} Box
 * @typedef {import("./shapes.js").Bar} Bar
 * @typedef {import("./shapes.js").Line} Line
 * @typedef {{kind: string, where: Frame}} Place
 */

export const HOSTS = ["host", "nested-host"];
const SIGN = 9; // the size of the text that marks a finding at a line
const READABLE = 10; // pixels: no text is smaller when a designer opens
const LARGEST_FIT = 1.15;

/**
 * The point of a part that the arrow keys use: the name of a host, the middle of any other part.
 * @param {Place} place
 * @returns {[number, number]}
 */
export function anchor({ kind, where: [x, y, width, height] }) {
  return HOSTS.includes(kind) ? [x + 40, y + 14] : [x + width / 2, y + height / 2];
}

/**
 * Return the nearest part in a direction, or null. Distance off the axis counts more.
 * @param {Iterable<[string, Place]>} places
 * @param {string} id where to start
 * @param {[dx: number, dy: number]} direction
 * @param {(place: Place) => boolean} accepts
 * @returns {string | null}
 */
export function nearest(places, id, [dx, dy], accepts = () => true) {
  const all = new Map(places);
  const start = all.get(id);
  if (!start) return null;
  const [x, y] = anchor(start);
  let best = null;
  let least = Number.POSITIVE_INFINITY;
  for (const [other, place] of all) {
    const [ox, oy] = anchor(place);
    const along = (ox - x) * dx + (oy - y) * dy;
    const across = Math.abs((ox - x) * dy) + Math.abs((oy - y) * dx);
    const distance = along + 2.5 * across;
    if (other !== id && along > 1 && accepts(place) && distance < least) {
      best = other;
      least = distance;
    }
  }
  return best;
}

/**
 * Return the id of the switch whose bar is at a point, or null. Repeated bars count.
 * @param {Bar[]} bars
 * @param {[number, number]} point
 */
export function switchAt(bars, [x, y]) {
  const found = bars.find(
    (bar) => x >= bar.x && x <= bar.x + bar.width && y >= bar.y - 3 && y <= bar.y + bar.height + 3,
  );
  return found ? found.id.split("@")[0] : null;
}

/**
 * Return the row of a box's siblings at a y coordinate; below the last row, a new one.
 * @param {Box[]} boxes
 * @param {Box} box
 * @param {number} y
 */
export function rowAt(boxes, box, y) {
  /** @type {number[]} */
  const bottoms = [];
  for (const other of boxes.filter((candidate) => candidate.parent === box.parent)) {
    bottoms[other.row] = Math.max(bottoms[other.row] ?? 0, other.y + other.height);
  }
  const row = bottoms.findIndex((bottom) => y <= bottom + 10);
  return row < 0 ? bottoms.length : row;
}

/**
 * Return the scale at which a picture is shown.
 * @param {"readable" | "fit" | number} zoom "readable" shows all of the picture unless its texts
 *   would be too small to read, "fit" always does; else a factor
 * @param {readonly [width: number, height: number]} room
 * @param {{width: number, height: number}} picture
 * @param {number} text the size of its smallest text
 */
export function scaleFor(zoom, [width, height], picture, text) {
  const fit = Math.min(LARGEST_FIT, (width - 2) / picture.width, (height - 2) / picture.height);
  if (zoom === "fit") return fit;
  return zoom === "readable" ? Math.max(READABLE / text, fit) : zoom;
}

/**
 * Return the size of the smallest text of a picture; the mark of a finding can come at any time.
 * @param {{labels: {size: number}[]}} picture
 */
export function smallestText({ labels }) {
  return Math.min(SIGN, ...labels.map(({ size }) => size));
}

/**
 * Return the smallest frame around all of them; null for none.
 * @param {Frame[]} frames
 * @returns {Frame | null}
 */
export function boundingFrame(frames) {
  if (!frames.length) return null;
  const left = Math.min(...frames.map(([x]) => x));
  const top = Math.min(...frames.map(([, y]) => y));
  const right = Math.max(...frames.map(([x, , width]) => x + width));
  const bottom = Math.max(...frames.map(([, y, , height]) => y + height));
  return [left, top, right - left, bottom - top];
}

/**
 * Return the frame with two points as its corners.
 * @param {[number, number]} one
 * @param {[number, number]} other
 * @returns {Frame}
 */
export function frameOf([x1, y1], [x2, y2]) {
  return [Math.min(x1, x2), Math.min(y1, y2), Math.abs(x1 - x2), Math.abs(y1 - y2)];
}

/**
 * Return the ids of the parts that are whole in a frame, without those inside a VM that is.
 * @param {Iterable<[string, Place]>} parts
 * @param {Frame} frame
 */
export function partsWithin(parts, [x, y, width, height]) {
  const all = [...parts].filter(
    ([, { kind, where }]) =>
      kind !== "host" &&
      kind !== "internet" &&
      where[0] >= x &&
      where[1] >= y &&
      where[0] + where[2] <= x + width &&
      where[1] + where[3] <= y + height,
  );
  const machines = all.map(([id]) => id).filter((id) => !id.includes(":"));
  return all
    .map(([id]) => id)
    .filter((id) => !machines.some((machine) => id !== machine && isInside(id, machine)));
}

/**
 * Whether a part is in a machine: "HV1/web1" and "adapter:HV1/0" are in "HV1".
 * @param {string} id
 * @param {string} machine
 */
export function isInside(id, machine) {
  return id.replace(/^\w+:/, "").startsWith(`${machine}/`);
}

/**
 * Return the innermost host at a point where VMs could move to, or null.
 * @param {Box[]} boxes
 * @param {[number, number]} point
 * @param {string[]} moved the VMs: they cannot move into themselves
 */
export function hostAt(boxes, point, moved) {
  const others = boxes.filter((box) => !moved.some((id) => box.id === id || isInside(box.id, id)));
  return boxAt(others, point, HOSTS);
}

/**
 * Return the innermost box of some kinds at a point, or null.
 * @param {Box[]} boxes
 * @param {[number, number]} point
 * @param {string[]} kinds
 */
export function boxAt(boxes, [x, y], kinds) {
  const found = boxes.filter(
    (box) =>
      kinds.includes(box.kind) &&
      x >= box.x &&
      x <= box.x + box.width &&
      y >= box.y &&
      y <= box.y + box.height,
  );
  const innermost = found.sort((one, other) => one.width * one.height - other.width * other.height);
  return innermost[0]?.id ?? null;
}

/**
 * Return the place among the VMs of a host where a new one is dropped; none beside no other VM.
 * @param {Box[]} boxes
 * @param {string} parent
 * @param {[number, number]} point
 */
export function placeIn(boxes, parent, [x, y]) {
  const sibling = boxes.find((box) => box.parent === parent && box.kind !== "internet");
  if (!sibling) return {};
  const left = x - (sibling.x - sibling.offset) - sibling.width / 2;
  return { x: Math.max(0, left), row: rowAt(boxes, sibling, y) };
}

/**
 * Return the id of the nearest line to a point, no farther away than given; else null.
 * @param {Pick<Line, "id" | "points">[]} lines
 * @param {[number, number]} point
 * @param {number} farthest
 */
export function nearestLine(lines, point, farthest) {
  let best = null;
  let least = farthest;
  for (const { id, points } of lines) {
    for (let n = 1; n < points.length; n++) {
      const distance = distanceTo(point, points[n - 1], points[n]);
      if (distance <= least) [best, least] = [id, distance];
    }
  }
  return best;
}

/**
 * Return the distance of a point from a straight piece of a line.
 * @param {[number, number]} point
 * @param {[number, number]} start
 * @param {[number, number]} end
 */
function distanceTo([x, y], [x1, y1], [x2, y2]) {
  const [dx, dy] = [x2 - x1, y2 - y1];
  const length = dx * dx + dy * dy;
  const along = length ? Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / length)) : 0;
  return Math.hypot(x - x1 - along * dx, y - y1 - along * dy);
}

/**
 * Return the ids whose name or labels, such as addresses, have all words of a text.
 * @param {{labels: {owner: string, text: string}[]}} picture
 * @param {string[]} ids
 * @param {string} text
 */
export function matching({ labels: written }, ids, text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const labels = new Map(ids.map((id) => [id, id.replace(/^(switch|network):/, "")]));
  for (const { owner, text: label } of written) {
    const known = labels.get(owner);
    if (known !== undefined) labels.set(owner, `${known} ${label}`);
  }
  return ids.filter((id) => {
    const known = (labels.get(id) ?? "").toLowerCase();
    return words.every((word) => known.includes(word));
  });
}
