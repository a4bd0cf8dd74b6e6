// @ts-check
// The picture, the findings and the form of the model: Python sends what changed, with a number.

/**
 * @typedef {import("../../static/dom.js").Model} Model
 * @typedef {{[key: string]: any}} Item
 * @typedef {{changed?: Item[], removed?: string[]}} Difference
 * @typedef {{number: number, size: [number, number], fields_of: string, parts: Difference,
 *   findings: Difference, fields: Difference, chosen?: [string, number] | null,
 *   file?: [start: number, gone: number, lines: string[]]}} Changes
 */

const PAGE = Math.random().toString(36).slice(2);

/**
 * Select a part, and tell Python. As a message: while the kernel is busy, a changed trait waits and
 * edits overtake it.
 * @param {Model} model
 * @param {string} id
 */
export function choosePart(model, id) {
  const count = (model.get("choices") ?? 0) + 1;
  model.set("choices", count);
  model.set("selection", id);
  model.send({ do: "select", id, chosen: [PAGE, count] });
}

/**
 * Whether Python knows the last part that this page selected: else what it says is older.
 * @param {Model} model
 * @param {Changes["chosen"]} chosen
 */
function isUpToDate(model, chosen) {
  const [page, count] = chosen ?? [PAGE, 0];
  return page !== PAGE || count === (model.get("choices") ?? 0);
}

/**
 * Return a list after a difference, or null if the difference is not about this list. Items that
 * did not change are the same objects.
 * @param {Item[]} items
 * @param {Difference} difference
 * @param {string} key of the items
 * @returns {Item[] | null}
 */
export function applied(items, { changed = [], removed = [] }, key = "id") {
  if (!changed.length && !removed.length) return items;
  /** @type {Map<string, Item>} */
  const known = new Map(items.map((item) => [item[key], item]));
  /** @type {Map<string, string>} what each item comes after */
  const before = new Map(items.map((item, n) => [item[key], n ? items[n - 1][key] : ""]));
  for (const name of removed) {
    known.delete(name);
    before.delete(name);
  }
  for (const { after, ...values } of changed) {
    const name = values[key];
    if (after !== undefined) before.set(name, after);
    if (Object.keys(values).length > 1 || !known.has(name)) {
      known.set(name, without({ ...known.get(name), ...values }));
    }
  }
  return inOrder(known, before);
}

/** Return an item without what it no longer has. @param {Item} item */
function without(item) {
  return Object.fromEntries(Object.entries(item).filter(([, value]) => value !== null));
}

/**
 * @param {Map<string, Item>} known
 * @param {Map<string, string>} before
 */
function inOrder(known, before) {
  const next = new Map([...before].map(([name, previous]) => [previous, name]));
  const all = [];
  for (let name = next.get(""); name !== undefined; name = next.get(name)) {
    const item = known.get(name);
    if (!item || all.length > known.size) return null;
    all.push(item);
  }
  return all.length === known.size ? all : null;
}

/**
 * Apply the changes of a message to the model; ask for the whole state if one was missed.
 * @param {Model} model
 * @param {Changes} changes
 */
export function apply(model, { number, size, fields_of, chosen, file, ...told }) {
  const picture = model.get("picture");
  if (number <= picture.number) return; // another view of the model has applied it
  const parts = applied(picture.parts ?? [], told.parts);
  const findings = applied(model.get("findings"), told.findings);
  const fields = applied(model.get("fields"), told.fields, "name");
  if (number > picture.number + 1 || !parts || !findings || !fields) {
    askForWhole(model);
    return;
  }
  const [width, height] = size;
  const isDrawn = parts !== picture.parts || width !== picture.width || height !== picture.height;
  const now = { ...picture, parts, width, height, number };
  // A new number alone does not make the page draw again.
  if (isDrawn) model.set("picture", now);
  else picture.number = number;
  if (isUpToDate(model, chosen)) model.set("selection", fields_of);
  model.set("fields_of", fields_of);
  model.set("fields", fields);
  model.set("findings", findings);
  if (!file) return;
  const lines = model.get("file_text").split("\n");
  lines.splice(file[0], file[1], ...file[2]);
  model.set("file_text", lines.join("\n"));
}

/** @param {Model} model */
export function askForWhole(model) {
  model.send({ do: "whole", number: model.get("picture").number });
}
