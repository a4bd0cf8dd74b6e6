import assert from "node:assert/strict";
import { test } from "node:test";

import { nameParts } from "../../nestlab/notebook/static/names.js";

test("names of cmdlets and parameters stay whole, and other text may break", () => {
  const text = "Set-VM -Name 'legacy-2012' -Passthru | Get-VM\nnestlab up --turn-off C:\\a-b";
  const parts = nameParts(text);
  const names = parts.filter(({ isName }) => isName).map((part) => part.text);
  assert.deepEqual(names, ["Set-VM", "-Name", "-Passthru", "Get-VM", "--turn-off"]);
  assert.equal(parts.map((part) => part.text).join(""), text);
});
