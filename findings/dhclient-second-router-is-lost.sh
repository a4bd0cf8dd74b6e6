#!/usr/bin/env bash
# dhclient 4.4.3-P1 with its script of Debian 12: on a VM with two adapters, each with DHCP and a router,
# the router of the second is lost, and stays lost when the first adapter goes down.
# A careful engineer would guess: both default routes are there with different metrics, as
# systemd-networkd, NetworkManager and Windows set them, or the client says that it could not set one.
# Instead, the script adds each default route with the same metric; the kernel refuses the second, the
# script drops that error, and dhclient reports a bound lease with exit code 0. Without its first
# adapter the VM has an address and a lease on the second, and no way out of that network.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q isc-dhcp-client=4.4.3-P1-2 dnsmasq-base libnetfilter-conntrack3 libnfnetlink0 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
cat > run.sh <<'EOF'
mkdir etc run                # The client and the server write nothing outside the folder.
cp /etc/passwd /etc/group etc/; mount --bind etc /etc; mount --bind run /run
ip link set lo up
for n in 1 2; do
  ip link add "lan$n" type veth peer name "vm$n"
  ip link set "lan$n" up; ip link set "vm$n" up
  ip address add "10.0.$n.1/24" dev "lan$n"
  LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu root/usr/sbin/dnsmasq --conf-file=/dev/null -d --port=0 \
    --interface="lan$n" --bind-interfaces --dhcp-authoritative --no-ping \
    --dhcp-leasefile="$PWD/leases$n" --dhcp-range="10.0.$n.50,10.0.$n.50,255.255.255.0,1h" >"server$n" 2>&1 &
  until grep -q 'started' "server$n"; do sleep 0.1; done
done
for n in 1 2; do
  code=0
  root/sbin/dhclient -1 -sf "$PWD/root/sbin/dhclient-script" -lf "$PWD/lease$n" -pf "$PWD/client$n" \
    -cf /dev/null "vm$n" >"said$n" 2>&1 || code=$?
  echo "vm$n: exit code $code, router in the lease: $(sed -n 's/.*option routers //p' "lease$n"), $(wc -l < "said$n") lines of messages"
done
show() { echo "$1"; ip -4 -brief address show "$2" | sed -E 's,.* ([0-9.]+/24).*,  address \1,'; ip -4 route show default | sed 's/^/  /; s/ *$//'; }
show "Both adapters up:" vm2
ip link set vm1 down
show "The first one down:" vm2
kill $(cat client1 client2) $(jobs -p)
EOF
unshare -rnm bash run.sh 2>&1 | tee seen
diff - seen <<'EOF'
vm1: exit code 0, router in the lease: 10.0.1.1;, 0 lines of messages
vm2: exit code 0, router in the lease: 10.0.2.1;, 0 lines of messages
Both adapters up:
  address 10.0.2.50/24
  default via 10.0.1.1 dev vm1
The first one down:
  address 10.0.2.50/24
EOF
echo "As described."
