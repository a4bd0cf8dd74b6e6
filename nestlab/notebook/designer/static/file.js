// @ts-check
// The file beside the canvas: what is typed changes the picture, and an edit changes the text.
import { make } from "../../static/dom.js";
import { tr, useTexts } from "../../static/texts.js";

/**
 * @typedef {import("../../static/dom.js").Model} Model
 * @typedef {{line: number, text: string}} FileError
 * @typedef {{line?: number, severity: string, subject: string, message: string}} Finding
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
    /** whether that text could not be saved */
    this.isUnsaved = false;
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
    this.isUnsaved = false;
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

  /** Show the result of a text that was typed. @param {{unsaved?: boolean}} answer */
  answered({ unsaved = false }) {
    this.isUnsaved = unsaved;
    this.render();
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

  /** What to list: errors of a text that was typed, else findings about lines of the file. */
  remarks() {
    /** @type {FileError[]} */
    const errors = this.model.get("file_errors");
    if (this.isTyped) return errors.map((error) => ({ ...error, severity: "error" }));
    /** @type {Finding[]} */
    const findings = this.model.get("findings");
    return findings
      .filter(({ line, severity }) => line && severity !== "info")
      .map(({ line = 0, severity, subject, message }) => ({
        line,
        severity,
        text: `${subject}: ${message}`,
      }));
  }

  /** Number the lines, mark those with a remark, and list the remarks. */
  number() {
    useTexts(this.model);
    const remarks = this.remarks();
    /** @type {Map<number, string>} */
    const marked = new Map();
    for (const { line, severity } of remarks) {
      if (marked.get(line) !== "error") marked.set(line, severity);
    }
    const count = this.area.value.split("\n").length;
    const numbers = Array.from({ length: count }, (_, n) =>
      make("span", { class: marked.get(n + 1) ?? "" }, `${n + 1}\n`),
    );
    this.numbers.replaceChildren(...numbers);
    this.scrolled();
    const items = remarks.map((remark) => this.item(remark));
    this.said.replaceChildren(make("li", {}, this.headline(items.length > 0)), ...items);
    this.area.setAttribute("aria-invalid", String(this.isTyped && items.length > 0));
  }

  /** @param {boolean} hasRemarks */
  headline(hasRemarks) {
    if (!this.isTyped) return tr("✓ The picture matches this text.");
    if (hasRemarks) return tr("The picture shows the last text without errors. Correct these:");
    if (this.isUnsaved) return tr("✗ This text is not in the file: see the message above.");
    return "…";
  }

  /** @param {FileError & {severity: string}} remark */
  item({ line, text, severity }) {
    const made = make("button", { type: "button" }, tr("line {line}: {text}", { line, text }));
    made.addEventListener("click", () => this.goTo(line));
    return make("li", { class: severity }, made);
  }

  /** @param {number} line */
  goTo(line) {
    const lines = this.area.value.split("\n");
    const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
    this.area.focus();
    this.area.setSelectionRange(start, start + (lines[line - 1] ?? "").length);
  }
}
