#!/usr/bin/env bash
# mermaid 11.17.2 (npm): in a flowchart, the account LAB\nora is LAB and, on the next line, ora.
# A careful engineer would guess: a label in quotes is the text between them, and `<br>` breaks a line;
# what cannot be written as it is, can be by its number (`#92;`), as the documentation says.
# Instead, a backslash before an n breaks the line in the labels of nodes, links and boxes. No other
# letter does (LAB\tom stays), nor any other kind of diagram, and a second backslash does not help. The
# number does with HTML labels alone: with `htmlLabels: false`, for pictures that other programs show,
# it is drawn as &#92; and nothing else. Backquotes within the quotes (a Markdown text) work with both.
# Chromium draws the same.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm install --silent --no-audit --no-fund mermaid@11.17.2 jsdom@29.1.1 >/dev/null 2>&1
cat > run.mjs <<'END'
import {JSDOM} from 'jsdom';
globalThis.window = new JSDOM('<body></body>').window;
globalThis.document = window.document;
globalThis.CSSStyleSheet = class { cssRules = []; replaceSync() {} insertRule() {} };  // What jsdom does not have.
window.SVGElement.prototype.getBBox = () => ({x: 0, y: 0, width: 100, height: 20});
window.SVGElement.prototype.getComputedTextLength = () => 50;
const mermaid = (await import('mermaid')).default;

let number = 0;
async function lines(text) {
  const {svg} = await mermaid.render(`picture${number++}`, text);
  const breaks = /<br\s*\/?>|<\/tspan>\s*<tspan[^>]*class="[^"]*outer/g;
  return svg.replace(/<style>.*?<\/style>/gs, '').replace(breaks, ' / $&').replace(/<[^>]*>/g, '').replaceAll('&amp;', '&').trim();
}
for (const htmlLabels of [true, false]) {
  mermaid.initialize({startOnLoad: false, htmlLabels});
  console.log(`htmlLabels: ${htmlLabels}`);
  for (const label of ['LAB\\nora', 'LAB\\tom', 'LAB\\\\nora', 'LAB#92;nora', '`LAB\\nora`'])
    console.log(`  flowchart, "${label}": ${await lines(`flowchart LR\na["${label}"]`)}`);
  console.log(`  class diagram: ${await lines('classDiagram\nclass a["LAB\\nora"]')}`);
}
process.exit(0);
END
node run.mjs | tee seen
diff - seen <<'END'
htmlLabels: true
  flowchart, "LAB\nora": LAB / ora
  flowchart, "LAB\tom": LAB\tom
  flowchart, "LAB\\nora": LAB\ / ora
  flowchart, "LAB#92;nora": LAB\nora
  flowchart, "`LAB\nora`": LAB\nora
  class diagram: LAB\nora
htmlLabels: false
  flowchart, "LAB\nora": LAB / ora
  flowchart, "LAB\tom": LAB\tom
  flowchart, "LAB\\nora": LAB\ / ora
  flowchart, "LAB#92;nora": LAB&#92;nora
  flowchart, "`LAB\nora`": LAB\nora
  class diagram: LAB\nora
END
echo "As described."
