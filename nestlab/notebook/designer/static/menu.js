// @ts-check
// The context menu of the canvas: what can be done to the selected parts.
import { make } from "../../static/dom.js";
import { marked, tr, useTexts } from "../../static/texts.js";
import { ADDING, COPYING, FOLDING, fits, NESTING } from "./acts.js";

/**
 * @typedef {import("./canvas.js").Canvas} Canvas
 * @typedef {{text: string, key: string, run: () => void, isPossible: boolean}} Entry
 */

const PROPERTIES = marked("Properties");
const ZOOM = marked("Zoom to selection");
const COPY = marked("Copy");
const CUT = marked("Cut");
const PASTE = marked("Paste");

/**
 * The groups of entries for the current part.
 * @param {Canvas} canvas
 * @returns {Entry[][]}
 */
function entriesOf(canvas) {
  const kind = canvas.parts.get(canvas.current)?.kind;
  const isEditable = canvas.editable();
  /** @param {import("./acts.js").Act[]} table */
  const acts = (table, isPossible = isEditable) =>
    table
      .filter((act) => fits(act, kind))
      .map((act) => ({
        text: act.text,
        key: act.key,
        run: () => canvas.act(act),
        isPossible,
      }));
  /** @type {(text: string, key: string, run: () => void, isPossible?: boolean) => Entry} */
  const entry = (text, key, run, isPossible = true) => ({ text, key, run, isPossible });
  const { clipboard } = canvas;
  return [
    [
      entry(PROPERTIES, "Enter", () => canvas.onEdit()),
      entry(ZOOM, "Z", () => canvas.zoomToSelection()),
    ],
    acts(ADDING),
    [...acts(NESTING), ...acts(FOLDING, true)],
    [
      entry(COPY, "Ctrl+C", () => clipboard.copy()),
      entry(CUT, "Ctrl+X", () => clipboard.copy({ isCut: true }), isEditable),
      entry(PASTE, "Ctrl+V", () => clipboard.paste(), isEditable && clipboard.ids.length > 0),
      ...acts(COPYING),
    ],
  ];
}

/**
 * Open the menu at a point of the page; it closes with Escape, with a click elsewhere, or when an
 * entry was chosen.
 * @param {Canvas} canvas
 * @param {{clientX: number, clientY: number}} at
 */
export function openMenu(canvas, at) {
  useTexts(canvas.model);
  const root = /** @type {HTMLElement} */ (canvas.el.closest(".nestlab-designer"));
  root.querySelector(".nd-menu")?.remove();
  const menu = make("div", { class: "nd-menu", role: "menu", "aria-label": tr("Actions") });
  const listening = new AbortController();
  const close = () => {
    listening.abort();
    menu.remove();
  };
  const groups = entriesOf(canvas).filter((group) => group.length);
  for (const group of groups) {
    if (menu.childElementCount) menu.append(make("hr", { role: "separator" }));
    for (const entry of group) menu.append(item(entry, close, canvas));
  }
  menu.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape" || event.key === "Tab") {
      event.preventDefault();
      close();
      canvas.focus();
    } else move(menu, event);
  });
  root.append(menu);
  place(menu, root, at);
  items(menu)[0]?.focus();
  const outside = (/** @type {Event} */ event) => {
    if (!event.composedPath().includes(menu)) close();
  };
  const options = { signal: listening.signal, capture: true };
  window.addEventListener("pointerdown", outside, options);
  window.addEventListener("wheel", outside, options);
}

/**
 * @param {Entry} entry
 * @param {() => void} close
 * @param {Canvas} canvas
 */
function item({ text, key, run, isPossible }, close, canvas) {
  const made = make("button", { type: "button", role: "menuitem", tabindex: "-1" });
  const shown = key.length === 1 ? key.toUpperCase() : key.replace(/\+(\w)$/, upper);
  made.append(make("span", {}, tr(text)), make("kbd", {}, tr(shown === "Delete" ? "Del" : shown)));
  made.disabled = !isPossible;
  made.addEventListener("click", () => {
    close();
    canvas.focus();
    run();
  });
  return made;
}

/** @param {string} text */
const upper = (text) => text.toUpperCase();

/** @param {HTMLElement} menu */
function items(menu) {
  return /** @type {HTMLButtonElement[]} */ ([...menu.querySelectorAll("button:enabled")]);
}

/**
 * Move the focus as the keys of a menu do.
 * @param {HTMLElement} menu
 * @param {KeyboardEvent} event
 */
function move(menu, event) {
  const all = items(menu);
  const at = all.findIndex((each) => each.matches(":focus"));
  const last = all.length - 1;
  /** @type {Record<string, number>} */
  const places = {
    ArrowDown: at === last ? 0 : at + 1,
    ArrowUp: at <= 0 ? last : at - 1,
    Home: 0,
    End: last,
  };
  if (!Object.hasOwn(places, event.key)) return;
  event.preventDefault();
  all[places[event.key]]?.focus();
}

/**
 * Place a menu inside the designer, near a point of the page.
 * @param {HTMLElement} menu
 * @param {HTMLElement} root
 * @param {{clientX: number, clientY: number}} at
 */
function place(menu, root, { clientX, clientY }) {
  const around = root.getBoundingClientRect();
  const left = Math.min(clientX - around.left, root.clientWidth - menu.offsetWidth - 4);
  const lowest = Math.min(around.bottom, window.innerHeight) - around.top;
  const top = Math.min(clientY - around.top, lowest - menu.offsetHeight - 4);
  menu.style.left = `${Math.max(0, left)}px`;
  menu.style.top = `${Math.max(0, top)}px`;
}
