import assert from "node:assert/strict";
import { test } from "node:test";
import {
  anchor,
  boundingFrame,
  frameOf,
  hostAt,
  matching,
  nearest,
  nearestLine,
  partsWithin,
  rowAt,
  scaleFor,
  smallestText,
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

const wide = { width: 1000, height: 500 };

test("the scale fits both ways, keeps texts readable, or is the reader's", () => {
  assert.equal(scaleFor("fit", [202, 900], wide, 10), 0.2);
  assert.equal(scaleFor("fit", [1002, 102], wide, 10), 0.2);
  assert.equal(scaleFor("readable", [202, 900], wide, 10), 1);
  assert.equal(scaleFor("readable", [202, 900], wide, 12.5), 0.8);
  assert.equal(scaleFor("readable", [5000, 5000], wide, 10), 1.15);
  assert.equal(scaleFor(2.5, [202, 900], wide, 10), 2.5);
});

test("the smallest text decides what is readable", () => {
  assert.equal(smallestText({ labels: [{ size: 14 }, { size: 8.5 }, { size: 11 }] }), 8.5);
  assert.equal(smallestText({ labels: [{ size: 14 }] }), 9);
});

test("a frame is around all parts, whichever way it was drawn", () => {
  assert.deepEqual(frameOf([30, 5], [10, 25]), [10, 5, 20, 20]);
  assert.deepEqual(
    boundingFrame([
      [0, 10, 20, 20],
      [50, 0, 10, 10],
    ]),
    [0, 0, 60, 30],
  );
  assert.equal(boundingFrame([]), null);
});

test("a box selects what is whole in it, and not what is inside a VM that is", () => {
  const parts = new Map([
    ["host", place("host", 0, 0, 400, 400)],
    ["HV1", place("nested-host", 10, 10, 100, 100)],
    ["HV1/web1", place("vm", 20, 20)],
    ["adapter:HV1/0", place("adapter", 50, 90, 2, 15)],
    ["db1", place("vm", 150, 10)],
    ["far", place("vm", 300, 10)],
  ]);
  assert.deepEqual(partsWithin(parts, [5, 5, 200, 200]), ["HV1", "db1"]);
  assert.deepEqual(partsWithin(parts, [15, 15, 40, 40]), ["HV1/web1"]);
});

test("VMs move into the innermost host, and not into themselves", () => {
  const box = (id, kind, x, width) => ({ id, kind, x, y: 0, width, height: width });
  const boxes = [
    box("host", "host", 0, 400),
    box("HV1", "nested-host", 10, 100),
    box("HV1/HV2", "nested-host", 20, 50),
    box("db1", "vm", 200, 50),
  ];
  assert.equal(hostAt(boxes, [30, 30], ["db1"]), "HV1/HV2");
  assert.equal(hostAt(boxes, [210, 30], ["db1"]), "host");
  assert.equal(hostAt(boxes, [30, 30], ["HV1"]), "host");
  assert.equal(hostAt(boxes, [900, 30], ["db1"]), null);
});

test("the nearest adapter within reach is hit", () => {
  const lines = [
    {
      id: "adapter:a/0",
      points: [
        [10, 0],
        [10, 50],
      ],
    },
    {
      id: "adapter:b/0",
      points: [
        [30, 0],
        [30, 50],
        [60, 50],
      ],
    },
  ];
  assert.equal(nearestLine(lines, [14, 20], 12), "adapter:a/0");
  assert.equal(nearestLine(lines, [45, 56], 12), "adapter:b/0");
  assert.equal(nearestLine(lines, [20, 80], 12), null);
});

test("parts are found by name and by address, all words of a text", () => {
  const picture = {
    labels: [
      { owner: "HV1/web1", text: "web1" },
      { owner: "adapter:HV1/web1/0", text: "10.0.0.11" },
      { owner: "HV1", text: "L1" },
    ],
  };
  const ids = ["host", "HV1", "HV1/web1", "adapter:HV1/web1/0", "switch:HV1/Net"];
  assert.deepEqual(matching(picture, ids, "WEB"), ["HV1/web1", "adapter:HV1/web1/0"]);
  assert.deepEqual(matching(picture, ids, "10.0.0.11"), ["adapter:HV1/web1/0"]);
  assert.deepEqual(matching(picture, ids, "hv1 net"), ["switch:HV1/Net"]);
  assert.deepEqual(matching(picture, ids, "switch"), []);
  assert.deepEqual(matching(picture, ids, " "), []);
});
