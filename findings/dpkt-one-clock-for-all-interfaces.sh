#!/usr/bin/env bash
# dpkt 1.9.8: in a capture of several interfaces, packets of the second come from the year 55841.
# A careful engineer would guess: a pcapng file describes each interface (link type, resolution of
# its clock) and a packet names its interface, so each packet is read as its interface says.
# Instead, the description that comes first in the file is used for all packets. With microseconds
# first, a packet of an interface that counts nanoseconds gets a thousandfold time, and one that
# counts milliseconds is from January 1970; `datalink()` says Ethernet for packets that begin with
# the IP header. The order of a trace across a host's and its VMs' interfaces is lost, without an
# error.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q dpkt==1.9.8 scapy==2.8.0 2>/dev/null
cat > run.py <<'EOF'
import struct
from datetime import datetime, timedelta

import dpkt
from scapy.all import PcapNgReader

EPOCH = datetime(1970, 1, 1)
MOMENT = 1_700_000_000  # all three packets were captured in the same second


def block(kind, body):
    body = body.ljust(-(-len(body) // 4) * 4, b"\0")
    size = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + size + body + size


def interface(link_type, digits):
    return block(1, struct.pack("<HHI HHB3x HH", link_type, 0, 0, 9, 1, digits, 0, 0))


def packet(number, digits, data):
    time = MOMENT * 10**digits
    return block(6, struct.pack("<IIIII", number, time >> 32, time % 2**32, len(data), len(data)) + data)


ip = bytes.fromhex("4500001c000000004011000000000000000000000044004300080000")
frame = b"\xff" * 6 + bytes.fromhex("00155d0000010800") + ip
kinds = [(1, 6, frame), (101, 9, ip), (1, 3, frame)]  # Ethernet, raw IP, Ethernet
with open("trace.pcapng", "wb") as file:
    file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
    file.write(b"".join(interface(link, digits) for link, digits, _ in kinds))
    file.write(b"".join(packet(i, digits, data) for i, (_, digits, data) in enumerate(kinds)))
for seen in PcapNgReader("trace.pcapng"):
    print("scapy:", EPOCH + timedelta(seconds=float(seen.time)), type(seen).__name__)
with open("trace.pcapng", "rb") as file:
    reader = dpkt.pcapng.Reader(file)
    for time, data in reader:
        year = 1970 + time / (365.2425 * 86400)
        print(f"dpkt: {time:.0f} s, in the year {year:.0f}, link type {reader.datalink()}, {len(data)} bytes")
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
scapy: 2023-11-14 22:13:20 Ether
scapy: 2023-11-14 22:13:20 IP
scapy: 2023-11-14 22:13:20 Ether
dpkt: 1700000000 s, in the year 2024, link type 1, 42 bytes
dpkt: 1700000000000 s, in the year 55841, link type 1, 28 bytes
dpkt: 1700000 s, in the year 1970, link type 1, 42 bytes
EOF
echo "As described."
