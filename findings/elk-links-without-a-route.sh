#!/usr/bin/env bash
# elkjs 0.12.1: of a graph of boxes in boxes (a host, VMs in a nested host), only one of its layouts draws every link.
# One would guess: an algorithm that cannot route a link out of a box says so.
# Seen: stress, force, mrtree, radial, rectpacking, box and disco place all boxes and return the link from an inner box to an outer one without
# `sections`, so nothing can be drawn, and without an error; `hierarchyHandling: INCLUDE_CHILDREN` changes that for layered alone. A link from a VM
# to the nested host around it is refused by all of them, and drawn by layered with included children.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
npm install --silent --no-audit --no-fund elkjs@0.12.1 >/dev/null 2>&1
cat > run.mjs <<'EOF'
import ELK from 'elkjs/lib/elk.bundled.js';
const elk = new ELK();
const graph = (algorithm, hierarchy, own) => ({
  id: 'host', layoutOptions: {'elk.algorithm': algorithm, 'elk.hierarchyHandling': hierarchy},
  children: [{id: 'HV1', children: [{id: 'web1', width: 50, height: 20}, {id: 'inner', width: 50, height: 20}]}, {id: 'Lan', width: 80, height: 20}],
  edges: [{id: 'up', sources: ['web1'], targets: ['Lan']}, {id: 'in', sources: ['web1'], targets: ['inner']},
          ...(own ? [{id: 'own', sources: ['web1'], targets: ['HV1']}] : [])],
});
for (const algorithm of ['layered', 'stress', 'force', 'mrtree', 'radial', 'rectpacking', 'box', 'disco']) {
  for (const hierarchy of ['SEPARATE_CHILDREN', 'INCLUDE_CHILDREN']) {
    const said = [];
    for (const own of [false, true]) {
      try {
        const drawn = await elk.layout(graph(algorithm, hierarchy, own));
        said.push(drawn.edges.map(edge => `${edge.id} ${edge.sections ? 'drawn' : 'nothing'}`).join(', '));
      } catch (error) { said.push('with own: refused'); }
    }
    console.log(`${algorithm} ${hierarchy}: ${said.join('; ')}`);
  }
}
process.exit(0);
EOF
node run.mjs | tee seen
sort -u <<'EOF' | diff - <(sed -E '/^layered/!s/^[a-z]+ [A-Z_]+/others/' seen | sort -u)
layered SEPARATE_CHILDREN: up nothing, in drawn; with own: refused
layered INCLUDE_CHILDREN: up drawn, in drawn; up drawn, in drawn, own drawn
others: up nothing, in drawn; with own: refused
EOF
echo "As described."
