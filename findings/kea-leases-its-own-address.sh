#!/usr/bin/env bash
# Kea 2.2.0 (Debian 12): with a pool written as the network, DHCP clients get the network's address,
# the broadcast address, the router's and the server's own.
# A careful engineer would guess: the server leaves out the two addresses that no host can have, its
# own, and the one that it announces as the router, or refuses such a pool.
# Instead, `kea-dhcp4 -t` has no objection and each of the eight addresses is offered and confirmed
# when its turn comes: a VM that gets 10.0.0.1 takes the network's gateway away from all others, and
# the clients that get .0 and .7 have a lease and no connection.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q kea-dhcp4-server=2.2.0-6 kea-common=2.2.0-6 libmariadb3 liblog4cplus-2.0.5 \
    libpq5 libboost-system1.74.0 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
python3 -m venv venv
venv/bin/pip install -q scapy==2.8.0 2>/dev/null
cat > kea.json <<'EOF'
{"Dhcp4": {
  "lease-database": {"type": "memfile", "persist": false},
  "interfaces-config": {"interfaces": ["lan"]},
  "subnet4": [{
    "subnet": "10.0.0.0/29",
    "pools": [{"pool": "10.0.0.0/29"}],
    "option-data": [{"name": "routers", "data": "10.0.0.1"}]}]}}
EOF
cat > clients.py <<'EOF'
from scapy.all import BOOTP, DHCP, IP, UDP, Ether, conf, srp1

conf.checkIPaddr = False


def ask(mac, *options):
    packet = Ether(src=mac, dst="ff:ff:ff:ff:ff:ff") / IP(src="0.0.0.0", dst="255.255.255.255")
    packet /= UDP(sport=68, dport=67) / BOOTP(chaddr=bytes.fromhex(mac.replace(":", "")), flags=0x8000)
    return srp1(packet / DHCP(options=[*options, "end"]), iface="vm", timeout=20, verbose=0)


leases = []
for number in range(8):
    mac = f"00:15:5d:00:00:{number:02x}"
    offer = ask(mac, ("message-type", "discover"))
    wanted = ("requested_addr", offer[BOOTP].yiaddr), ("server_id", offer[IP].src)
    answer = ask(mac, ("message-type", "request"), *wanted)
    said = dict(option for option in answer[DHCP].options if isinstance(option, tuple))
    leases.append((answer[BOOTP].yiaddr, {5: "ack"}.get(said["message-type"]), said["router"], said["subnet_mask"]))
for lease in sorted(leases):
    print(*lease)
EOF
cat > run.sh <<'EOF'
ip link add lan type veth peer name vm
ip address add 10.0.0.1/29 dev lan
ip link set lan up; ip link set vm up; ip link set lo up
export KEA_PIDFILE_DIR=$PWD KEA_LOCKFILE_DIR=$PWD KEA_LOGGER_DESTINATION=stdout
kea() { LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu exec root/usr/sbin/kea-dhcp4 "$@"; }
(kea -t kea.json) >checked 2>&1 && echo "The configuration is valid, $(grep -cE 'WARN|ERROR' checked) warnings."
: >log
kea -c kea.json >>log 2>&1 &
until grep -q DHCP4_STARTED log; do kill -0 $!; sleep 0.2; done
venv/bin/python clients.py
kill $!; wait $! 2>/dev/null
EOF
unshare -rn bash run.sh 2>&1 | tee seen
diff - seen <<'EOF'
The configuration is valid, 0 warnings.
10.0.0.0 ack 10.0.0.1 255.255.255.248
10.0.0.1 ack 10.0.0.1 255.255.255.248
10.0.0.2 ack 10.0.0.1 255.255.255.248
10.0.0.3 ack 10.0.0.1 255.255.255.248
10.0.0.4 ack 10.0.0.1 255.255.255.248
10.0.0.5 ack 10.0.0.1 255.255.255.248
10.0.0.6 ack 10.0.0.1 255.255.255.248
10.0.0.7 ack 10.0.0.1 255.255.255.248
EOF
echo "As described."
