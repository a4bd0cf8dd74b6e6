#!/usr/bin/env bash
# netaddr 1.3.0: a MAC address with octets missing is valid, and becomes another address.
# One would guess: `15:5d:1` is refused, as `00:15:5d:00:01` (five octets) is.
# Seen: three groups are read as three 16-bit words (the Cisco way, with any separator), so `15:5d:1` is 00-15-00-5D-00-01, and valid_mac says True;
# a typing error in a lab file passes the check and puts an address outside of Hyper-V's 00-15-5D on the wire.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q netaddr==1.3.0 2>/dev/null
cat > run.py <<'EOF'
import netaddr
for text in ("00:15:5d:00:00:01", "0:15:5d:0:0:1", "15:5d:1", "15-5d-1", "00:15:5d:00:01", "155d000001"):
    valid = netaddr.valid_mac(text)
    print(text, valid, netaddr.EUI(text) if valid else "")
EOF
venv/bin/python run.py | tee seen
diff -b - seen <<'EOF'
00:15:5d:00:00:01 True 00-15-5D-00-00-01
0:15:5d:0:0:1 True 00-15-5D-00-00-01
15:5d:1 True 00-15-00-5D-00-01
15-5d-1 True 00-15-00-5D-00-01
00:15:5d:00:01 False
155d000001 False
EOF
echo "As described."
