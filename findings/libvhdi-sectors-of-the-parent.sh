#!/usr/bin/env bash
# libvhdi 20260901: of a differencing VHD, sectors that belong to the parent are taken from the
# child, up to seven behind each sector that the child has written.
# A careful engineer would guess: the bitmap in front of a block says for each sector whose it is,
# and the library that offers `set_parent` reads it bit by bit.
# Instead, from the first written sector on, the rest of its group of eight counts as written: the
# reader gets what the child's file holds there, zeros as a rule, without an error. Only what
# was written in whole groups, 4 KiB at a multiple of 4 KiB, is read as it is.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q libvhdi-python==20260901 2>/dev/null
cat > make.py <<'EOF'
"""Write base.vhd (dynamic) and clones of it (differencing) as the VHD specification says."""
import struct

CYLINDERS, BLOCK = 120, 2**21
SIZE = CYLINDERS * 4 * 17 * 512


def with_checksum(packed, offset):
    packed[offset : offset + 4] = struct.pack(">I", ~sum(packed) & 0xFFFFFFFF)
    return bytes(packed)


def write(name, kind, blocks, parent=""):
    footer = bytearray(struct.pack(
        ">8sIIQI4sI4sQQHBBII16s", b"conectix", 2, 0x10000, 512, 0x2A000000, b"win ", 0xA0000, b"Wi2k",
        SIZE, SIZE, CYLINDERS, 4, 17, kind, 0, name.ljust(16)[:16].encode()).ljust(512, b"\0"))
    footer = with_checksum(footer, 64)
    header = bytearray(1024)
    struct.pack_into(">8sQQIII", header, 0, b"cxsparse", 2**64 - 1, 2048, 0x10000, 2, BLOCK)
    if parent:
        text = parent.encode("utf-16-be")
        struct.pack_into(f">16sI4x{len(text)}s", header, 40, parent.ljust(16)[:16].encode(), 0x2A000000, text)
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
for bits in ("ff00", "0100", "8000", "aa00", "0180"):  # the first bit is the block's first sector
    write(f"clone-{bits}.vhd", 4, {1: (bytes.fromhex(bits), b"C" * 8192)}, "base.vhd")
EOF
cat > read.py <<'EOF'
import pyvhdi

for bits in ("ff00", "0100", "8000", "aa00", "0180"):
    base, clone = pyvhdi.file(), pyvhdi.file()
    base.open("base.vhd")
    clone.open(f"clone-{bits}.vhd")
    clone.set_parent(base)
    read = clone.read_buffer_at_offset(16 * 512, 2**21)
    written = f"{int(bits, 16):016b}".translate(str.maketrans("01", "bC"))
    print(f"written {written}, read {read[::512].decode()}")
EOF
venv/bin/python make.py
venv/bin/python read.py | tee seen
diff - seen <<'EOF'
written CCCCCCCCbbbbbbbb, read CCCCCCCCbbbbbbbb
written bbbbbbbCbbbbbbbb, read bbbbbbbCbbbbbbbb
written Cbbbbbbbbbbbbbbb, read CCCCCCCCbbbbbbbb
written CbCbCbCbbbbbbbbb, read CCCCCCCCbbbbbbbb
written bbbbbbbCCbbbbbbb, read bbbbbbbCCCCCCCCC
EOF
echo "As described."
