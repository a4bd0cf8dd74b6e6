// The report of one host, or of several side by side: the verdict first, then groups; evidence on demand; "copy the fix".
function element(tag, name, text) {
  const node = document.createElement(tag);
  if (name) node.className = name;
  if (text !== undefined) node.textContent = text;
  return node;
}
const MARKS = { error: "✗", warning: "⚠", note: "ℹ", info: "✓" };
const SAYS = { error: "error", warning: "warning", note: "note", info: "fine" };
const VERDICTS = { "can-nest": "✓", "cannot-nest": "✗", "not-known": "?" };

async function copy(button, text) {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Without a secure context there is no clipboard: the old way.
    const area = element("textarea");
    area.value = text;
    button.after(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  button.textContent = "Copied ✓";
  setTimeout(() => { button.textContent = label; }, 1500);
}

function fix(finding) {
  const box = element("div", "nestlab-report-fix");
  box.append(element("span", "nestlab-report-where", `on ${finding.runs_on}:`), element("code", "", finding.fix.join("\n")));
  const button = element("button", "nestlab-report-copy", "Copy the fix");
  button.type = "button";
  button.setAttribute("aria-label", `Copy the fix for ${finding.subject}: ${finding.message}`);
  button.addEventListener("click", () => copy(button, finding.fix.join("\n")));
  box.append(button);
  return box;
}

function evidence(finding) {
  const fold = element("details", "nestlab-report-evidence");
  fold.append(element("summary", "", "evidence"));
  const list = element("dl");
  for (const [label, key] of [["read", "evidence"], ["rule", "rule"], ["source", "source"], ["code", "code"]]) {
    if (!finding[key]) continue;
    const value = element("dd");
    if (key === "source" && finding.source.startsWith("https://")) {
      const link = element("a", "", finding.source);
      link.href = finding.source;
      link.target = "_blank";
      link.rel = "noopener";
      value.append(link);
    } else value.textContent = finding[key];
    list.append(element("dt", "", label), value);
  }
  fold.append(list);
  return fold;
}

// A note that leaves something to do or to know is no tick.
const kind = (finding) => (finding.severity === "info" && (finding.hint || finding.fix.length || finding.code.endsWith("-not-ready")) ? "note" : finding.severity);

function item(finding) {
  const node = element("li", "nestlab-report-item");
  node.dataset.severity = finding.severity;
  const mark = element("span", "nestlab-report-mark", MARKS[kind(finding)]);
  mark.dataset.kind = kind(finding);
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", SAYS[kind(finding)]);
  const body = element("div", "nestlab-report-body");
  const line = element("div");
  if (finding.subject !== "host") line.append(element("b", "", finding.subject), " ");
  line.append(finding.message);
  body.append(line);
  if (finding.hint) body.append(element("div", "nestlab-report-hint", finding.hint));
  if (finding.fix.length) body.append(fix(finding));
  body.append(evidence(finding));
  node.append(mark, body);
  return node;
}

function verdict(report) {
  // "HV01 can carry nested hosts, as far as could be read: why" is a line of its own here, and the name stands below it.
  const [said, reason] = report.verdict.message.split(/: (.*)/s);
  const short = said.startsWith(`${report.name} `) ? said.slice(report.name.length + 1) : said;
  const words = short.charAt(0).toUpperCase() + short.slice(1);
  const box = element("div", "nestlab-report-verdict");
  box.dataset.verdict = report.verdict.code;
  const mark = element("span", "nestlab-report-icon", VERDICTS[report.verdict.code] ?? "?");
  mark.setAttribute("aria-hidden", "true");
  const body = element("div");
  body.append(element("div", "nestlab-report-words", words), element("div", "nestlab-report-host", `${report.name} · ${report.host} · ${report.system}`));
  if (reason) body.append(element("div", "nestlab-report-reason", reason));
  box.append(mark, body);
  return box;
}

function count(findings) {
  const n = (wanted) => findings.filter((f) => kind(f) === wanted).length;
  const parts = [[n("error"), "✗"], [n("warning"), "⚠"], [n("note"), "ℹ"], [n("info"), "✓"]].filter(([number]) => number);
  return parts.map(([number, mark]) => `${mark} ${number}`).join("  ") || "nothing to say";
}

function group(name, findings, open, of) {
  const fold = element("details", "nestlab-report-group");
  fold.open = open ?? (name !== "VMs" || findings.length <= 12);
  const summary = element("summary", "", name);
  if (of) summary.append(element("span", "nestlab-report-of", of));
  summary.append(element("span", "nestlab-report-count", count(findings)));
  const list = element("ul");
  list.append(...findings.map(item));
  fold.append(summary, list);
  return fold;
}

function render({ model, el }) {
  const grid = element("div", "nestlab-report");
  el.append(grid);
  const open = {}; // what somebody folded stays folded when the host is read again
  function show() {
    const reports = model.get("reports");
    grid.style.setProperty("--columns", reports.length);
    const cells = reports.map(verdict);
    const names = reports.length ? reports[0].groups.map((g) => g.name) : [];
    for (const name of names) {
      const row = reports.map((report) => group(name, report.groups.find((g) => g.name === name)?.findings ?? [], open[name], reports.length > 1 ? report.host : ""));
      for (const fold of row) fold.addEventListener("toggle", () => {
        open[name] = fold.open;
        for (const other of row) other.open = fold.open;
      });
      cells.push(...row);
    }
    grid.replaceChildren(...cells);
  }
  model.on("change:reports", show);
  show();
}
export default { render };
