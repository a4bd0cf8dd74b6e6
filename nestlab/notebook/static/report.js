// @ts-check
// The report of one host, or of several side by side: the verdict first, then groups of findings,
// each with its evidence collapsed and a button that copies the fix.
import { copy } from "./copy.js";
import { element } from "./dom.js";
import { cmdletText } from "./names.js";
import { marked, tr, useTexts } from "./texts.js";

/**
 * @typedef {import("./dom.js").Model} Model
 * @typedef {{severity: string, subject: string, message: string, hint: string, code: string,
 *   evidence: string, requirement: string, source: string, fix: string[], runs_on: string}} Finding
 * @typedef {{name: string, findings: Finding[]}} Group
 * @typedef {{name: string, host: string, system: string, groups: Group[],
 *   verdict: {code: string, message: string, hint: string}}} Report
 */

/** @type {Record<string, string>} */
const MARKS = { error: "✗", warning: "⚠", note: "ℹ", info: "✓" };
/** @type {Record<string, string>} */
const NAMES = {
  error: marked("error"),
  warning: marked("warning"),
  note: marked("note"),
  info: marked("OK"),
};
/** @type {Record<string, string>} */
const VERDICTS = { "can-nest": "✓", "cannot-nest": "✗", "nesting-not-known": "?" };
const FEW = 12; // findings that are shown without a click if some need attention

/** @param {Finding} finding */
function fixOf(finding) {
  const { subject, message } = finding;
  const text = finding.fix.join("\n");
  const copied = tr("Copied ✓");
  const button = element("button", "nestlab-report-copy", tr("Copy the fix"));
  button.type = "button";
  const label = tr("Copy the fix for {subject}: {message}", { subject, message });
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => copy(button, text, copied));
  const box = element("div", "nestlab-report-fix");
  const machine = tr("on {machine}:", { machine: finding.runs_on });
  const where = element("span", "nestlab-report-where", machine);
  box.append(where, cmdletText("code", text), button);
  return box;
}

/** @param {Finding} finding */
function evidenceOf(finding) {
  const list = element("dl");
  const rows = [
    [tr("read"), finding.evidence],
    [tr("rule"), finding.requirement],
    [tr("source"), finding.source],
    [tr("meaning"), `nestlab.explain('${finding.code}')`],
  ];
  for (const [label, text] of rows.filter(([, text]) => text)) {
    const value = element("dd");
    value.append(text === finding.source && text.startsWith("https://") ? linkTo(text) : text);
    list.append(element("dt", "", label), value);
  }
  const fold = element("details", "nestlab-report-evidence");
  fold.append(element("summary", "", tr("evidence")), list);
  return fold;
}

/** @param {string} address */
function linkTo(address) {
  const link = element("a", "", address);
  Object.assign(link, { href: address, target: "_blank", rel: "noopener" });
  return link;
}

/**
 * Return how a finding is marked. An info finding with a hint or fix is a note, not a check mark.
 * @param {Finding} finding
 */
export function kindOf({ severity, hint, fix, code }) {
  const isNote = hint || fix.length || code.endsWith("-not-ready");
  return severity === "info" && isNote ? "note" : severity;
}

/** @param {Finding} finding */
function item(finding) {
  const kind = kindOf(finding);
  const mark = element("span", "nestlab-report-mark", MARKS[kind]);
  mark.dataset.kind = kind;
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", tr(NAMES[kind]));
  const line = element("div");
  if (finding.subject !== "host") line.append(element("b", "", finding.subject), " ");
  line.append(finding.message);
  const body = element("div", "nestlab-report-body");
  body.append(line);
  if (finding.hint) body.append(element("div", "nestlab-report-hint", finding.hint));
  if (finding.fix.length) body.append(fixOf(finding));
  body.append(evidenceOf(finding));
  const node = element("li", "nestlab-report-item");
  node.dataset.severity = finding.severity;
  node.append(mark, body);
  return node;
}

