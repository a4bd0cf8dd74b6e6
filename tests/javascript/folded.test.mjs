import assert from "node:assert/strict";
import { test } from "node:test";
import { withInside } from "../../nestlab/notebook/designer/static/folded.js";

const PARTS = [
  { id: "HV1", folded: true },
  { id: "HV2" },
  { id: "HV2/web1" },
  { id: "adapter:HV1/0" },
  { id: "switch:host/Net" },
];
const ERROR = { part: "HV1/web1", severity: "error", message: "no memory" };
const WARNING = { part: "HV1", severity: "warning", message: "no gateway" };
const HINT = { part: "switch:HV1/In", severity: "info", message: "no address" };

test("a folded host has the worst finding of the parts inside, as they are sorted", () => {
  assert.deepEqual(withInside(PARTS, [ERROR, WARNING], {}).findings.get("HV1"), ERROR);
  assert.deepEqual(withInside(PARTS, [WARNING, ERROR], {}).findings.get("HV1"), WARNING);
  assert.equal(withInside(PARTS, [HINT], {}).findings.get("HV1"), undefined);
  assert.equal(withInside([{ id: "HV1" }], [ERROR], {}).findings.get("HV1"), undefined);
});

test("a folded host has the worst state of the parts inside and its own", () => {
  const states = { "HV1": "done", "HV1/web1": "planned", "HV2/web1": "failed" };
  assert.equal(withInside(PARTS, [], states).states.get("HV1"), "planned");
  const failed = { ...states, "adapter:HV1/web1/0": "failed", "switch:HV1/In": "drifted" };
  assert.equal(withInside(PARTS, [], failed).states.get("HV1"), "failed");
  assert.equal(withInside(PARTS, [], failed).states.get("HV2"), undefined);
});

test("an adapter of a folded host is in the picture and keeps its own mark", () => {
  const finding = { part: "adapter:HV1/0", severity: "error", message: "no switch" };
  const shown = withInside(PARTS, [finding], { "adapter:HV1/0": "failed" });
  assert.equal(shown.findings.get("HV1"), undefined);
  assert.equal(shown.states.get("HV1"), undefined);
  assert.equal(shown.findings.get("adapter:HV1/0"), finding);
  assert.equal(shown.states.get("adapter:HV1/0"), "failed");
});
