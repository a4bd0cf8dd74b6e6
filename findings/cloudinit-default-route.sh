#!/usr/bin/env bash
# cloud-init 22.4.2 (Debian 12): whether `to: default` is a valid route depends on which distribution reads the seed.
# One would guess: the word is part of the version 2 format (netplan's documentation recommends it in place of `gateway4`), so it is taken or
# refused alike everywhere. Seen: the netplan renderer passes it on, all other renderers end with a ValueError, and the guest gets no network
# at all; `0.0.0.0/0` is taken by all five. A seed disk that is tried on Ubuntu and then used for Debian or Rocky fails at its first boot.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q cloud-init=22.4.2-1+deb12u4 >/dev/null 2>&1
dpkg -x cloud-init_*.deb root
python3 -m venv venv
venv/bin/pip install -q jinja2==3.1.6 configobj==5.0.9 oauthlib==3.3.1 jsonpatch==1.33 requests==2.32.5 jsonschema==4.26.0 pyyaml==6.0.3 2>/dev/null
for to in default 0.0.0.0/0; do
    echo "network: {version: 2, ethernets: {eth0: {addresses: [10.0.0.11/24], routes: [{to: $to, via: 10.0.0.1}]}}}" > network.yaml
    for kind in netplan eni sysconfig networkd network-manager; do
        distribution=debian; [ "$kind" = sysconfig ] && distribution=rhel
        rm -rf out
        PYTHONPATH=root/usr/lib/python3/dist-packages venv/bin/python -m cloudinit.cmd.main devel net-convert \
            -p network.yaml -k yaml -d out -D $distribution -O $kind >log 2>&1 && said=taken || said=$(tail -n 1 log)
        echo "$to, $kind: $said"
    done
done | tee seen
diff - seen <<'EOF'
default, netplan: taken
default, eni: ValueError: Address default is not a valid ip address
default, sysconfig: ValueError: Address default is not a valid ip address
default, networkd: ValueError: Address default is not a valid ip address
default, network-manager: ValueError: Address default is not a valid ip address
0.0.0.0/0, netplan: taken
0.0.0.0/0, eni: taken
0.0.0.0/0, sysconfig: taken
0.0.0.0/0, networkd: taken
0.0.0.0/0, network-manager: taken
EOF
echo "As described."
