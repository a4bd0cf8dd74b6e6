// @ts-check
// The field that finds parts by their name, address or kind, and jumps to them.
import { make } from "../../static/dom.js";
import { tr, useTexts } from "../../static/texts.js";
import { matching } from "./geometry.js";

/** @typedef {import("./canvas.js").Canvas} Canvas */

export class Search {
  /** @param {Canvas} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.input = make("input", {
      type: "search",
      placeholder: tr("Find (/)"),
      "aria-label": tr("Find a part by name or address"),
      title: tr("Find a part (/); Enter goes to the next one"),
    });
    this.input.addEventListener("input", () => this.changed());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.el = make("span", { class: "nd-search" }, this.input);
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation(); // JupyterLab must not take the letters for commands
    if (event.key === "Escape") {
      this.input.value = "";
      this.mark([]);
      this.canvas.focus();
    } else if (event.key === "Enter") {
      this.go(event.shiftKey ? -1 : 1);
    } else return;
    event.preventDefault();
  }

  found() {
    return matching(this.canvas.picture, [...this.canvas.parts.keys()], this.input.value);
  }

  changed() {
    useTexts(this.canvas.model);
    const found = this.found();
    this.mark(found);
    if (this.input.value.trim()) {
      this.canvas.announce(
        tr("Parts found: {count}. Enter goes to them.", { count: found.length }),
      );
    }
  }

  /** @param {string[]} found */
  mark(found) {
    for (const [id, { group }] of this.canvas.parts) {
      group.classList.toggle("found", found.includes(id));
    }
  }

  /** @param {1 | -1} step */
  go(step) {
    useTexts(this.canvas.model);
    const found = this.found();
    if (!found.length) return;
    const at = found.indexOf(this.canvas.current);
    const first = step > 0 ? 0 : found.length - 1;
    const next = at < 0 ? first : (at + step + found.length) % found.length;
    this.canvas.choose(found[next]);
    this.canvas.reveal(found[next]);
    const name = this.canvas.parts.get(found[next])?.part.name ?? "";
    this.canvas.announce(
      tr("{number} of {count}: {name}", { number: next + 1, count: found.length, name }),
    );
  }
}
