import assert from "node:assert/strict";
import { test } from "node:test";
import { HELP, keyName, meaning } from "../../nestlab/notebook/designer/static/keys.js";

test("a key is named with its modifiers", () => {
  assert.equal(keyName({ key: "v" }), "v");
  assert.equal(keyName({ key: "V", shiftKey: true }), "v");
  assert.equal(keyName({ key: "z", ctrlKey: true }), "Ctrl+z");
  assert.equal(keyName({ key: "Z", metaKey: true, shiftKey: true }), "Ctrl+Shift+z");
  assert.equal(keyName({ key: "ArrowLeft", shiftKey: true }), "Shift+ArrowLeft");
  assert.equal(keyName({ key: "Enter", shiftKey: true }), "Shift+Enter"); // runs a cell
  assert.equal(keyName({ key: "Enter", altKey: true }), "Alt+Enter");
  assert.equal(keyName({ key: "+", shiftKey: true }), "+");
});

test("letters are intents about the part", () => {
  assert.deepEqual(meaning("v", "HV1", true), { do: "add-vm", into: "HV1" });
  assert.deepEqual(meaning("Delete", "HV1", true), { do: "delete", id: "HV1" });
  assert.deepEqual(meaning("Shift+ArrowDown", "HV1", true), {
    do: "move",
    id: "HV1",
    columns: 0,
    rows: 1,
  });
});

test("undo and redo are the same on every keyboard", () => {
  for (const name of ["Ctrl+y", "Ctrl+Shift+z"]) {
    assert.deepEqual(meaning(name, "host", true), { do: "redo" });
  }
  assert.deepEqual(meaning("Ctrl+z", "host", true), { do: "undo" });
});

test("a read-only canvas can be looked at and not edited", () => {
  for (const name of ["v", "h", "s", "a", "l", "Delete", "Backspace", "Ctrl+z", "Shift+ArrowUp"]) {
    assert.equal(meaning(name, "HV1", false), undefined);
  }
  assert.deepEqual(meaning("ArrowLeft", "HV1", false), { command: "go", direction: [-1, 0] });
  assert.deepEqual(meaning("0", "HV1", false), { command: "fit" });
});

test("an unknown key means nothing", () => {
  for (const name of ["q", "Tab", "Ctrl+s", "toString", "constructor"]) {
    assert.equal(meaning(name, "HV1", true), undefined);
  }
});

test("every letter of the help means something", () => {
  const letters = HELP.map(([key]) => key).filter((key) => /^[A-Z]$/.test(key));
  assert.ok(letters.length >= 5);
  for (const letter of letters) assert.ok(meaning(letter.toLowerCase(), "HV1", true), letter);
});

test("several parts are selected and copied by keys, and pasted only where editing is possible", () => {
  assert.deepEqual(meaning("Ctrl+ArrowRight", "a", false), {
    command: "extend",
    direction: [1, 0],
  });
  assert.deepEqual(meaning("Ctrl+c", "a", false), { command: "copy" });
  assert.equal(meaning("Ctrl+v", "a", false), undefined);
  assert.deepEqual(meaning("Ctrl+v", "a", true), { command: "paste" });
  assert.equal(keyName({ key: "F10", shiftKey: true }), "Shift+F10");
  assert.equal(keyName({ key: "/", shiftKey: true }), "/");
});
