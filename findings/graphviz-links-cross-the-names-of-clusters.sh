#!/usr/bin/env bash
# Graphviz (@hpcc-js/wasm-graphviz 1.29.2, layout dot): links run through the names of clusters.
# A careful engineer would guess: edges are routed around what is drawn, as they are around the boxes
# of nodes they do not belong to, so that `splines=true`, or at least `ortho`, keeps every text free.
# Instead, the label of a cluster is no obstacle in any of the modes: a link into a cluster is drawn
# straight through its name. In a picture of a lab each host is a cluster, and the link to what runs
# in it crosses the host's name. A name that has to stay legible must be a node inside the cluster.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm install --silent --no-audit --no-fund @hpcc-js/wasm-graphviz@1.29.2 >/dev/null 2>&1
cat > run.mjs <<'EOF'
import {Graphviz} from '@hpcc-js/wasm-graphviz';
const graphviz = await Graphviz.load();
const lab = splines => `graph lab {
  splines=${splines}; node [shape=box];
  uplink [shape=ellipse];
  subgraph cluster_host {
    label="server HV01"; bridge;
    subgraph cluster_nested { label="nested host HV1"; inner; web1; web2; inner -- web1; inner -- web2 }
    bridge -- inner }
  uplink -- bridge }`;
const inches = 72;
const around = ([x, y], width, height) => point =>
  Math.abs(point[0] - x) < width / 2 && Math.abs(point[1] - y) < height / 2;
const numbers = text => text.split(',').map(Number);
function points(position) {
  const all = position.split(' ').map(numbers), found = [];
  for (let first = 0; first + 3 < all.length; first += 3)
    for (let step = 0; step <= 50; step++) {
      const t = step / 50, u = 1 - t;
      const weights = [u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t];
      found.push([0, 1].map(axis => weights.reduce((sum, w, i) => sum + w * all[first + i][axis], 0)));
    }
  return found;
}
for (const splines of ['true', 'ortho', 'polyline', 'line']) {
  const {objects, edges} = JSON.parse(graphviz.layout(lab(splines), 'json', 'dot'));
  const names = [], boxes = [];
  for (const each of objects)
    if (each.name.startsWith('cluster'))
      names.push([each.label, around(numbers(each.lp), each.lwidth * inches, each.lheight * inches)]);
    else boxes.push([each._gvid, around(numbers(each.pos), each.width * inches, each.height * inches)]);
  const crossed = new Set();
  let others = 0;
  for (const edge of edges) {
    const line = points(edge.pos);
    for (const [name, inside] of names) if (line.some(inside)) crossed.add(name);
    for (const [box, inside] of boxes)
      if (![edge.tail, edge.head].includes(box) && line.some(inside)) others++;
  }
  console.log(`${splines}: boxes of other nodes crossed: ${others}; names crossed: ${[...crossed].sort().join(', ')}`);
}
EOF
node run.mjs | tee seen
diff - seen <<'EOF'
true: boxes of other nodes crossed: 0; names crossed: nested host HV1, server HV01
ortho: boxes of other nodes crossed: 0; names crossed: nested host HV1, server HV01
polyline: boxes of other nodes crossed: 0; names crossed: nested host HV1, server HV01
line: boxes of other nodes crossed: 0; names crossed: nested host HV1, server HV01
EOF
echo "As described."
