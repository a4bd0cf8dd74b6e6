#!/usr/bin/env bash
# systemd-networkd 252 (Debian 12): an address that its DHCP server keeps for a MAC address is not
# given to the client that has this MAC address where the client is systemd-networkd too.
# A careful engineer would guess: [DHCPServerStaticLease] has one key to tell a client, MACAddress=,
# so the adapter with that MAC address gets the address, above all from a program's own other half.
# Instead, the server compares the client identifier: for MACAddress= it expects 01 and the MAC
# address, as most clients send it, and systemd-networkd sends a DUID of its machine unless its own
# file says ClientIdentifier=mac. The client gets the next address of the pool; nothing is logged.
# As root: the two halves run in two network namespaces.
set -euo pipefail
work=$(mktemp -d); cd "$work"
ids="lab-$$-server lab-$$-client"
trap 'kill $(jobs -p) 2>/dev/null || true; wait 2>/dev/null || true
for id in $ids; do ip netns delete "$id" 2>/dev/null || true; done; rm -rf "$work"' EXIT
apt-get download -q systemd=252.39-1~deb12u2 libsystemd-shared=252.39-1~deb12u2 libip4tc2 libkmod2 \
    libapparmor1 libseccomp2 libcryptsetup12 libfdisk1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
libraries=$(echo "$work"/root/usr/lib/*-linux-gnu | head -1)
cat > start <<'EOF'
# Its own /run and /etc/passwd; /sys read-only, as in a container: else it waits for udev.
set -e
mount --make-rprivate /
mount -t tmpfs tmpfs /run
grep -v ^systemd-network: /etc/passwd > passwd.$1 || true
echo 'systemd-network:x:998:998::/:/usr/sbin/nologin' >> passwd.$1
mount --bind passwd.$1 /etc/passwd
install -d -o 998 -g 998 /run/systemd/netif
mkdir -p /run/systemd/network
cp $1.network /run/systemd/network
mount -o remount,ro /sys
exec root/lib/systemd/systemd-networkd
EOF
cat > server.network <<'EOF'
[Match]
Name=eth0
[Network]
Address=10.7.0.1/24
DHCPServer=yes
[DHCPServer]
PoolOffset=100
PoolSize=1
[DHCPServerStaticLease]
MACAddress=00:15:5d:00:00:02
Address=10.7.0.50
EOF
for id in $ids; do ip netns add "$id"; done
ip -n "lab-$$-server" link add eth0 address 00:15:5d:00:00:01 type veth \
    peer name eth0 netns "lab-$$-client" address 00:15:5d:00:00:02
run() {
    LD_LIBRARY_PATH=$libraries:$libraries/systemd ip netns exec "lab-$$-$1" unshare -m bash start "$1" \
        2> "$1.log" & pid=$!
}
address_of_the_client() {
    printf '[Match]\nName=eth0\n[Network]\nDHCP=ipv4\nLinkLocalAddressing=no\n%s' "$1" > client.network
    run client
    for _ in $(seq 120); do
        found=$(ip -n "lab-$$-client" -4 -o address show eth0 | grep -o 'inet [0-9.]*' || true)
        if [ -n "$found" ]; then break; fi
        sleep 0.5
    done
    kill $pid; wait $pid 2>/dev/null || true
    ip -n "lab-$$-client" address flush dev eth0
    echo "${found#inet }"
}
run server
{
    LD_LIBRARY_PATH=$libraries:$libraries/systemd root/bin/networkctl --version | head -1
    echo "as it is: $(address_of_the_client '')"
    echo "ClientIdentifier=mac: $(address_of_the_client $'[DHCPv4]\nClientIdentifier=mac\n')"
} | tee seen
diff - seen <<'EOF'
systemd 252 (252.39-1~deb12u2)
as it is: 10.7.0.100
ClientIdentifier=mac: 10.7.0.50
EOF
