#!/usr/bin/env bash
# ansible-core 2.19.14: in an INI inventory, `ansible_user=LAB\admin` is another account on the line
# of a host than under `[hosts:vars]`.
# A careful engineer would guess: `name=value` means the same in both places of one file.
# Instead, a host's line is split as a shell splits words: the domain's backslash and those of a
# path disappear, and a `#` within a password ends the value and all variables behind it, without a
# warning. Under `:vars` the same texts are kept; there, quotes bring Python's escapes, so that `\n`
# in a quoted path is a line break. In both, the configuration version 9.10 becomes 9.1.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q ansible-core==2.19.14 2>/dev/null
cat > variables <<'EOF'
ansible_user=LAB\admin
disks=D:\labs\new
quoted="D:\labs\new"
version=9.10
ansible_password=Pa#ss1
switch=Lan
EOF
{
    echo "[hosts]"; echo "HV1 $(paste -sd' ' variables)"; echo "HV2"
    echo "[group]"; echo "HV2"
    echo "[group:vars]"; cat variables
} > inventory.ini
for host in HV1 HV2; do
    echo "$host:"
    venv/bin/ansible-inventory -i inventory.ini --host $host 2>&1
done | tee seen
diff - seen <<'EOF'
HV1:
{
    "ansible_password": "Pa",
    "ansible_user": "LABadmin",
    "disks": "D:labsnew",
    "quoted": "D:\\labs\\new",
    "version": 9.1
}
HV2:
{
    "ansible_password": "Pa#ss1",
    "ansible_user": "LAB\\admin",
    "disks": "D:\\labs\\new",
    "quoted": "D:\\labs\new",
    "switch": "Lan",
    "version": 9.1
}
EOF
echo "As described."
