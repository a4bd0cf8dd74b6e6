#!/usr/bin/env bash
# netaddr 1.3.0: two hosts in the same network are equal, as far as `IPNetwork` is concerned.
# A careful engineer would guess: `10.0.0.5/24` keeps its host part (it is printed, sorted by and
# available as `.ip`), so it is not `10.0.0.6/24`; `ipaddress.ip_interface` tells them apart.
# Instead, equality and hash see the network alone: of two VMs in a dictionary by address one is
# left, and a set holds one address for the whole network, so a check for duplicate addresses
# reports every pair of neighbours. `/32` and the address itself, on the other hand, differ.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q netaddr==1.3.0 2>/dev/null
cat > run.py <<'EOF'
import ipaddress, netaddr
for read in (ipaddress.ip_interface, netaddr.IPNetwork):
    web, db = read("10.0.0.5/24"), read("10.0.0.6/24")
    vms = {web: "web"} | {db: "db"}
    print(read.__name__, web, db, "equal" if web == db else "different", list(vms.values()), len({web, db}))
print([str(one) for one in sorted([netaddr.IPNetwork("10.0.0.6/24"), netaddr.IPNetwork("10.0.0.5/24")])])
print(netaddr.IPNetwork("10.0.0.5/32") == netaddr.IPAddress("10.0.0.5"))
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
ip_interface 10.0.0.5/24 10.0.0.6/24 different ['web', 'db'] 2
IPNetwork 10.0.0.5/24 10.0.0.6/24 equal ['db'] 1
['10.0.0.5/24', '10.0.0.6/24']
False
EOF
echo "As described."
