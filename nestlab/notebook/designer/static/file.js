// @ts-check
// The file beside the canvas: what is typed changes the picture, and an edit changes the text.
import { make } from "../../static/dom.js";
import { tr, useTexts } from "../../static/texts.js";

/**
 * @typedef {import("../../static/dom.js").Model} Model
 * @typedef {{line: number, text: string}} FileError
 */

const PAUSE = 600; // milliseconds without a key, after which the text is read

export class FilePanel {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {() => void} */
    this.onLeave = () => {};
    this.timer = 0;
    /** whether there is text that Python has not taken */
    this.isTyped = false;
    this.numbers = make("pre", { class: "nd-lines", "aria-hidden": "true" });
    this.area = make("textarea", { spellcheck: "false", wrap: "off", autocomplete: "off" });
    this.area.setAttribute("aria-label", tr("Text of the file"));
    this.said = make("ul", { class: "nd-file-said", "aria-live": "polite" });
    const text = make("div", { class: "nd-file-text" }, this.numbers, this.area);
    this.el = make("div", { class: "nd-file" }, text, this.said);
    this.area.addEventListener("input", () => this.typed());
    this.area.addEventListener("change", () => this.send());
    this.area.addEventListener("scroll", () => this.scrolled());
    this.area.addEventListener("keydown", (event) => this.key(event));
  }

  stop() {
    clearTimeout(this.timer);
  }

  typed() {
    this.isTyped = true;
    this.number();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), PAUSE);
  }

  send() {
    clearTimeout(this.timer);
    if (this.isTyped) this.model.send({ do: "text", text: this.area.value });
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    event.stopPropagation(); // JupyterLab must not take the keys for commands
    if (event.key !== "Escape") return;
    event.preventDefault();
    this.isTyped = false;
    clearTimeout(this.timer);
    this.model.send({ do: "discard" });
    this.render();
    this.onLeave();
  }

  scrolled() {
    this.numbers.scrollTop = this.area.scrollTop;
  }

  /** Show the text that Python has, unless other text was typed since. */
  render() {
    useTexts(this.model);
    this.el.hidden = !this.model.get("file_open");
    if (this.el.hidden) this.isTyped = false; // what has errors is discarded with the panel
    this.area.readOnly = this.model.get("read_only");
    const text = this.model.get("file_text");
    if (this.isTyped && text.replaceAll("\r", "") === this.area.value) this.isTyped = false;
    if (!this.isTyped && this.area.value !== text.replaceAll("\r", "")) this.area.value = text;
    this.number();
  }

  /** Number the lines, mark those with an error, and list the errors. */
  number() {
    useTexts(this.model);
    /** @type {FileError[]} */
    const errors = this.isTyped ? this.model.get("file_errors") : [];
    const marked = new Set(errors.map(({ line }) => line));
    const count = this.area.value.split("\n").length;
    const numbers = Array.from({ length: count }, (_, n) =>
      make("span", marked.has(n + 1) ? { class: "error" } : {}, `${n + 1}\n`),
    );
    this.numbers.replaceChildren(...numbers);
    this.scrolled();
    const good = tr("✓ The picture matches this text.");
    const head = errors.length
      ? tr("The picture shows the last text without errors. Correct these:")
      : good;
    const isUnread = this.isTyped && !errors.length;
    const items = errors.map((error) => this.item(error));
    this.said.replaceChildren(make("li", {}, isUnread ? "…" : head), ...items);
    this.area.setAttribute("aria-invalid", String(errors.length > 0));
  }

  /** @param {FileError} error */
  item({ line, text }) {
    const made = make("button", { type: "button" }, tr("line {line}: {text}", { line, text }));
    made.addEventListener("click", () => this.goTo(line));
    return make("li", { class: "error" }, made);
  }

  /** @param {number} line */
  goTo(line) {
    const lines = this.area.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    this.area.focus();
    this.area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  }
}
