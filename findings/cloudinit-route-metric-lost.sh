#!/usr/bin/env bash
# cloud-init 22.4.2 (Debian 12): the `metric` of a route in a version 2 network configuration survives only where netplan renders it.
# One would guess: what the NoCloud seed says is what the guest gets, or cloud-init warns.
# Seen: eni, sysconfig, networkd and network-manager all write the route without its metric, with no word. The same route in version 1
# keeps its metric under eni, sysconfig and networkd, and loses it under network-manager. A guest with two ways out takes another one than the seed says.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q cloud-init=22.4.2-1+deb12u4 >/dev/null 2>&1
dpkg -x cloud-init_*.deb root
python3 -m venv venv
venv/bin/pip install -q jinja2==3.1.6 configobj==5.0.9 oauthlib==3.3.1 jsonpatch==1.33 requests==2.32.5 jsonschema==4.26.0 pyyaml==6.0.3 2>/dev/null
cat > 2.yaml <<'EOF'
network:
  version: 2
  ethernets:
    lan:
      match: {macaddress: "00:15:5d:00:00:01"}
      addresses: [10.0.0.11/24]
      routes: [{to: 10.1.0.0/16, via: 10.0.0.2, metric: 50}]
EOF
cat > 1.yaml <<'EOF'
network:
  version: 1
  config:
    - type: physical
      name: lan
      mac_address: "00:15:5d:00:00:01"
      subnets:
        - {type: static, address: 10.0.0.11/24, routes: [{network: 10.1.0.0, netmask: 255.255.0.0, gateway: 10.0.0.2, metric: 50}]}
EOF
for version in 2 1; do
    for kind in netplan eni sysconfig networkd network-manager; do
        distribution=debian; [ "$kind" = sysconfig ] && distribution=rhel
        rm -rf out
        if PYTHONPATH=root/usr/lib/python3/dist-packages venv/bin/python -m cloudinit.cmd.main devel net-convert \
            -p $version.yaml -k yaml -d out -D $distribution -O $kind >log 2>&1; then
            metric=lost; grep -rqiE '(metric[ :=]+50|,50$|METRIC0=50)' out && metric=kept
        else
            metric=$(tail -n 1 log | cut -d: -f1)
        fi
        echo "version $version, $kind: $metric"
    done
done | tee seen
diff - seen <<'EOF'
version 2, netplan: kept
version 2, eni: lost
version 2, sysconfig: lost
version 2, networkd: lost
version 2, network-manager: lost
version 1, netplan: kept
version 1, eni: kept
version 1, sysconfig: kept
version 1, networkd: kept
version 1, network-manager: lost
EOF
echo "As described."
