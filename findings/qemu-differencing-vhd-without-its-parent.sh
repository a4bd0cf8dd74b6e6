#!/usr/bin/env bash
# qemu-img 7.2.22 (Debian 12) and dissect.hypervisor 3.21: a differencing VHD is read without its
# parent, as a whole disk with zeros in the place of everything that only the parent holds.
# A careful engineer would guess: a tool that does not follow the parent refuses the file, as
# libvhdi does until it is given the parent; of a qcow2 with a backing file, qemu-img reads both.
# Instead, there is no warning and the exit code is 0: the clone of a prepared image becomes an
# almost empty disk when it is converted, and `qemu-img info` names no parent. In a block that the
# clone has begun to write, the sectors that it has not written are zeros as well.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q qemu-utils=1:7.2+dfsg-7+deb12u18+b3 liburing2 libaio1 libfuse3-3 libnuma1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
python3 -m venv venv
venv/bin/pip install -q dissect.hypervisor==3.21 libvhdi-python==20260901 2>/dev/null
cat > make.py <<'EOF'
"""Write base.vhd (dynamic) and clone.vhd (differencing, of base.vhd) as the VHD specification says."""
import struct
import uuid

CYLINDERS, BLOCK = 120, 2**21
SIZE = CYLINDERS * 4 * 17 * 512
IDS = {"base.vhd": uuid.UUID(int=1), "clone.vhd": uuid.UUID(int=2)}


def with_checksum(packed, offset):
    packed[offset : offset + 4] = struct.pack(">I", ~sum(packed) & 0xFFFFFFFF)
    return bytes(packed)


def write(name, kind, blocks, parent=""):
    footer = bytearray(struct.pack(
        ">8sIIQI4sI4sQQHBBII16s", b"conectix", 2, 0x10000, 512, 0x2A000000, b"win ", 0xA0000, b"Wi2k",
        SIZE, SIZE, CYLINDERS, 4, 17, kind, 0, IDS[name].bytes).ljust(512, b"\0"))
    footer = with_checksum(footer, 64)
    header = bytearray(1024)
    struct.pack_into(">8sQQIII", header, 0, b"cxsparse", 2**64 - 1, 2048, 0x10000, 2, BLOCK)
    if parent:
        text = parent.encode("utf-16-be")
        struct.pack_into(f">16sI4x{len(text)}s", header, 40, IDS[parent].bytes, 0x2A000000, text)
        struct.pack_into(">4sIIIQ", header, 576, b"W2ru", 512, len(text), 0, 1536)
    table, data = [0xFFFFFFFF] * 2, b""
    for number, (bitmap, content) in blocks.items():
        table[number] = (2560 + len(data)) // 512
        data += bitmap.ljust(512, b"\0") + content.ljust(BLOCK, b"\0")
    locator = parent.encode("utf-16-le").ljust(512, b"\0")
    table = struct.pack(">2I", *table).ljust(512, b"\xff")
    with open(name, "wb") as file:
        file.write(footer + with_checksum(header, 36) + locator + table + data + footer)


full = b"\xff" * 512
write("base.vhd", 3, {0: (full, b"B" * BLOCK), 1: (full, b"b" * BLOCK)})
write("clone.vhd", 4, {1: (b"\xff", b"C" * 4096)}, "base.vhd")  # 8 sectors of block 1 are its own
EOF
cat > read.py <<'EOF'
import itertools
import pyvhdi
from dissect.hypervisor.disk.vhd import VHD


def show(reader, content):
    print(reader, [f"{len(list(part))} {chr(byte)!r}" for byte, part in itertools.groupby(content)])


base, clone = pyvhdi.file(), pyvhdi.file()
base.open("base.vhd")
clone.open("clone.vhd")
clone.set_parent(base)
show("libvhdi:", clone.read(clone.media_size))
show("qemu-img:", open("clone.raw", "rb").read())
disk = VHD(open("clone.vhd", "rb"))
show("dissect:", disk.read(disk.size))
EOF
qemu() { LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu:root/lib/x86_64-linux-gnu root/usr/bin/qemu-img "$@"; }
venv/bin/python make.py
{
    qemu info clone.vhd 2>&1 | grep -iE 'format|virtual|back|parent'
    qemu convert -O raw clone.vhd clone.raw 2>&1 && echo "converted"
    venv/bin/python read.py
} | tee seen
diff - seen <<'EOF'
file format: vpc
virtual size: 3.98 MiB (4177920 bytes)
converted
libvhdi: ["2097152 'B'", "4096 'C'", "2076672 'b'"]
qemu-img: ["2097152 '\\x00'", "4096 'C'", "2076672 '\\x00'"]
dissect: ["2097152 '\\x00'", "4096 'C'", "2076672 '\\x00'"]
EOF
echo "As described."
