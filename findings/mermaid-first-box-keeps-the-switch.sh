#!/usr/bin/env bash
# mermaid 11.17.2: a switch is drawn in the box of the host whose link names it first.
# A careful engineer would guess: `subgraph net` lists `Lan`, so Lan is in the box `net`; a link
# inside another box only uses the name.
# Instead, whatever is named within a subgraph is a member, and the first one keeps it: the box that
# lists the switch is empty, and the switch sits in the first host, as if it were that host's own.
# A VM that links to its host makes the host a member of itself. Nothing is reported. Links have to
# be written outside of all boxes, behind them.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm install --silent --no-audit --no-fund mermaid@11.17.2 jsdom@29.1.1 >/dev/null 2>&1
cat > run.mjs <<'EOF'
import {JSDOM} from 'jsdom';
globalThis.window = new JSDOM('<body></body>').window;
globalThis.document = window.document;
const mermaid = (await import('mermaid')).default;
mermaid.initialize({startOnLoad: false});
const boxes = 'subgraph HV1\nweb1\nIN1\nend\nsubgraph HV2\nweb2\nIN2\nend\nsubgraph net\nLan\nend\n';
const links = 'web1 --- Lan\nweb2 --- Lan\n';
const drawings = {
  'links inside': boxes.replace('IN1', 'web1 --- Lan').replace('IN2', 'web2 --- Lan'),
  'links behind': boxes.replace('IN1\n', '').replace('IN2\n', '') + links,
  'link to the host': 'subgraph HV1\nweb1\nweb1 --- HV1\nend\n',
};
for (const [title, text] of Object.entries(drawings)) {
  const drawing = await mermaid.mermaidAPI.getDiagramFromText('flowchart LR\n' + text);
  console.log(title + ':', drawing.db.getSubGraphs().map(box => `${box.id} has ${box.nodes.sort().join(' and ') || 'nothing'}`).join(', '));
}
process.exit(0);
EOF
node run.mjs | tee seen
diff - seen <<'EOF'
links inside: HV1 has Lan and web1, HV2 has web2, net has nothing
links behind: HV1 has web1, HV2 has web2, net has Lan
link to the host: HV1 has HV1 and web1
EOF
echo "As described."
