#!/usr/bin/env bash
# cloud-init 22.4.2 (Debian 12): a VLAN of a version 2 network configuration does not come up under any renderer but netplan,
# when its adapter is found by MAC address and renamed (`match`, `set-name`), as one does for the adapters of a Hyper-V guest.
# One would guess: `link: lan` names the entry `lan`, and each renderer writes the device that this entry becomes (`lan0`).
# Seen: eni, sysconfig and network-manager write the entry's key as the parent device, which does not exist after the renaming;
# networkd writes a .network for the VLAN, but no .netdev that would create it and no VLAN= on its link. No warning in any of them.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q cloud-init=22.4.2-1+deb12u4 >/dev/null 2>&1
dpkg -x cloud-init_*.deb root
python3 -m venv venv
venv/bin/pip install -q jinja2==3.1.6 configobj==5.0.9 oauthlib==3.3.1 jsonpatch==1.33 requests==2.32.5 jsonschema==4.26.0 pyyaml==6.0.3 2>/dev/null
cat > network.yaml <<'EOF'
network:
  version: 2
  ethernets:
    lan: {match: {macaddress: "00:15:5d:00:00:01"}, set-name: lan0, addresses: [10.0.0.11/24]}
  vlans:
    v10: {id: 10, link: lan, addresses: [10.10.0.1/24]}
EOF
for kind in eni sysconfig network-manager networkd; do
    distribution=debian; [ "$kind" = sysconfig ] && distribution=rhel
    rm -rf out
    PYTHONPATH=root/usr/lib/python3/dist-packages venv/bin/python -m cloudinit.cmd.main devel net-convert \
        -p network.yaml -k yaml -d out -D $distribution -O $kind >/dev/null 2>&1
    echo "$kind: $(grep -rhE '^ *(vlan-raw-device|PHYSDEV|parent|VLAN=v10|Kind)' out | tr -s ' ' | sort | paste -sd, || true)" \
        "($(find out -name '*.netdev' | wc -l) netdev)"
done | tee seen
diff - seen <<'EOF'
eni:  vlan-raw-device lan (0 netdev)
sysconfig: PHYSDEV=lan (0 netdev)
network-manager: parent=lan (0 netdev)
networkd:  (0 netdev)
EOF
echo "As described."
