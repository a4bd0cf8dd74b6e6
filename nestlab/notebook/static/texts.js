// @ts-check
// The texts of a widget in the language of its model. Python passes the translations; a text that
// has none is shown in English.

/** @typedef {import("./dom.js").Model} Model */

/** @type {Record<string, string>} */
let texts = {};

/**
 * Use the texts of a model, until those of another one are used: before each drawing.
 * @param {Model} model
 */
export function useTexts(model) {
  texts = model.get("texts") ?? {};
}

/**
 * Return a text in the language of the model in use, with its values.
 * @param {string} text in English, with {names} of values
 * @param {Record<string, string | number>} [values]
 */
export function tr(text, values = {}) {
  const translated = texts[text] ?? text;
  return translated.replace(/\{(\w+)\}/g, (field, name) => String(values[name] ?? field));
}

/**
 * Return a text of a table as it is; `tr` is called where it is shown.
 * @param {string} text
 */
export function marked(text) {
  return text;
}
