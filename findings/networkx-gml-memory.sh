#!/usr/bin/env bash
# networkx 3.6.1: whether a VM's memory in bytes is a number or a text after GML depends on its size.
# A careful engineer would guess: a Python integer comes back as an integer, a truth value as one.
# Instead, from 2 GiB on (2**31) the number is written in quotes and read back as a text, without a
# warning, so `memory > limit` fails for the large VMs only, and sorting puts "17179869184" before
# "4294967296"; True and False come back as 1 and 0. GraphML and GEXF keep all of them.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q networkx==3.6.1 2>/dev/null
cat > run.py <<'EOF'
import io, networkx
lab = networkx.Graph()
for name, memory in (("small", 2**31 - 1), ("large", 2**31), ("host", 2**34)):
    lab.add_node(name, memory=memory, secure_boot=name != "host")
for kind in ("gml", "graphml", "gexf"):
    file = io.BytesIO()
    getattr(networkx, f"write_{kind}")(lab, file)
    file.seek(0)
    print(kind, [(node["memory"], node["secure_boot"]) for _, node in getattr(networkx, f"read_{kind}")(file).nodes(data=True)])
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
gml [(2147483647, 1), ('2147483648', 1), ('17179869184', 0)]
graphml [(2147483647, True), (2147483648, True), (17179869184, False)]
gexf [(2147483647, True), (2147483648, True), (17179869184, False)]
EOF
echo "As described."
