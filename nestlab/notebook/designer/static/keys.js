// @ts-check
// The keyboard of the canvas.
import { marked } from "../../static/texts.js";
import { ACTS, FOLDING } from "./acts.js";

export const HELP = [
  ["Tab", marked("next part")],
  ["← → ↑ ↓", marked("nearest part in that direction")],
  [marked("Shift + arrows"), marked("move the VM")],
  [marked("Enter"), marked("its properties")],
  ["V", marked("add a VM")],
  ["H", marked("add a nested host")],
  ["S", marked("add a switch")],
  ["A", marked("add an adapter")],
  ["N", marked("make the VM a nested host")],
  ["I", marked("add a VM inside it")],
  ["B", marked("bridge it: External switch inside, MAC spoofing")],
  ["T", marked("put it behind a NAT")],
  ["L", marked("link: then choose a switch, Enter")],
  ["Ctrl+D", marked("duplicate, with fresh names and addresses")],
  [marked("Del"), marked("delete")],
  ["Ctrl+Z, Ctrl+Y", marked("undo, redo")],
  [
    marked("Ctrl + arrows, Ctrl+A"),
    marked("select several; with the mouse Shift and click, or a box"),
  ],
  ["Ctrl+C, Ctrl+V", marked("copy, and paste into the host that is selected")],
  ["Ctrl+X, Ctrl+V", marked("move VMs to another host; with the mouse, drag them there")],
  ["/", marked("find a part by name or address")],
  ["Shift+F10", marked("menu of the part; with the mouse, the right button")],
  ["+ − 0", marked("zoom, fit; with the mouse the wheel, and drag the ground to scroll")],
  ["Z", marked("zoom to what is selected")],
  ["E", marked("fold the nested host, or unfold it; on the host, all of them")],
  ["F", marked("full screen")],
  ["Esc", marked("cancel; once more: leave the picture for the cell of the notebook")],
];

/**
 * @typedef {{do: string, [key: string]: any}} Intent an edit for Python
 * @typedef {object} Command an action of the canvas itself
 * @property {"go" | "extend" | "all" | "zoom" | "fit" | "zoom-selection" | "screen" | "search"
 *   | "menu" | "copy" | "cut" | "paste" | "enter" | "edit" | "link" | "cancel"} command
 * @property {[number, number]} [direction]
 * @property {number} [factor]
 */

/** @type {Record<string, Command | ((id: string, ids: string[]) => Intent) | undefined>} */
const VIEWING = {
  ...Object.fromEntries(FOLDING.map(({ key, intent }) => [key, intent])),
  ArrowLeft: { command: "go", direction: [-1, 0] },
  ArrowRight: { command: "go", direction: [1, 0] },
  ArrowUp: { command: "go", direction: [0, -1] },
  ArrowDown: { command: "go", direction: [0, 1] },
  Enter: { command: "enter" },
  " ": { command: "enter" },
  F2: { command: "edit" },
  "+": { command: "zoom", factor: 1.2 },
  "=": { command: "zoom", factor: 1.2 },
  "-": { command: "zoom", factor: 1 / 1.2 },
  0: { command: "fit" },
  z: { command: "zoom-selection" },
  f: { command: "screen" },
  "/": { command: "search" },
  ContextMenu: { command: "menu" },
  "Shift+F10": { command: "menu" },
  "Ctrl+a": { command: "all" },
  "Ctrl+c": { command: "copy" },
  "Ctrl+ArrowLeft": { command: "extend", direction: [-1, 0] },
  "Ctrl+ArrowRight": { command: "extend", direction: [1, 0] },
  "Ctrl+ArrowUp": { command: "extend", direction: [0, -1] },
  "Ctrl+ArrowDown": { command: "extend", direction: [0, 1] },
  Escape: { command: "cancel" },
};

const ACT_OF_KEY = Object.fromEntries(ACTS.map(({ key, intent }) => [key, intent]));

/** @type {Record<string, Command | ((id: string, ids: string[]) => Intent) | undefined>} */
const EDITING = {
  ...ACT_OF_KEY,
  l: { command: "link" },
  "Ctrl+x": { command: "cut" },
  "Ctrl+v": { command: "paste" },
  Backspace: ACT_OF_KEY.Delete,
  "Ctrl+z": () => ({ do: "undo" }),
  "Ctrl+Shift+z": () => ({ do: "redo" }),
  "Ctrl+y": () => ({ do: "redo" }),
  "Shift+ArrowLeft": (id) => ({ do: "move", id, columns: -1, rows: 0 }),
  "Shift+ArrowRight": (id) => ({ do: "move", id, columns: 1, rows: 0 }),
  "Shift+ArrowUp": (id) => ({ do: "move", id, columns: 0, rows: -1 }),
  "Shift+ArrowDown": (id) => ({ do: "move", id, columns: 0, rows: 1 }),
};

/**
 * Return the name of a key with its modifiers: "v", "Ctrl+Shift+z", "Shift+ArrowLeft".
 * @param {{key: string, ctrlKey?: boolean, metaKey?: boolean, shiftKey?: boolean,
 *   altKey?: boolean}} event
 */
export function keyName({ key, ctrlKey, metaKey, shiftKey, altKey }) {
  const name = key.length === 1 ? key.toLowerCase() : key;
  const control = ctrlKey || metaKey ? "Ctrl+" : "";
  const shift = shiftKey && (control || /^(Arrow|Enter|F\d)/.test(name)) ? "Shift+" : "";
  return control + (altKey ? "Alt+" : "") + shift + name;
}

/**
 * Return what a key on a part means: an intent, a command, or nothing.
 * @param {string} name as `keyName` gives it
 * @param {string} id the current part
 * @param {boolean} editable
 * @param {string[]} ids all selected parts
 * @returns {Intent | Command | undefined}
 */
export function meaning(name, id, editable, ids = [id]) {
  const table = Object.hasOwn(VIEWING, name) || !editable ? VIEWING : EDITING;
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  return typeof found === "function" ? found(id, ids) : found;
}
