#!/usr/bin/env bash
# networkx 3.6.1 beside igraph 1.0.0: two cables between a host and a switch count as one.
# A careful engineer would guess: in a MultiGraph parallel links are links of their own, so a host
# with two uplinks has edge connectivity 2, and a graph without its minimum cut is in two parts.
# Instead, `edge_connectivity` is 1, `minimum_edge_cut` names one cable, without which the graph is
# still connected, and there is one edge-disjoint path, while `bridges` on the same graph counts
# both cables and finds no single point of failure. None of them refuses a multigraph, as the flow
# functions do; igraph says 2. A check for redundant uplinks (a team, SET) that uses connectivity
# reports a failure that does not exist.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q networkx==3.6.1 igraph==1.0.0 2>/dev/null
cat > run.py <<'EOF'
import igraph
import networkx as nx

lab = nx.MultiGraph([("HV1", "Tor"), ("HV1", "Tor"), ("Tor", "Core"), ("Tor", "Core")])
cut = nx.minimum_edge_cut(lab, "HV1", "Core")
rest = lab.copy()
rest.remove_edges_from(cut)
print("networkx connectivity", nx.edge_connectivity(lab), "cables in the minimum cut", len(cut))
print("networkx without the cut:", "connected" if nx.is_connected(rest) else "separated")
print("networkx disjoint paths", len(list(nx.edge_disjoint_paths(lab, "HV1", "Core"))))
print("networkx bridges", list(nx.bridges(lab)))
try:
    nx.maximum_flow_value(lab, "HV1", "Core")
except nx.NetworkXError as error:
    print("networkx flow:", error)
print("igraph connectivity", igraph.Graph.TupleList(lab.edges()).edge_connectivity())
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
networkx connectivity 1 cables in the minimum cut 1
networkx without the cut: connected
networkx disjoint paths 1
networkx bridges []
networkx flow: MultiGraph and MultiDiGraph not supported (yet).
igraph connectivity 2
EOF
echo "As described."
