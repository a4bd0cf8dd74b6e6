#!/usr/bin/env bash
# netutils 1.19.2: the VLANs that a trunk leaves out are returned as those that it carries.
# A careful engineer would guess: `vlanconfig_to_list`, which reads the line of a switch that allows
# VLANs on a trunk, reads each form that the line has, or refuses it, as it refuses `all` and `none`.
# Instead, it collects the numbers of the line: `except 10` is a trunk of VLAN 10 alone, `remove 10`
# adds VLAN 10 to those of the line before, and the native VLAN is one of those allowed.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q netutils==1.19.2 2>/dev/null
cat > trunks.py <<'EOF'
from netutils.vlan import vlanconfig_to_list

for lines in (
    ["switchport trunk allowed vlan 1-3,10"],
    ["switchport trunk allowed vlan 1-3", "switchport trunk allowed vlan add 10"],
    ["switchport trunk allowed vlan 1-3,10", "switchport trunk allowed vlan remove 10"],
    ["switchport trunk allowed vlan 1-3", "switchport trunk allowed vlan remove 3,77"],
    ["switchport trunk allowed vlan except 10"],
    ["switchport trunk native vlan 99", "switchport trunk allowed vlan 1-3"],
    ["switchport trunk allowed vlan all"],
    ["switchport trunk allowed vlan none"],
):
    try:
        answer = vlanconfig_to_list("\n".join(lines))
    except ValueError:
        answer = "ValueError"
    print(" / ".join(line.removeprefix("switchport trunk ") for line in lines), "->", answer)
EOF
venv/bin/python trunks.py | tee seen
diff - seen <<'EOF'
allowed vlan 1-3,10 -> [1, 2, 3, 10]
allowed vlan 1-3 / allowed vlan add 10 -> [1, 2, 3, 10]
allowed vlan 1-3,10 / allowed vlan remove 10 -> [1, 2, 3, 10, 10]
allowed vlan 1-3 / allowed vlan remove 3,77 -> [1, 2, 3, 3, 77]
allowed vlan except 10 -> [10]
native vlan 99 / allowed vlan 1-3 -> [1, 2, 3, 99]
allowed vlan all -> ValueError
allowed vlan none -> ValueError
EOF
echo "As described."
