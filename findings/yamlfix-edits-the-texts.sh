#!/usr/bin/env bash
# yamlfix 1.19.1, and cloud-init 22.4.2 (Debian 12) as the reader: formatting a lab file switches the
# user data of its VMs off.
# A careful engineer would guess: a formatter of YAML leaves the values as they are, and so the lines
# of a block text (`|`), which is there to hold scripts.
# Instead, block texts are formatted as well: `#cloud-config` becomes `# cloud-config`, a comment that
# cloud-init takes for no kind of user data, so the guest gets none of it; empty lines go, also those
# in a here-string and between paragraphs; `no` behind a colon becomes `false`. A time of day outside
# of the texts loses its quotes, and is a number of seconds for PyYAML. The exit code is 0 and the
# file is reported as fixed. prettier 3.10.1 keeps all of it.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q cloud-init=22.4.2-1+deb12u4 >/dev/null 2>&1
dpkg -x cloud-init_*.deb root
python3 -m venv venv
venv/bin/pip install -q yamlfix==1.19.1 PyYAML==6.0.4 jinja2==3.1.6 configobj==5.0.9 requests==2.32.5 jsonpatch==1.33 2>/dev/null
npm install --silent --no-audit --no-fund prettier@3.10.1 >/dev/null 2>&1
cat > lab.yml <<'END'
---
vms:
  - name: web1
    starts: "12:30:45"
    user_data: |
      #cloud-config
      packages: [nginx]
    setup: |
      $page = @'
      Seat 1

      Welcome
      '@
      Set-Content page.txt $page  #saved
    notes: >
      First paragraph.

      Second paragraph.
    answers: |
      network: no
END
cat > read.py <<'END'
import sys
import yaml
sys.path.insert(0, "root/usr/lib/python3/dist-packages")
from cloudinit.handlers import type_from_starts_with
for name in sys.argv[1:]:
    vm = yaml.safe_load(open(name))["vms"][0]
    print(name)
    print("  user data, for cloud-init:", type_from_starts_with(vm.pop("user_data")))
    for key in ("setup", "notes", "answers", "starts"):
        print(f"  {key}: {vm[key]!r}")
END
cp lab.yml fixed.yml; cp lab.yml prettier.yml
venv/bin/yamlfix fixed.yml >/dev/null 2>&1
node_modules/.bin/prettier --write prettier.yml >/dev/null
venv/bin/python read.py lab.yml fixed.yml prettier.yml | tee seen
diff - seen <<'END'
lab.yml
  user data, for cloud-init: text/cloud-config
  setup: "$page = @'\nSeat 1\n\nWelcome\n'@\nSet-Content page.txt $page  #saved\n"
  notes: 'First paragraph.\nSecond paragraph.\n'
  answers: 'network: no\n'
  starts: '12:30:45'
fixed.yml
  user data, for cloud-init: None
  setup: "$page = @'\nSeat 1\nWelcome\n'@\nSet-Content page.txt $page  # saved\n"
  notes: 'First paragraph. Second paragraph.\n'
  answers: 'network: false'
  starts: 45045
prettier.yml
  user data, for cloud-init: text/cloud-config
  setup: "$page = @'\nSeat 1\n\nWelcome\n'@\nSet-Content page.txt $page  #saved\n"
  notes: 'First paragraph.\nSecond paragraph.\n'
  answers: 'network: no\n'
  starts: '12:30:45'
END
echo "As described."
