import assert from "node:assert/strict";
import { test } from "node:test";
import { sizeText, themed } from "../../nestlab/notebook/static/document.js";
import {
  countText,
  kindOf,
  startsOpen,
  verdictTexts,
} from "../../nestlab/notebook/static/report.js";
import { effects, noteParts, scriptOf } from "../../nestlab/notebook/static/steps.js";
import { tr, useTexts } from "../../nestlab/notebook/static/texts.js";

test("a verdict is divided into what it says and why", () => {
  assert.deepEqual(verdictTexts("HV01 can carry nested hosts: because: of this", "HV01"), [
    "Can carry nested hosts",
    "Because: of this",
  ]);
  assert.deepEqual(verdictTexts("nothing is known", "HV01"), ["Nothing is known", undefined]);
});

const finding = (changes) => ({ severity: "info", hint: "", fix: [], code: "memory", ...changes });

test("a note that leaves something to do is not a tick", () => {
  assert.equal(kindOf(finding({})), "info");
  assert.equal(kindOf(finding({ hint: "Add memory." })), "note");
  assert.equal(kindOf(finding({ fix: ["Set-VM"] })), "note");
  assert.equal(kindOf(finding({ code: "vm-not-ready" })), "note");
  assert.equal(kindOf(finding({ severity: "error", hint: "Add memory." })), "error");
});

test("findings are counted by kind, the worst first", () => {
  const findings = [
    finding({}),
    finding({ severity: "error" }),
    finding({ hint: "x" }),
    finding({}),
  ];
  assert.equal(countText(findings), "✗ 1  ℹ 1  ✓ 2");
  assert.equal(countText([]), "no findings");
});

test("a group is open at first where something needs attention", () => {
  const fine = finding({});
  const many = Array(20).fill(finding({ hint: "x" }));
  assert.equal(startsOpen([]), false);
  assert.equal(startsOpen([fine, fine]), false);
  assert.equal(startsOpen([fine, finding({ hint: "x" })]), true);
  assert.equal(startsOpen([fine, finding({ severity: "warning" })]), true);
  assert.equal(startsOpen(many), false);
  assert.equal(startsOpen([...many, finding({ severity: "error" })]), true);
});

test("a step says its hazard, and how it takes effect where that is not at once", () => {
  assert.equal(effects({ hazard: "none", effect: "live" }), "");
  assert.equal(effects({ hazard: "stops-vm", effect: "restart" }), "stops the VM");
  assert.equal(
    effects({ hazard: "deletes-data", effect: "recreate" }),
    "deletes data, recreates the VM",
  );
  assert.equal(effects({ hazard: "something-new", effect: "live" }), "something-new");
});

test("an address at the end of a line of a note is a link", () => {
  assert.deepEqual(noteParts("It failed.\nWhy: see https://example.com/a\nplain"), [
    "It failed.",
    [{ text: "Why: see ", address: "https://example.com/a" }, { text: "plain" }],
  ]);
  assert.deepEqual(noteParts("x\nhttps://example.com/a"), [
    "x",
    [{ text: "", address: "https://example.com/a" }],
  ]);
});

test("the size of a file is given in the unit that fits", () => {
  assert.equal(sizeText(1023), "1023 bytes");
  assert.equal(sizeText(1536), "2 KB");
  assert.equal(sizeText(5 * 1024 * 1024), "5.0 MB");
});

test("a page is shown in the theme of the notebook, and its text is left alone", () => {
  const style = "color-scheme: light dark; @media screen and (prefers-color-scheme: dark) {}";
  const page = `<style>${style}</style><p>${style}</p>`;
  assert.equal(
    themed(page, true),
    `<style>color-scheme: dark; @media screen and (min-width: 0) {}</style><p>${style}</p>`,
  );
  assert.match(themed(page, false), /^<style>color-scheme: light; .*\(max-width: 0\)/);
});

test("a text is shown in the language of the model in use, with its values", () => {
  const model = (texts) => ({ get: (name) => ({ texts })[name] });
  useTexts(model({ "Choose {vm}": "Elegir {vm}" }));
  assert.equal(tr("Choose {vm}", { vm: "HV1" }), "Elegir HV1");
  assert.equal(tr("Cancel"), "Cancel");
  useTexts(model(undefined));
  assert.equal(tr("Choose {vm}", { vm: "{vm} $&" }), "Choose {vm} $&");
});

test("the steps that have not run are one script, with a comment on each", () => {
  const step = (id, cmdlets) => ({ id, title: `Create ${id}`, machine: "host", cmdlets });
  const steps = [step("a", ["New-A"]), step("wait 1", []), step("b", ["New-B", "Set-B"])];
  assert.equal(scriptOf(steps, {}), "# host: Create a\nNew-A\n\n# host: Create b\nNew-B\nSet-B");
  assert.equal(scriptOf(steps, { a: "done" }), "# host: Create b\nNew-B\nSet-B");
  assert.equal(scriptOf(steps, { a: "done", b: "failed" }), "");
});
