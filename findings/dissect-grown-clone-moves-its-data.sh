#!/usr/bin/env bash
# dissect.hypervisor 3.21: in a qcow2 that is larger than its backing file, data is read at another
# place of the disk than it was written to.
# A careful engineer would guess: behind the end of the backing file a clone reads as zeros, as qemu
# reads it; every cloud image is grown like that for the VM that is made from it.
# Instead, what neither file holds takes up no space in the answer: a read that begins in such a gap
# returns the bytes that follow the gap, as if they stood at its beginning, and the disk as a whole
# is shorter than its `size`. The read is right only where it begins and ends outside of all gaps.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q qemu-utils=1:7.2+dfsg-7+deb12u18+b3 liburing2 libaio1 libfuse3-3 libnuma1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
python3 -m venv venv
venv/bin/pip install -q dissect.hypervisor==3.21 2>/dev/null
qemu() { LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu:root/lib/x86_64-linux-gnu root/usr/bin/qemu-"$@"; }
qemu img create -q -f qcow2 base.qcow2 4M
qemu io -f qcow2 -c 'write -q -P 11 0 4M' base.qcow2
qemu img create -q -f qcow2 -b base.qcow2 -F qcow2 clone.qcow2 8M
qemu io -f qcow2 -c 'write -q -P 33 6M 1M' clone.qcow2
qemu img convert -f qcow2 -O raw clone.qcow2 clone.raw
cat > run.py <<'EOF'
import itertools
from pathlib import Path

from dissect.hypervisor.disk.qcow2 import QCow2

MIB = 2**20
readers = {"qemu": open("clone.raw", "rb"), "dissect": QCow2(Path("clone.qcow2")).open()}
for start, length in ((0, 8), (0, 4), (4, 3), (5, 2), (6, 1), (7, 1)):
    for name, disk in readers.items():
        disk.seek(start * MIB)
        read = disk.read(length * MIB)
        parts = [f"{len(list(part)) // MIB} MiB of {byte}" for byte, part in itertools.groupby(read)]
        print(f"{length} MiB from {start} by {name}: {', '.join(parts) or 'nothing'}")
print("size:", readers["dissect"].size // MIB)
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
8 MiB from 0 by qemu: 4 MiB of 11, 2 MiB of 0, 1 MiB of 33, 1 MiB of 0
8 MiB from 0 by dissect: 4 MiB of 11, 1 MiB of 33
4 MiB from 0 by qemu: 4 MiB of 11
4 MiB from 0 by dissect: 4 MiB of 11
3 MiB from 4 by qemu: 2 MiB of 0, 1 MiB of 33
3 MiB from 4 by dissect: 1 MiB of 33
2 MiB from 5 by qemu: 1 MiB of 0, 1 MiB of 33
2 MiB from 5 by dissect: 1 MiB of 33
1 MiB from 6 by qemu: 1 MiB of 33
1 MiB from 6 by dissect: 1 MiB of 33
1 MiB from 7 by qemu: 1 MiB of 0
1 MiB from 7 by dissect: nothing
size: 8
EOF
echo "As described."
