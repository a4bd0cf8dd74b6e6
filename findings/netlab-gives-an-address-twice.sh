#!/usr/bin/env bash
# netlab 26.10 (`networklab`): a network that one link is given by hand is given to the next link
# too, and a machine on both gets the same address twice.
# A careful engineer would guess: a tool that allocates the addresses of a lab leaves out of its
# pools what the topology names itself, or refuses the overlap.
# Instead, `netlab create` ends without an error or a warning, and all files for the lab are
# written: two networks are the same one, and the machine between them has the same address on both
# sides. A network inside another, and an interface with an address outside of its link's, are taken
# as well.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q networklab==26.10 2>/dev/null
export PATH="$work/venv/bin:$PATH"
cat > topology.yml <<'EOF'
provider: libvirt
defaults.device: linux
nodes: [gw, web, db]
links:
- {gw: , web: , prefix: 172.16.0.0/24}
- {gw: , db: }
- {gw: , web: , prefix: 172.16.0.0/16}
- {gw: {ipv4: 10.9.0.1/24}, web: {ipv4: 10.9.0.2/24}}
EOF
cat > run.py <<'EOF'
import pickle

lab = pickle.load(open("netlab.snapshot.pickle", "rb"))
for link in lab["links"]:
    ends = (f"{end['node']} {end['ipv4']}" for end in link["interfaces"])
    print(f"{link['_linkname']}, {link['prefix']['ipv4']}:", ", ".join(ends))
EOF
netlab create > said 2>&1 && echo "netlab create: exit code $?, $(grep -ciE 'warn|error|overlap' said || true) warnings" > seen
python run.py >> seen
cat seen
diff - seen <<'EOF'
netlab create: exit code 0, 0 warnings
links[1], 172.16.0.0/24: gw 172.16.0.1/24, web 172.16.0.2/24
links[2], 172.16.0.0/24: gw 172.16.0.1/24, db 172.16.0.3/24
links[3], 172.16.0.0/16: gw 172.16.0.1/16, web 172.16.0.2/16
links[4], 172.16.1.0/24: gw 10.9.0.1/24, web 10.9.0.2/24
EOF
echo "As described."
