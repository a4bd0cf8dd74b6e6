// @ts-check
// Copy, cut and paste of parts: within one designer, by their ids.
import { tr, useTexts } from "../../static/texts.js";

/** @typedef {import("./canvas.js").Canvas} Canvas */

export class Clipboard {
  /** @param {Canvas} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    /** @type {string[]} */
    this.ids = [];
    this.isCut = false;
  }

  copy({ isCut = false } = {}) {
    const { canvas } = this;
    useTexts(canvas.model);
    this.ids = canvas.chosen;
    this.isCut = isCut;
    const count = this.ids.length;
    const text = isCut
      ? tr("Parts to be moved: {count}. Choose a host and press Ctrl+V.", { count })
      : tr("Parts copied: {count}. Choose where to, and press Ctrl+V.", { count });
    canvas.announce(text);
  }

  /** Paste into the current part: a copy, or what was cut, which moves there once. */
  paste() {
    const { canvas, ids } = this;
    if (!ids.length) {
      useTexts(canvas.model);
      canvas.announce(tr("There is nothing to paste: copy a part first."));
      return;
    }
    canvas.send({ do: this.isCut ? "move-into" : "paste", ids, into: canvas.current });
    if (this.isCut) this.ids = [];
    this.isCut = false;
  }
}
