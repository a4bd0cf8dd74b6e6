// @ts-check
// The form beside the canvas: the properties of the part that is selected.
import { make } from "../../static/dom.js";
import { marked, tr, useTexts } from "../../static/texts.js";

/**
 * @typedef {import("../../static/dom.js").Model} Model
 * @typedef {{name: string, label: string, control: string, value: any, hint: string,
 *   options: string[]}} Field
 */

export class Form {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {() => void} */
    this.onLeave = () => {};
    this.el = make("form", { class: "nd-form", "aria-label": tr("Properties") });
    this.el.addEventListener("submit", (event) => event.preventDefault());
    this.el.addEventListener("keydown", (event) => {
      event.stopPropagation(); // JupyterLab must not handle the input as its own commands
      if (event.key === "Escape") this.onLeave();
    });
  }

  render() {
    useTexts(this.model);
    const root = /** @type {Document | ShadowRoot} */ (this.el.getRootNode());
    const active = /** @type {HTMLInputElement | null} */ (root.activeElement);
    const focused = active && this.el.contains(active) ? active.name : null;
    /** @type {Field[]} */
    const fields = this.model.get("fields");
    const id = this.model.get("selection");
    const title = id === "host" ? tr("Host and topology") : id.replace(/^\w+:/, "");
    const rows = fields.map((field) => this.row(field, id));
    this.el.replaceChildren(make("h3", {}, title), ...rows);
    if (!rows.length) this.el.append(make("p", { class: "nd-quiet" }, tr("No properties.")));
    if (focused) this.field(focused)?.focus();
  }

  /** @param {string} name */
  field(name) {
    const selector = `[name="${name}"]`;
    return /** @type {HTMLInputElement | null} */ (this.el.querySelector(selector));
  }

  /**
   * @param {Field} field
   * @param {string} id
   */
  row(field, id) {
    const isCheckbox = field.control === "checkbox";
    const input = field.control === "select" ? selectOf(field) : inputOf(field);
    input.disabled = this.model.get("read_only");
    input.addEventListener("change", () => {
      const value = isCheckbox && "checked" in input ? input.checked : input.value;
      this.model.send({ do: "set", id, field: field.name, value });
    });
    const name = make("span", {}, field.label);
    const content = isCheckbox ? [input, name] : [name, input];
    return make("label", { class: `nd-${field.control}` }, ...content);
  }
}

const NOT_CONNECTED = marked("(not connected)");

/** @param {string} option a name, or what stands for none */
function optionText(option) {
  if (option === NOT_CONNECTED) return tr(NOT_CONNECTED);
  return option || tr("(none)");
}

/** @param {Field} field */
function selectOf(field) {
  const options = field.options.map((option) =>
    make("option", { value: option }, optionText(option)),
  );
  const select = make("select", { name: field.name }, ...options);
  select.value = field.value;
  return select;
}

/** @param {Field} field */
function inputOf(field) {
  const plain = { autocomplete: "off", spellcheck: "false" };
  const input = make("input", { name: field.name, type: field.control, ...plain });
  if (field.control === "checkbox") {
    input.checked = field.value;
  } else {
    input.value = field.value;
    input.placeholder = field.hint;
  }
  return input;
}