/**
 * Divide a verdict into what it says and why; the name of the host is shown below it.
 *
 * "HV01 can run nested hosts: why" becomes "Can run nested hosts" and "Why".
 * @param {string} message
 * @param {string} name
 * @returns {[text: string, reason: string | undefined]}
 */
export function verdictTexts(message, name) {
  const [text, reason] = message.split(/: (.*)/s);
  const short = text.startsWith(`${name} `) ? text.slice(name.length + 1) : text;
  return [capital(short), reason && capital(reason)];
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** @param {Report} report */
function verdict({ verdict: { code, message, hint }, name, host, system }) {
  const [text, reason] = verdictTexts(message, name);
  const mark = element("span", "nestlab-report-icon", VERDICTS[code] ?? "?");
  mark.setAttribute("aria-hidden", "true");
  const body = element("div");
  body.append(element("div", "nestlab-report-words", text));
  body.append(element("div", "nestlab-report-host", `${name} · ${host} · ${system}`));
  if (reason) body.append(element("div", "nestlab-report-reason", reason));
  if (hint) body.append(element("div", "nestlab-report-reason", `→ ${hint}`));
  const box = element("div", "nestlab-report-verdict");
  box.dataset.verdict = code;
  box.append(mark, body);
  return box;
}

/**
 * Return the number of findings of each kind, as text.
 * @param {Finding[]} findings
 */
export function countText(findings) {
  const parts = ["error", "warning", "note", "info"]
    .map((kind) => [kind, findings.filter((finding) => kindOf(finding) === kind).length])
    .filter(([, number]) => number);
  return parts.map(([kind, number]) => `${MARKS[kind]} ${number}`).join("  ") || tr("no findings");
}

/**
 * Return whether a group is open at first: one with an error, or a short one with a note.
 * @param {Finding[]} findings
 */
export function startsOpen(findings) {
  const kinds = findings.map(kindOf);
  const few = findings.length <= FEW;
  return kinds.includes("error") || (few && kinds.some((kind) => kind !== "info"));
}

/**
 * @param {string} name
 * @param {Finding[]} findings
 * @param {boolean | undefined} open whether the user opened it; undefined before that
 * @param {string} host named where there are several reports
 */
function group(name, findings, open, host) {
  const summary = element("summary", "", name);
  if (host) summary.append(element("span", "nestlab-report-of", host));
  summary.append(element("span", "nestlab-report-count", countText(findings)));
  const list = element("ul");
  list.append(...findings.map(item));
  const fold = element("details", "nestlab-report-group");
  fold.open = open ?? startsOpen(findings);
  fold.append(summary, list);
  return fold;
}

/** @param {{model: Model, el: HTMLElement}} context */
function render({ model, el }) {
  const grid = element("div", "nestlab-report");
  el.append(grid);
  /** @type {Record<string, boolean>} groups stay open or closed when the host is read again */
  const open = {};
  /**
   * @param {string} name
   * @param {Report[]} reports
   */
  function row(name, reports) {
    const folds = reports.map((report) => {
      const found = report.groups.find((candidate) => candidate.name === name);
      const host = reports.length > 1 ? report.host : "";
      return group(name, found?.findings ?? [], open[name], host);
    });
    for (const fold of folds) {
      fold.addEventListener("toggle", () => {
        open[name] = fold.open;
        for (const other of folds) other.open = fold.open;
      });
    }
    return folds;
  }
  function show() {
    useTexts(model);
    /** @type {Report[]} */
    const reports = model.get("reports");
    grid.style.setProperty("--columns", String(reports.length));
    const groups = reports.length ? reports[0].groups : [];
    const rows = groups.flatMap(({ name }) => row(name, reports));
    grid.replaceChildren(...reports.map(verdict), ...rows);
  }
  model.on("change:reports", show);
  show();
}
export default { render };
