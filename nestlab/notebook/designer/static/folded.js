// @ts-check
// What a folded host shows of the parts inside it, which are not drawn.

/**
 * @typedef {{part: string, severity: string, subject: string, message: string}} Finding
 */

/** The states, the one to look at first before the others. */
const WORST_FIRST = ["failed", "running", "planned", "drifted", "done"];

/**
 * Return the finding and the state to show at each part: at a folded host, also of parts inside.
 * @param {{id: string, [key: string]: any}[]} parts that are drawn
 * @param {Finding[]} findings as Python sorts them
 * @param {Record<string, string>} states
 */
export function withInside(parts, findings, states) {
  const place = placeOf(parts);
  /** @type {Map<string, Finding>} */
  const worst = new Map();
  for (const finding of findings) {
    const at = place(finding.part);
    if (finding.severity !== "info" && !worst.has(at)) worst.set(at, finding);
  }
  /** @type {Map<string, string>} */
  const shown = new Map();
  for (const [part, state] of Object.entries(states)) {
    const at = place(part);
    const both = [state, shown.get(at)];
    shown.set(at, WORST_FIRST.find((each) => both.includes(each)) ?? state);
  }
  return { findings: worst, states: shown };
}

/**
 * Return the function from a part to where it is shown: itself, or the folded host around it.
 * @param {{id: string, [key: string]: any}[]} parts
 * @returns {(part: string) => string}
 */
function placeOf(parts) {
  const drawn = new Set(parts.map(({ id }) => id));
  const folded = parts.filter((part) => part.folded).map(({ id }) => id);
  return (part) => {
    if (!folded.length || drawn.has(part)) return part;
    const path = part.replace(/^(adapter|switch):/, "");
    return folded.find((host) => path.startsWith(`${host}/`)) ?? part;
  };
}
