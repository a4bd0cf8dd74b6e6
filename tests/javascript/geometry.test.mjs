import assert from "node:assert/strict";
import { test } from "node:test";
import {
  anchor,
  nearest,
  rowAt,
  scaleFor,
  switchAt,
} from "../../nestlab/notebook/designer/static/geometry.js";

const place = (kind, x, y, width = 20, height = 20) => ({ kind, where: [x, y, width, height] });
const places = new Map([
  ["host", place("host", 0, 0, 400, 400)],
  ["HV1", place("vm", 100, 100)],
  ["HV2", place("vm", 200, 110)],
  ["far", place("vm", 300, 100)],
  ["below", place("vm", 105, 220)],
  ["switch:LabNet", place("switch", 100, 300, 200, 10)],
]);

test("a host is where its name is, anything else where its middle is", () => {
  assert.deepEqual(anchor(place("nested-host", 10, 20)), [50, 34]);
  assert.deepEqual(anchor(place("vm", 10, 20, 100, 50)), [60, 45]);
});

test("an arrow goes to the nearest part in its direction", () => {
  assert.equal(nearest(places, "HV1", [1, 0]), "HV2");
  assert.equal(nearest(places, "HV1", [0, 1]), "below");
  assert.equal(nearest(places, "far", [-1, 0]), "HV2");
});

test("an arrow stays where there is no part in its direction", () => {
  assert.equal(nearest(places, "far", [1, 0]), null);
  assert.equal(nearest(places, "unknown", [1, 0]), null);
});

test("what lies off the axis counts more than what lies along it", () => {
  const crossed = new Map([
    ["start", place("vm", 0, 0)],
    ["diagonal", place("vm", 50, 50)],
    ["straight", place("vm", 150, 0)],
  ]);
  assert.equal(nearest(crossed, "start", [1, 0]), "straight");
});

test("while linking only switches are found", () => {
  assert.equal(
    nearest(places, "HV1", [0, 1], ({ kind }) => kind === "switch"),
    "switch:LabNet",
  );
});

test("a part never finds itself, whichever the direction", () => {
  for (const id of places.keys()) {
    for (const direction of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]) {
      assert.notEqual(nearest(places, id, direction), id);
    }
  }
});

const bars = [
  { id: "switch:host/LabNet", x: 10, y: 50, width: 100, height: 12 },
  { id: "switch:host/LabNet@2", x: 10, y: 150, width: 100, height: 6 },
];

test("a bar is found with a little room above and below it", () => {
  assert.equal(switchAt(bars, [10, 47]), "switch:host/LabNet");
  assert.equal(switchAt(bars, [60, 46]), null);
  assert.equal(switchAt(bars, [9, 55]), null);
});

test("a repeated bar is its switch's", () => {
  assert.equal(switchAt(bars, [60, 155]), "switch:host/LabNet");
});

const boxes = [
  { parent: "host", row: 0, y: 100, height: 50 },
  { parent: "host", row: 0, y: 100, height: 80 },
  { parent: "host", row: 1, y: 200, height: 50 },
  { parent: "HV1", row: 0, y: 0, height: 900 },
];

test("a height belongs to the row that reaches down to it", () => {
  assert.equal(rowAt(boxes, boxes[0], 0), 0);
  assert.equal(rowAt(boxes, boxes[0], 190), 0);
  assert.equal(rowAt(boxes, boxes[0], 191), 1);
});

test("below the last row there is a new one", () => {
  assert.equal(rowAt(boxes, boxes[0], 500), 2);
});

test("rows of other machines do not count", () => {
  assert.equal(rowAt(boxes, boxes[3], 500), 0);
});

test("the scale fits the width, stays readable, or is the reader's", () => {
  assert.equal(scaleFor("fit", 202, 1000), 0.2);
  assert.equal(scaleFor("readable", 202, 1000), 0.5);
  assert.equal(scaleFor("readable", 5000, 1000), 1.15);
  assert.equal(scaleFor(2.5, 202, 1000), 2.5);
});
