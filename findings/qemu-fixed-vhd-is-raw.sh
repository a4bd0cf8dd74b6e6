#!/usr/bin/env bash
# qemu-img 7.2.22 (Debian 12): a fixed VHD, made by the same program, is taken for a raw disk, and
# its last sector becomes one of the guest's.
# A careful engineer would guess: `qemu-img info` and `convert` recognise the formats that they
# write, as they recognise a dynamic VHD and a VHDX.
# Instead, only the first sector is looked at, and a fixed VHD has its footer in the last: it is
# "raw", and converted without a warning into a disk that is one sector longer than the guest's,
# with the footer as data in the place where the second partition table of a GPT disk should be.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q qemu-utils=1:7.2+dfsg-7+deb12u18+b3 liburing2 libaio1 libfuse3-3 libnuma1 >/dev/null 2>&1
for package in *.deb; do dpkg -x "$package" root; done
qemu() { LD_LIBRARY_PATH=root/usr/lib/x86_64-linux-gnu:root/lib/x86_64-linux-gnu root/usr/bin/qemu-img "$@"; }
for made in fixed.vhd=vpc,subformat=fixed,force_size=on dynamic.vhd=vpc,force_size=on fixed.vhdx=vhdx,subformat=fixed; do
    disk=${made%%=*}; kind=${made#*=}
    qemu create -q -f "${kind%%,*}" -o "${kind#*,}" "$disk" 8M
    qemu convert -O qcow2 "$disk" guest.qcow2 2>&1
    qemu convert -f qcow2 -O raw guest.qcow2 guest.raw
    echo "$disk: $(qemu info "$disk" | sed -n 2p), guest: $(stat -c %s guest.raw) bytes," \
        "last sector begins with '$(tail -c 512 guest.raw | head -c 8 | tr '\0' .)'"
done | tee seen
diff - seen <<'EOF'
fixed.vhd: file format: raw, guest: 8389120 bytes, last sector begins with 'conectix'
dynamic.vhd: file format: vpc, guest: 8388608 bytes, last sector begins with '........'
fixed.vhdx: file format: vhdx, guest: 8388608 bytes, last sector begins with '........'
EOF
echo "As described."
