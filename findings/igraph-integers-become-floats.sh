#!/usr/bin/env bash
# igraph 1.0.0: a VLAN is 10.0 after GraphML, and an adapter's `mac_address` is `macaddress` in GML.
# A careful engineer would guess: attributes keep their names and types in GraphML, which has types
# for integers; networkx keeps both.
# Instead, every number is written as a double: 10 comes back as 10.0, a missing VLAN as NaN, an
# identifier above 2**53 as its neighbour, also for the networkx that reads the file ("VLAN 10.0"
# in labels, and 10.0 where an integer is wanted). GML removes the underscore of the name as well,
# and makes numbers of truth values. Only the latter is reported, as a warning; pickle keeps all.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q igraph==1.0.0 networkx==3.6.1 2>/dev/null
cat > run.py <<'EOF'
import warnings

import igraph
import networkx as nx

warnings.simplefilter("ignore")
lab = igraph.Graph()
lab.add_vertices(["web", "db"])
lab.vs["mac_address"] = ["00155D000001", "00155D000002"]
lab.vs["vlan"] = [10, None]
lab.vs["serial"] = [9007199254740993, 7]
lab.vs["running"] = [True, False]
lab.add_edges([("web", "db")])
for kind in ("graphml", "gml", "pickle"):
    lab.write(f"lab.{kind}", format=kind)
    for vertex in igraph.Graph.Read(f"lab.{kind}", format=kind).vs:
        print(kind, {name: value for name, value in vertex.attributes().items() if name != "id"})
web = nx.read_graphml("lab.graphml").nodes["n0"]
print("networkx", web["vlan"], web["serial"])
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
graphml {'name': 'web', 'mac_address': '00155D000001', 'vlan': 10.0, 'serial': 9007199254740990.0, 'running': True}
graphml {'name': 'db', 'mac_address': '00155D000002', 'vlan': nan, 'serial': 7.0, 'running': False}
gml {'name': 'web', 'macaddress': '00155D000001', 'vlan': 10.0, 'serial': 9007199254740990.0, 'running': 1.0}
gml {'name': 'db', 'macaddress': '00155D000002', 'vlan': nan, 'serial': 7.0, 'running': 0.0}
pickle {'name': 'web', 'mac_address': '00155D000001', 'vlan': 10, 'serial': 9007199254740993, 'running': True}
pickle {'name': 'db', 'mac_address': '00155D000002', 'vlan': None, 'serial': 7, 'running': False}
networkx 10.0 9007199254740990.0
EOF
echo "As described."
