import assert from "node:assert/strict";
import { test } from "node:test";
import {
  ACTS,
  ADDING,
  COPYING,
  fits,
  NESTING,
} from "../../nestlab/notebook/designer/static/acts.js";
import { HELP, meaning } from "../../nestlab/notebook/designer/static/keys.js";

const byText = (text) => ACTS.find((act) => act.text === text);

test("every act of a button has a key of its own, which sends the same intent", () => {
  assert.equal(new Set(ACTS.map(({ key }) => key)).size, ACTS.length);
  for (const { key, intent } of ACTS) {
    assert.deepEqual(meaning(key, "a", true), intent("a", ["a"]));
    assert.equal(meaning(key, "a", false), undefined);
  }
});

test("every act names its key in its title, and the help has it", () => {
  const keys = HELP.map(([key]) => key.toLowerCase());
  for (const { key, title } of [...ADDING, ...NESTING, ...COPYING]) {
    assert.ok(title.toLowerCase().endsWith(`(${key.toLowerCase()})`), title);
    assert.ok(keys.includes(key === "Delete" ? "del" : key.toLowerCase()), key);
  }
});

test("an act is offered for the parts that it can be done to", () => {
  assert.ok(fits(byText("Make nested host"), "vm"));
  assert.ok(!fits(byText("Make nested host"), "nested-host"));
  assert.ok(fits(byText("Add VM"), undefined));
  assert.ok(!fits(byText("Delete"), "host"));
  assert.ok(!fits(byText("Bridge"), undefined));
});

test("what is done to several parts is one intent", () => {
  assert.deepEqual(meaning("Delete", "a", true, ["b", "a"]), { do: "delete", ids: ["b", "a"] });
  assert.deepEqual(meaning("Ctrl+d", "a", true, ["a"]), { do: "duplicate", id: "a" });
  assert.deepEqual(meaning("Backspace", "a", true), { do: "delete", id: "a" });
});
