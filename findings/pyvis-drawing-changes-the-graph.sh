#!/usr/bin/env bash
# pyvis 0.3.2 with networkx 3.6.1: a graph that has been drawn has other shortest paths than before.
# A careful engineer would guess: `from_nx` reads the graph, makes nodes and edges of its own from it,
# and draws each edge.
# Instead, it writes into the graph that it is given: the `weight` of every link is renamed to `width`,
# so that afterwards all links cost the same for networkx, and every node gets a `size`. A VM's `size`
# in bytes is the diameter of its circle. Of two cables between the same machines, and of a route and
# the route back, one is drawn, since the drawing has no directions unless it is told so, and then
# drops the second edge. No error, no warning; `from_nx(graph.copy())` protects the graph.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pyvis==0.3.2 networkx==3.6.1 2>/dev/null
cat > draw.py <<'END'
import networkx
from pyvis.network import Network

lab = networkx.Graph()
lab.add_edge("site A", "site B", weight=100)
lab.add_edge("site A", "hub", weight=10)
lab.add_edge("hub", "site B", weight=10)
way = lambda: networkx.shortest_path(lab, "site A", "site B", weight="weight")
print("before:", " - ".join(way()))
Network().from_nx(lab)
print("after:", " - ".join(way()))
print("the slow line:", lab.edges["site A", "site B"], "the hub:", lab.nodes["hub"])

cables = networkx.MultiGraph()
cables.add_edge("HV1", "switch", name="uplink 1")
cables.add_edge("HV1", "switch", name="uplink 2")
routes = networkx.DiGraph()
routes.add_edge("lan", "dmz", metric=1)
routes.add_edge("dmz", "lan", metric=5)
for graph in (cables, routes):
    picture = Network()
    picture.from_nx(graph)
    print(graph.number_of_edges(), "edges, drawn:", [{k: v for k, v in edge.items() if k != "width"} for edge in picture.edges])
END
venv/bin/python draw.py | tee seen
diff - seen <<'END'
before: site A - hub - site B
after: site A - site B
the slow line: {'width': 100} the hub: {'size': 10}
2 edges, drawn: [{'name': 'uplink 1', 'from': 'HV1', 'to': 'switch'}]
2 edges, drawn: [{'metric': 1, 'from': 'lan', 'to': 'dmz'}]
END
echo "As described."
