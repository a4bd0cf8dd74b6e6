// @ts-check
// The form beside the canvas: the properties of the part that is selected.
import { make } from "../../static/dom.js";
import { marked, tr, useTexts } from "../../static/texts.js";

/**
 * @typedef {import("../../static/dom.js").Model} Model
 * @typedef {{name: string, label: string, control: string, value: any, hint: string,
 *   example: string, options: string[], offers: [value: string, text: string][]}} Field
 */

export class Form {
  /** @param {Model} model */
  constructor(model) {
    this.model = model;
    /** @type {() => void} */
    this.onLeave = () => {};
    /** @type {HTMLInputElement | HTMLSelectElement | null} the input of the last edit */
    this.edited = null;
    /** whether its first input gets the focus as soon as it can be typed into */
    this.isAwaited = false;
    this.el = make("form", { class: "nd-form", "aria-label": tr("Properties") });
    this.el.addEventListener("submit", (event) => event.preventDefault());
    this.el.addEventListener("keydown", (event) => {
      event.stopPropagation(); // JupyterLab must not handle the input as its own commands
      if (event.key !== "Escape") return;
      this.render(); // what was refused and not corrected is gone
      this.onLeave();
    });
  }

  /** Move the focus to the first input: at once, or when Python has sent those of the part. */
  enter() {
    const first = /** @type {HTMLElement | null} */ (this.el.querySelector("input, select"));
    this.isAwaited = !this.isCurrent();
    if (!this.isAwaited) first?.focus();
  }

  /** Whether it has the properties of the selected part. */
  isCurrent() {
    return this.model.get("fields_of") === this.model.get("selection");
  }

  /** A refused text stays to be corrected; other inputs show again what is so. */
  refuse() {
    const input = this.edited;
    if (input?.type === "text" && this.el.contains(input)) {
      input.setAttribute("aria-invalid", "true");
    } else {
      this.render();
    }
  }

  render() {
    this.edited = null;
    useTexts(this.model);
    const root = /** @type {Document | ShadowRoot} */ (this.el.getRootNode());
    const active = /** @type {HTMLInputElement | null} */ (root.activeElement);
    const focused = active && this.el.contains(active) ? active.name : null;
    const id = this.model.get("fields_of");
    const common = this.model.get("forms")[kindOf(id)] ?? {};
    /** @type {Field[]} what this part has, over what all of its kind have */
    const fields = this.model
      .get("fields")
      .map((/** @type {Field} */ field) => ({ ...common[field.name], ...field }));
    this.el.dataset.id = id;
    const rows = fields.map((field) => this.row(field, id));
    this.el.replaceChildren(make("h3", {}, titleOf(id, fields)), ...rows);
    if (!rows.length) this.el.append(make("p", { class: "nd-quiet" }, tr("No properties.")));
    if (focused) this.field(focused)?.focus();
    if (this.isAwaited && this.isCurrent()) this.enter();
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
    // Until Python has answered, the form is that of the part before: nothing is typed into it.
    input.disabled = this.model.get("read_only") || !this.isCurrent();
    input.addEventListener("change", () => {
      this.edited = input;
      const value = isCheckbox && "checked" in input ? input.checked : input.value;
      this.model.send({ do: "set", id, field: field.name, value });
    });
    const name = make("span", {}, field.label);
    const content = isCheckbox ? [input, name] : [name, input];
    const row = make("label", { class: `nd-${field.control}` }, ...content);
    return field.offers.length ? make("div", {}, row, this.offers(field, id)) : row;
  }

  /**
   * Make a button for each value that can be taken with a click.
   * @param {Field} field
   * @param {string} id
   */
  offers(field, id) {
    const buttons = field.offers.map(([value, text]) => {
      const made = make("button", { type: "button" }, text);
      made.setAttribute("aria-label", `${field.label}: ${text}`);
      made.disabled = this.model.get("read_only") || !this.isCurrent();
      made.addEventListener("click", () => {
        this.field(field.name)?.focus(); // the button goes with its offer
        this.model.send({ do: "set", id, field: field.name, value });
      });
      return made;
    });
    return make("div", { class: "nd-offers" }, ...buttons);
  }
}

/**
 * @param {string} id
 * @param {Field[]} fields
 */
function titleOf(id, fields) {
  if (id === "host") return tr("Host and topology");
  const path = id.replace(/^\w+:/, "");
  const name = fields.find((field) => field.name === "name")?.value;
  // The id of an adapter ends with its number in the VM.
  return id.startsWith("adapter:") && name ? path.replace(/\d+$/, () => name) : path;
}

/** Return the kind of a part. @param {string} id */
function kindOf(id) {
  if (id.includes(":")) return id.split(":")[0];
  return id === "host" ? id : "vm";
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
    if (field.example) input.title = field.example;
  }
  return input;
}
