// @ts-check
// Positions on the canvas: pure functions of the picture.

/**
 * @typedef {import("./shapes.js").Frame} Frame
 * @typedef {import("./shapes.js").Box} Box
 * @typedef {import("./shapes.js").Bar} Bar
 * @typedef {{kind: string, where: Frame}} Place
 */

const HOSTS = ["host", "nested-host"];
const SMALLEST_READABLE = 0.5;
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
 * @param {"readable" | "fit" | number} zoom "readable" fits the width unless that is too small to
 *   read, "fit" always does; else a factor
 * @param {number} room the available width
 * @param {number} width the picture's width
 */
export function scaleFor(zoom, room, width) {
  const fit = Math.min(LARGEST_FIT, (room - 2) / width);
  if (zoom === "fit") return fit;
  return zoom === "readable" ? Math.max(SMALLEST_READABLE, fit) : zoom;
}
