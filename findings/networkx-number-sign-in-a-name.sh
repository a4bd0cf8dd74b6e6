#!/usr/bin/env bash
# networkx 3.6.1: an adapter called `Intel I350 #2`, as Windows names the second one, does not survive
# an edge list or adjacency list, whatever the delimiter.
# A careful engineer would guess: with `delimiter="\t"` on both sides, names may hold anything but a tab.
# Instead, the writers write `#` as it is, and the readers take the rest of the line as a comment: the
# name is cut, the attributes of that link are gone, and two adapters become one if a space does not
# keep them apart. An adjacency list loses all neighbours behind the sign. `comments=` for the reader
# helps; there is no such argument that makes the writer object.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q networkx==3.6.1 2>/dev/null
cat > run.py <<'EOF'
import io, networkx
lab = networkx.Graph()
for adapter in ("Intel I350 #2", "Intel I350", "NIC#1", "NIC#2"):
    lab.add_edge("Lan", adapter, vlan=10)
def back(kind, **options):
    file = io.BytesIO()
    getattr(networkx, f"write_{kind}")(lab, file, delimiter="\t")
    file.seek(0)
    return list(getattr(networkx, f"read_{kind}")(file, delimiter="\t", **options).edges(data=True))
print("edge list:", back("edgelist"))
print("adjacency list:", back("adjlist"))
print("edge list, no comments:", back("edgelist", comments=None))
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
edge list: [('Lan', 'Intel I350 ', {}), ('Lan', 'Intel I350', {'vlan': 10}), ('Lan', 'NIC', {})]
adjacency list: [('Lan', 'Intel I350 ', {})]
edge list, no comments: [('Lan', 'Intel I350 #2', {'vlan': 10}), ('Lan', 'Intel I350', {'vlan': 10}), ('Lan', 'NIC#1', {'vlan': 10}), ('Lan', 'NIC#2', {'vlan': 10})]
EOF
echo "As described."
