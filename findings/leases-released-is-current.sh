#!/usr/bin/env bash
# isc-dhcp-leases 0.10.0 (PyPI): a VM that has given its address back still has it, next to the VM that
# got it afterwards.
# A careful engineer would guess: `get_current` gives the state that the server has: its lease file is a
# log, in which the last entry of an address counts (dhcpd.leases(5)).
# Instead, every entry is judged alone: one that says "active" and has not ended is current, also where a
# later one of the same address says that it was released, or belongs to another VM. An entry without a
# MAC address, as dhcpd writes it for an abandoned address, is not read at all, so an address that is in
# conflict is somebody's. What the last entries say is the third line of the output.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q isc-dhcp-leases==0.10.0 2>/dev/null
entry() { printf 'lease %s {\n  starts 1 2026/11/30 %s;\n  ends 1 2026/11/30 %s;\n  binding state %s;\n%b}\n' "$@"; }
vm() { printf '  hardware ethernet 00:15:5d:00:00:0%s;\\n  client-hostname "web%s";\\n' "$1" "$1"; }
{
  entry 10.0.0.50 00:00:00 23:00:00 active "$(vm 1)"
  entry 10.0.0.51 00:00:00 23:00:00 active "$(vm 2)"
  entry 10.0.0.52 00:00:00 23:00:00 active "$(vm 3)"
  entry 10.0.0.50 01:00:00 01:00:00 free "$(vm 1)"
  entry 10.0.0.50 02:00:00 22:00:00 active "$(vm 4)"
  entry 10.0.0.51 03:00:00 03:00:00 free "$(vm 2)"
  entry 10.0.0.52 04:00:00 22:00:00 abandoned ""
} > dhcpd.leases
cat > read.py <<'END'
import re
from datetime import datetime, timezone
from isc_dhcp_leases import IscDhcpLeases

def show(title, leases):
    print(f"{title}:", ", ".join(f"{name} {address}" for name, address in sorted(leases)))

file = IscDhcpLeases("dhcpd.leases", now=datetime(2026, 11, 30, 12, tzinfo=timezone.utc))
show("get_current", {(lease.hostname, lease.ip) for lease in file.get_current().values()})
show("get, active", {(lease.hostname, lease.ip) for lease in file.get() if lease.active and lease.valid})
last = dict(re.findall(r"lease (\S+) \{(.*?)\n\}", open("dhcpd.leases").read(), re.S))
active = {address: text for address, text in last.items() if "state active" in text}
show("last entries", {(re.search(r'hostname "(.*)"', text)[1], address) for address, text in active.items()})
END
venv/bin/python read.py | tee seen
diff - seen <<'END'
get_current: web1 10.0.0.50, web2 10.0.0.51, web3 10.0.0.52, web4 10.0.0.50
get, active: web1 10.0.0.50, web2 10.0.0.51, web3 10.0.0.52, web4 10.0.0.50
last entries: web4 10.0.0.50
END
echo "As described."
