#!/usr/bin/env bash
# netlab 26.10 (`networklab`): two labs are given the same networks when their names begin with the
# same ten characters.
# A careful engineer would guess: the networks of a lab are named after it so that labs stay apart,
# and a name that is too long for a bridge is shortened to something that is still unique.
# Instead, the first ten characters of the name and the number of the link are the network's name,
# so the VMs of `workshop-seat1` and of `workshop-seat2` are plugged into libvirt networks and
# bridges of the same names, where the addresses of both labs are the same too.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q networklab==26.10 2>/dev/null
export PATH="$work/venv/bin:$PATH"
cat > run.py <<'EOF'
import pickle
print(sorted({link["bridge"] for link in pickle.load(open("netlab.snapshot.pickle", "rb"))["links"]}))
EOF
for lab in workshop-seat1 workshop-seat2 lab1 lab2; do
    rm -rf lab; mkdir lab; cd lab
    cat > topology.yml <<EOF
name: $lab
provider: libvirt
defaults.device: linux
nodes: [gw, web, db]
links: [gw-web-db, web-db]
EOF
    netlab create >said 2>&1
    echo "$lab: bridges $(python ../run.py)," \
        "libvirt networks $(grep -oE 'network_name => "[^"]*"' Vagrantfile | cut -d'"' -f2 | sort -u | paste -sd' ')," \
        "$(grep -ciE 'warn|error' said || true) warnings"
    cd ..
done | tee seen
diff - seen <<'EOF'
workshop-seat1: bridges ['workshop-s_1', 'workshop-s_2'], libvirt networks workshop-s_1 workshop-s_2, 0 warnings
workshop-seat2: bridges ['workshop-s_1', 'workshop-s_2'], libvirt networks workshop-s_1 workshop-s_2, 0 warnings
lab1: bridges ['lab1_1', 'lab1_2'], libvirt networks lab1_1 lab1_2, 0 warnings
lab2: bridges ['lab2_1', 'lab2_2'], libvirt networks lab2_1 lab2_2, 0 warnings
EOF
echo "As described."
