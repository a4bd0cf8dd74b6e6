#!/usr/bin/env bash
# networkx 3.6.1: the `id` of a node (every Hyper-V VM has one) is lost, or replaces its name.
# A careful engineer would guess: an attribute is an attribute, and goes through every format that
# can hold a text.
# Instead, GEXF takes `id` as the name of the node, so that `web` comes back as 7f3c; the JSON of
# node_link_data drops it, and GML drops `label` as well, on nodes but not on links. GraphML and
# the Cytoscape JSON keep both (Cytoscape adds `name` and `value`). No writer reports anything.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q networkx==3.6.1 2>/dev/null
cat > run.py <<'EOF'
import io, json, networkx
lab = networkx.Graph()
lab.add_node("web", id="7f3c", label="Web server")
lab.add_node("Lan", id="19aa", label="LAN")
lab.add_edge("web", "Lan", id="e1")
def through_file(kind):
    file = io.BytesIO()
    getattr(networkx, f"write_{kind}")(lab, file)
    file.seek(0)
    return getattr(networkx, f"read_{kind}")(file)
def through_json(kind):
    data = getattr(networkx, f"{kind}_data")(lab)
    return getattr(networkx, f"{kind}_graph")(json.loads(json.dumps(data)))
for kind in ("graphml", "gexf", "gml", "cytoscape", "node_link"):
    back = through_json(kind) if kind in ("cytoscape", "node_link") else through_file(kind)
    node, attributes = next(iter(back.nodes(data=True)))
    print(kind, node, attributes, [link[2]["id"] for link in back.edges(data=True)])
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
graphml web {'id': '7f3c', 'label': 'Web server'} ['e1']
gexf 7f3c {'label': 'Web server'} ['e1']
gml web {} ['e1']
cytoscape web {'id': '7f3c', 'label': 'Web server', 'value': 'web', 'name': 'web'} ['e1']
node_link web {'label': 'Web server'} ['e1']
EOF
echo "As described."
