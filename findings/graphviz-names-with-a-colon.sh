#!/usr/bin/env bash
# graphviz 0.21 and pydot 4.0.1: an adapter named by its MAC address is not one node.
# A careful engineer would guess: a library that quotes names quotes one with colons too, and the
# same text means the same node in every call.
# Instead, both packages split the text into node and port, each in its own way: pydot declares all
# Hyper-V adapters as one node 00 and drops the rest, while its edges split at the last colon; the
# graphviz package quotes the whole name in node() and splits at the first colon in edge(). Links
# then end at nodes that were never declared. A key without colons, with the address as its label,
# avoids it in both.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q graphviz==0.21 pydot==4.0.1 2>/dev/null
cat > run.py <<'EOF'
import graphviz, pydot
adapters = ["00:15:5d:00:00:01", "00:15:5d:00:00:02"]
def by_graphviz(names):
    graph = graphviz.Graph()
    for name in names:
        graph.node(name)
    graph.edge(*names)
    return graph.source
def by_pydot(names):
    graph = pydot.Dot(graph_type="graph")
    for name in names:
        graph.add_node(pydot.Node(name))
    graph.add_edge(pydot.Edge(*names))
    return graph.to_string()
for draw in (by_graphviz, by_pydot):
    print(draw.__name__, " ".join(draw(adapters).split()))
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
by_graphviz graph { "00:15:5d:00:00:01" "00:15:5d:00:00:02" 00:15:5d:00:00:01 -- 00:15:5d:00:00:02 }
by_pydot graph G { 00; 00; "00:15:5d:00:00":01 -- "00:15:5d:00:00":02; }
EOF
echo "As described."
