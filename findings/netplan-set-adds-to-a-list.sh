#!/usr/bin/env bash
# netplan 0.106 (Debian 12): `netplan set` of a list adds to the list; it never takes anything away.
# A careful engineer would guess: set gives the key the value that is written, as it does with
# dhcp4=false or mtu=1400, and as get shows it afterwards; so a guest whose address is set anew has
# the new address.
# Instead, lists are joined: the guest answers at the old address too, asks both name servers, and
# has two default routes of one metric, of which the exit code says nothing. The same holds between
# files: a later file cannot shorten a list of an earlier one. A list has to be set to NULL first.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q netplan.io=0.106-2+deb12u1 libnetplan0=0.106-2+deb12u1 \
    python3-netifaces=0.11.0-2+b1 python3-yaml=6.0-3+b2 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
mkdir -p vm/etc/netplan
cat > vm/etc/netplan/50-lab.yaml <<'EOF'
network:
  version: 2
  ethernets:
    eth0:
      dhcp4: true
      mtu: 1500
      addresses: [10.0.0.1/24]
      nameservers: {addresses: [10.0.0.53]}
      routes: [{to: default, via: 10.0.0.254}]
EOF
chmod 600 vm/etc/netplan/50-lab.yaml
libraries=$(echo "$work"/root/usr/lib/*-linux-gnu)
python=$work/root/usr/share/netplan:$work/root/usr/lib/python3/dist-packages
netplan() {
    LD_LIBRARY_PATH=$libraries PYTHONPATH=$python /usr/bin/python3 -c \
        'from netplan import Netplan; Netplan().main()' "$@" 2>>warnings
}
change() { netplan set --root-dir vm --origin-hint 50-lab "ethernets.eth0.$1"; }
{
    change dhcp4=false
    change mtu=1400
    change 'addresses=[10.0.0.2/24]'
    change 'nameservers.addresses=[10.0.0.54]'
    change 'routes=[{to: default, via: 10.0.0.253}]' && echo "exit code 0"
    netplan get --root-dir vm ethernets.eth0
    echo "after NULL:"
    change addresses=NULL
    change 'addresses=[10.0.0.2/24]'
    netplan get --root-dir vm ethernets.eth0.addresses
} | tee seen
diff - seen <<'EOF'
exit code 0
addresses:
- "10.0.0.1/24"
- "10.0.0.2/24"
nameservers:
  addresses:
  - 10.0.0.53
  - 10.0.0.54
dhcp4: false
mtu: 1400
routes:
- to: "default"
  via: "10.0.0.254"
- to: "default"
  via: "10.0.0.253"
after NULL:
- "10.0.0.2/24"
EOF
