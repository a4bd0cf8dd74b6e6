#!/usr/bin/env bash
# ruamel.yaml 0.19.1: a comment above an entry belongs to the entry before it.
# A careful engineer would guess: in a round trip, the comment stays above the entry that it is about.
# Instead, deleting the VM `gw` keeps the comment about `gw`, now above `web`, and deletes the one
# about `web`; replacing the value of `gw` deletes it as well; and a key added to `gw` lands below
# the comment about `web`. The first comment of a block stays first through all of it. A tool that
# edits a lab file by key has to move comments itself.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q ruamel.yaml==0.19.1 2>/dev/null
cat > lab.yml <<'EOF'
vms:
  # Retired in May.
  gw:
    memory: 2GB
  # Keep: the licence is bound to it.
  web:
    memory: 4GB
EOF
cat > run.py <<'EOF'
import sys
from ruamel.yaml import YAML
def remove(vms): del vms["gw"]
def replace(vms): vms["gw"] = {"memory": "3GB"}
def extend(vms): vms["gw"]["processors"] = 2
for change in (remove, replace, extend):
    yaml = YAML()
    with open("lab.yml") as file:
        lab = yaml.load(file)
    change(lab["vms"])
    print("---", change.__name__, flush=True)
    yaml.dump(lab, sys.stdout)
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
--- remove
vms:
  # Retired in May.
  web:
    memory: 4GB
--- replace
vms:
  # Retired in May.
  gw:
    memory: 3GB
  web:
    memory: 4GB
--- extend
vms:
  # Retired in May.
  gw:
    memory: 2GB
  # Keep: the licence is bound to it.
    processors: 2
  web:
    memory: 4GB
EOF
echo "As described."
