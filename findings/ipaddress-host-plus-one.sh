#!/usr/bin/env bash
# ipaddress (standard library; Python 3.11.7, and 3.12.1 and 3.13.0 alike): the host after
# 10.0.0.5/24 is 10.0.0.6/32.
# A careful engineer would guess: `ip_interface("10.0.0.5/24") + 1` is 10.0.0.6/24, since an
# interface is an address with its prefix, and it stays an interface.
# Instead, the sum has the prefix 32 (128 in IPv6), even after adding 0: VMs that are numbered from
# a first address each come up alone in their network, and the value has the right type throughout.
# An interface also has a `reverse_pointer`, but it is no name in the DNS: the prefix stays in it.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
cat > run.py <<'EOF'
import ipaddress

first = ipaddress.ip_interface("10.0.0.5/24")
for step in range(3):
    vm = first + step
    print(type(vm).__name__, vm, vm.netmask, "in the first one's network:", vm.network == first.network)
print(ipaddress.ip_interface("fd00::5/64") + 1, first - 1)
print(first.ip.reverse_pointer, first.reverse_pointer, first.network.reverse_pointer)
EOF
python3 run.py | tee seen
diff - seen <<'EOF'
IPv4Interface 10.0.0.5/32 255.255.255.255 in the first one's network: False
IPv4Interface 10.0.0.6/32 255.255.255.255 in the first one's network: False
IPv4Interface 10.0.0.7/32 255.255.255.255 in the first one's network: False
fd00::6/128 10.0.0.4/32
5.0.0.10.in-addr.arpa 5/24.0.0.10.in-addr.arpa 0/24.0.0.10.in-addr.arpa
EOF
echo "As described."
