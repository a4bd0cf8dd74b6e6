#!/usr/bin/env bash
# libqcow 20260703: of a compressed qcow2 it returns zeros for every second cluster, and a clone's
# own zeros as what the parent has there.
# A careful engineer would guess: a library for reading qcow2 reads what `qemu-img convert -c`
# writes (cloud images are distributed so) or reports that it cannot, as it does with zstd.
# Instead, there is no error: of eight compressed clusters with bytes of 1 to 8, four are zeros. A
# cluster that the clone's guest has discarded (TRIM) and reads as zeros is the parent's once more,
# so that deleted files are back.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q qemu-utils=1:7.2+dfsg-7+deb12u18+b3 liburing2 libaio1 libfuse3-3 libnuma1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
python3 -m venv venv
venv/bin/pip install -q libqcow-python==20260703 dissect.hypervisor==3.21 2>/dev/null
qemu() { LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu:root/lib/x86_64-linux-gnu root/usr/bin/qemu-"$@"; }
python3 -c "import sys; sys.stdout.buffer.write(b''.join(bytes([n]) * 65536 for n in range(1, 9)))" > base.raw
qemu img convert -f raw -O qcow2 base.raw base.qcow2
qemu img convert -f raw -O qcow2 -c base.raw compressed.qcow2
qemu img convert -f raw -O qcow2 -c -o compression_type=zstd base.raw zstd.qcow2
qemu img create -q -f qcow2 -b base.qcow2 -F qcow2 clone.qcow2
qemu io -d unmap -f qcow2 -c 'write -q -P 99 64k 64k' -c 'discard -q 128k 128k' clone.qcow2
qemu img convert -f qcow2 -O raw clone.qcow2 clone.raw
cat > run.py <<'EOF'
from pathlib import Path

import pyqcow
from dissect.hypervisor.disk.qcow2 import QCow2


def show(title, content):
    print(f"{title}:", *(sorted(set(content[n : n + 65536])) for n in range(0, len(content), 65536)))


def libqcow(name, parent=None):
    file = pyqcow.file()
    file.open(name)
    if parent:
        file.set_parent(libqcow(parent))
    return file


show("plain, libqcow", libqcow("base.qcow2").read(8 * 65536))
show("compressed, dissect", QCow2(Path("compressed.qcow2")).open().read(8 * 65536))
show("compressed, libqcow", libqcow("compressed.qcow2").read(8 * 65536))
try:
    libqcow("zstd.qcow2")
except OSError as error:
    print("zstd, libqcow:", str(error).split(": ")[2].split(".")[0])
show("clone, qemu", open("clone.raw", "rb").read())
show("clone, libqcow", libqcow("clone.qcow2", "base.qcow2").read(8 * 65536))
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
plain, libqcow: [1] [2] [3] [4] [5] [6] [7] [8]
compressed, dissect: [1] [2] [3] [4] [5] [6] [7] [8]
compressed, libqcow: [1] [0] [3] [0] [5] [0] [7] [0]
zstd, libqcow: unsupported incompatible features flags
clone, qemu: [1] [99] [0] [0] [5] [6] [7] [8]
clone, libqcow: [1] [99] [3] [4] [5] [6] [7] [8]
EOF
echo "As described."
