#!/usr/bin/env bash
# diagrams 0.25.1 with Graphviz 2.42.2 (Debian 12): two boxes with the same title are one box.
# A careful engineer would guess: each `with Cluster("Virtual machines")` opens a box of its own, as each
# `Node("web")` is a node of its own however often the name is used.
# Instead, the title is the name of Graphviz's subgraph, and subgraphs of one name in the same place are
# one: the VMs of two hosts are drawn in a single box, which belongs to no host, and a third list with
# the same title joins them. Nothing is reported. Inside boxes of different titles they stay apart, so the
# fault appears when the outer boxes are taken away.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q graphviz=2.42.2-7+deb12u1 libgvc6 libcgraph6 libcdt5 libpathplan4 libxdot4 libltdl7 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu PATH=$PWD/root/usr/bin:$PATH
export GVBINDIR=$LD_LIBRARY_PATH/graphviz
dot -c 2>/dev/null
python3 -m venv venv
venv/bin/pip install -q diagrams==0.25.1 2>/dev/null
cat > draw.py <<'END'
import re
from contextlib import nullcontext
from diagrams import Cluster, Diagram, Node

HOSTS = {"HV1": ["web1", "db1"], "HV2": ["web2"]}
for title, outer in (("beside their host", nullcontext), ("in the box of their host", Cluster)):
    with Diagram("lab", filename="lab", outformat="svg", show=False):
        for host, vms in HOSTS.items():
            with outer(host):
                machine = Node(host)
                with Cluster("Virtual machines"):
                    for vm in vms:
                        machine - Node(vm)
    boxes = re.findall(r'class="cluster">\s*<title>cluster_(.*?)<', open("lab.svg").read())
    print(f"{title}: {len(boxes)} boxes:", ", ".join(boxes))
END
venv/bin/python draw.py | tee seen
diff - seen <<'END'
beside their host: 1 boxes: Virtual machines
in the box of their host: 4 boxes: HV1, Virtual machines, HV2, Virtual machines
END
echo "As described."
