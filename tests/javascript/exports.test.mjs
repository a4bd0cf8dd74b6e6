import assert from "node:assert/strict";
import { test } from "node:test";
import { openByKeys } from "../../nestlab/notebook/designer/static/at_once.js";
import { download } from "../../nestlab/notebook/designer/static/exports.js";

/** A list that was given keys: what it did, and which keys the browser still handles. */
function pressed(keys, more = {}) {
  const list = new EventTarget();
  const opened = [];
  list.showPicker = () => opened.push("open");
  Object.assign(list, more);
  openByKeys(list);
  const left = keys.filter((key) => {
    const event = new Event("keydown", { cancelable: true });
    return list.dispatchEvent(Object.assign(event, key));
  });
  return { opened, left };
}

test("a key that would choose opens a closed list", () => {
  const keys = ["ArrowDown", "ArrowUp", "PageDown", "End", "p"].map((key) => ({ key }));
  assert.deepEqual(pressed(keys), { opened: keys.map(() => "open"), left: [] });
});

test("the browser keeps the keys that open it or leave it", () => {
  const keys = ["Tab", "Enter", " ", "Escape"].map((key) => ({ key }));
  keys.push({ key: "ArrowDown", altKey: true }, { key: "a", ctrlKey: true });
  assert.deepEqual(pressed(keys), { opened: [], left: keys });
});

test("where a list cannot be opened, nothing is chosen", () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  const key = { key: "ArrowDown" };
  assert.deepEqual(pressed([key], { showPicker: refuse }).left, []);
  assert.deepEqual(pressed([key], { showPicker: undefined }).left, []);
});

test("a picture that cannot be made is said, and its memory is released", async () => {
  const released = [];
  const { revokeObjectURL } = URL;
  URL.revokeObjectURL = (url) => released.push(url);
  globalThis.Image = class {
    decode = () => Promise.reject(new Error("EncodingError"));
  };
  const said = [];
  await download({ name: "lab.png", text: "<svg" }, (text) => said.push(text));
  URL.revokeObjectURL = revokeObjectURL;
  assert.deepEqual(said, ["✗ This browser could not make lab.png."]);
  assert.equal(released.length, 1);
});
