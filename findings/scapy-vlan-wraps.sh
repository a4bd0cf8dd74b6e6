#!/usr/bin/env bash
# scapy 2.8.0: a VLAN that does not exist is another VLAN; a list of routers written as one text is its first.
# One would guess: Dot1Q(vlan=4097) is refused, and so is a text that is no address.
# Seen: the field keeps 12 bits, so the frame goes out in VLAN 1 (4096: in none), and `.vlan` still says 4097 until the packet is read again. The DHCP option
# `("router", "10.0.0.1 10.0.0.2")` carries 10.0.0.1 alone, with no warning, while `("router", "10.0.0.1", "10.0.0.2")` carries both.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q scapy==2.8.0 2>/dev/null
cat > run.py <<'EOF'
from scapy.layers.l2 import Ether, Dot1Q
from scapy.layers.dhcp import DHCP
for vlan in (4094, 4096, 4097):
    frame = Ether(src="00:15:5d:00:00:01", dst="ff:ff:ff:ff:ff:ff") / Dot1Q(vlan=vlan)
    print("asked", frame[Dot1Q].vlan, "sent", Ether(bytes(frame))[Dot1Q].vlan)
for option in (("router", "10.0.0.1 10.0.0.2"), ("router", "10.0.0.1", "10.0.0.2")):
    print(option, "sent", DHCP(bytes(DHCP(options=[option, "end"]))).options[0])
EOF
venv/bin/python run.py 2>/dev/null | tee seen
diff - seen <<'EOF'
asked 4094 sent 4094
asked 4096 sent 0
asked 4097 sent 1
('router', '10.0.0.1 10.0.0.2') sent ('router', '10.0.0.1')
('router', '10.0.0.1', '10.0.0.2') sent ('router', '10.0.0.1', '10.0.0.2')
EOF
echo "As described."
