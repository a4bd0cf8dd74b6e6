import assert from "node:assert/strict";
import { test } from "node:test";
import { applied, apply } from "../../nestlab/notebook/designer/static/changes.js";
import { placed } from "../../nestlab/notebook/designer/static/picture.js";

const LIST = [{ id: "a", x: 1 }, { id: "b", off: true }, { id: "c" }];

test("a difference changes, adds, removes and moves items, and leaves the others alone", () => {
  const changed = [
    { id: "a", x: 2 },
    { id: "d", x: 7, after: "" },
    { id: "a", after: "d" },
    { id: "c", after: "a" },
  ];
  const now = applied(LIST, { changed, removed: ["b"] });
  assert.deepEqual(now, [{ id: "d", x: 7 }, { id: "a", x: 2 }, { id: "c" }]);
  assert.equal(now[2], LIST[2], "what did not change is the same object");
  const shorter = applied(LIST, { changed: [{ id: "b", off: null }] });
  assert.deepEqual(shorter[1], { id: "b" });
  assert.equal(applied(LIST, {}), LIST);
});

test("a difference about another list is noticed", () => {
  assert.equal(applied(LIST, { removed: ["b"] }), null);
  assert.equal(applied(LIST, { changed: [{ id: "z", after: "y" }] }), null);
});

/** A model that keeps what it is given and what it sends. */
function model(state) {
  const sent = [];
  return {
    sent,
    state,
    get: (name) => state[name],
    set: (name, value) => {
      state[name] = value;
    },
    send: (content) => sent.push(content),
  };
}

const STATE = { findings: [], fields: [], fields_of: "host" };
const change = (number, x) => ({
  number,
  size: [10, 10],
  fields_of: "a",
  parts: { changed: [{ id: "a", x }] },
  findings: {},
  fields: {},
});

test("a change is applied once, and a page that missed one asks for the whole", () => {
  const page = model({ ...STATE, picture: { number: 3, width: 5, height: 5, parts: LIST } });
  apply(page, change(4, 9));
  assert.equal(page.state.picture.number, 4);
  assert.equal(page.state.picture.width, 10);
  assert.equal(page.state.picture.parts[0].x, 9);
  assert.equal(page.state.fields_of, "a");
  apply(page, change(4, 100));
  assert.equal(page.state.picture.parts[0].x, 9);
  apply(page, change(6, 11));
  assert.deepEqual(page.sent, [{ do: "whole", number: 4 }]);
  assert.equal(page.state.picture.parts[0].x, 9);
});

test("places follow from the boxes that parts are in", () => {
  const parts = [
    { id: "host", part: "box", base: "host", x: 10, y: 20 },
    { id: "HV", part: "box", base: "HV", parent: "host", x: 5, y: 6, labels: [{ text: "HV" }] },
    { id: "switch:HV/N", part: "bar", base: "HV", x: 1, y: 2 },
    {
      id: "adapter:HV/0",
      part: "line",
      base: "HV",
      points: [
        [0, 0],
        [0, -4],
      ],
    },
  ];
  const picture = placed({ width: 1, height: 1, geometry: {}, parts });
  assert.deepEqual([picture.boxes[1].x, picture.boxes[1].y], [15, 26]);
  assert.deepEqual([picture.bars[0].x, picture.bars[0].y], [16, 28]);
  assert.deepEqual(picture.lines[0].points, [
    [15, 26],
    [15, 22],
  ]);
  assert.deepEqual(picture.labels, [{ text: "HV", owner: "HV" }]);
});
