#!/usr/bin/env bash
# igraph 1.0.0: the ids of the edges in a GraphML file come back as the ids of its nodes.
# A careful engineer would guess: `id` of an edge is the id that the file gives it, as for nodes, or is
# missing. With it one finds the adapter that a link stands for.
# Instead, the first edge gets the id of the first node, the second that of the second, and so on; edges
# beyond the number of nodes have an empty id. Nothing is reported, and it looks plausible, since the ids
# are those of parts that exist; written again, they are no ids but an attribute of
# that name.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q igraph==1.0.0 2>/dev/null
cat > lab.graphml <<'EOF'
<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
  <graph edgedefault="undirected">
    <node id="HV1"/><node id="Lan"/><node id="web1"/>
    <edge id="hv1-uplink" source="HV1" target="Lan"/>
    <edge id="web1-lan" source="web1" target="Lan"/>
    <edge id="web1-backup" source="web1" target="Lan"/>
    <edge id="hv1-backup" source="HV1" target="Lan"/>
  </graph>
</graphml>
EOF
cat > run.py <<'EOF'
import igraph

graph = igraph.Graph.Read_GraphML("lab.graphml")
for edge in graph.es:
    print(graph.vs[edge.source]["id"], graph.vs[edge.target]["id"], "is called", repr(edge["id"]))
graph.write_graphml("again.graphml")
text = open("again.graphml").read()
print("written again:", text.count('<edge id="'), "ids,", text.count('<data key="e_id">'), "attributes")
EOF
venv/bin/python run.py 2>&1 | tee seen
diff - seen <<'EOF'
HV1 Lan is called 'HV1'
Lan web1 is called 'Lan'
Lan web1 is called 'web1'
HV1 Lan is called ''
written again: 0 ids, 4 attributes
EOF
echo "As described."
