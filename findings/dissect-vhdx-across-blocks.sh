#!/usr/bin/env bash
# dissect.hypervisor 3.21: a read that crosses from one block of a VHDX into the next returns bytes
# of whichever block is stored behind the first one in the file.
# A careful engineer would guess: an object that reads a virtual disk gives the same bytes for the
# same offset, wherever the read begins.
# Instead, only a read that begins at a block's first sector stays within its blocks. A dynamic disk
# stores blocks in the order of their first use, so on any disk that was written out of order a read
# of a file that spans two blocks (Hyper-V makes them of 32 MB) contains another file's bytes, or
# ends early, without an error. Reading the disk as a whole is right.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q qemu-utils=1:7.2+dfsg-7+deb12u18+b3 liburing2 libaio1 libfuse3-3 libnuma1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
export LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu:root/lib/x86_64-linux-gnu
python3 -m venv venv
LD_LIBRARY_PATH='' venv/bin/pip install -q dissect.hypervisor==3.21 2>/dev/null
root/usr/bin/qemu-img create -q -f vhdx -o block_size=1M disk.vhdx 4M
for block in 3 1 2 0; do  # block 0 is filled with bytes of 10, block 1 with 11, and so on
    root/usr/bin/qemu-io -f vhdx -c "write -q -P $((10 + block)) ${block}M 1M" disk.vhdx
done
cat > run.py <<'EOF'
import itertools
from dissect.hypervisor.disk.vhdx import VHDX

MIB = 2**20
disk = VHDX(open("disk.vhdx", "rb"))
for start, length in ((0, 4), (1, 2), (0.5, 1), (0.5, 3), (1.5, 1)):
    disk.seek(int(start * MIB))
    read = disk.read(int(length * MIB))
    parts = [f"{len(list(part)) / MIB:g} of {byte}" for byte, part in itertools.groupby(read)]
    print(f"{length} MiB from {start}:", ", ".join(parts))
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
4 MiB from 0: 1 of 10, 1 of 11, 1 of 12, 1 of 13
2 MiB from 1: 1 of 11, 1 of 12
1 MiB from 0.5: 0.5 of 10
3 MiB from 0.5: 0.5 of 10, 0.5 of 11, 1 of 12, 0.5 of 10
1 MiB from 1.5: 0.5 of 11, 0.5 of 12
EOF
echo "As described."
