#!/usr/bin/env bash
# OVMF 2022.11-6+deb12u2 (Debian 12): the variable store "with Microsoft's keys", for a KVM guest or a
# nested host with Secure Boot, knows Microsoft's certificate authorities of 2011 only.
# A careful engineer would guess: a build of March 2025 has the authorities of 2023 beside them, as
# physical firmware got them by update and as virt-firmware 26.10 enrolls them into the empty store.
# Instead, the two authorities in it ended in June and October 2026 and no successor is there. Firmware
# usually ignores that date, so what was signed under 2011 still boots; a boot manager or shim that is
# signed under 2023 alone is refused, with nothing in a VM's configuration that shows the difference.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q ovmf=2022.11-6+deb12u2 >/dev/null 2>&1
dpkg -x ovmf_*.deb root
python3 -m venv venv
venv/bin/pip install -q virt-firmware==26.10 cryptography==46.0.3 2>/dev/null
cat > list.py <<'EOF'
import pathlib, sys
from cryptography import x509

for path in pathlib.Path(sys.argv[1]).glob("db-*.pem"):
    read = x509.load_pem_x509_certificate(path.read_bytes())
    name = read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)[0].value
    print(f"{name}: {read.not_valid_before_utc:%Y-%m} to {read.not_valid_after_utc:%Y-%m}")
EOF
show() { echo "$1"; mkdir "$3"; (cd "$3" && ../venv/bin/virt-fw-vars -i "../$2" --extract-certs >/dev/null 2>&1); venv/bin/python list.py "$3" | sort | sed 's/^/  /'; }
{
  show "Debian's store with Microsoft's keys:" root/usr/share/OVMF/OVMF_VARS_4M.ms.fd ms
  venv/bin/virt-fw-vars -i root/usr/share/OVMF/OVMF_VARS_4M.fd --enroll-microsoft -o enrolled.fd >/dev/null 2>&1
  show "The empty store after --enroll-microsoft:" enrolled.fd enrolled
} | tee seen
diff - seen <<'EOF'
Debian's store with Microsoft's keys:
  Microsoft Corporation UEFI CA 2011: 2011-06 to 2026-06
  Microsoft Windows Production PCA 2011: 2011-10 to 2026-10
The empty store after --enroll-microsoft:
  Microsoft Corporation UEFI CA 2011: 2011-06 to 2026-06
  Microsoft Option ROM UEFI CA 2023: 2023-10 to 2038-10
  Microsoft UEFI CA 2023: 2023-06 to 2038-06
  Microsoft Windows Production PCA 2011: 2011-10 to 2026-10
  Windows UEFI CA 2023: 2023-06 to 2035-06
EOF
echo "As described."
