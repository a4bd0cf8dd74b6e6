#!/usr/bin/env bash
# packer 1.6.6 (Debian 12): a template that `hcl2_upgrade` has converted builds without an error, with
# other provisioning steps on other machines.
# A careful engineer would guess: the command converts what a template says of each step, and leaves a
# remark in the file where it cannot, as it does above a text that it does not understand.
# Instead, `only` and `except` keep the name "web", while builds are called "null.web" from then on: what
# was for one machine runs on none, and what was kept from a machine runs on it. `override` and
# `pause_before` are left out of the file, so a machine gets the common variant, and the step behind a
# restart does not wait. There is no remark; `packer validate` and the build end with 0.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
apt-get download -q packer=1.6.6+ds2-1+b1 >/dev/null 2>&1
dpkg -x packer_*.deb root
export CHECKPOINT_DISABLE=1 PACKER_CONFIG_DIR=$work
cat > lab.json <<'END'
{
  "builders": [
    {"type": "null", "name": "web", "communicator": "none"},
    {"type": "null", "name": "dc", "communicator": "none"}
  ],
  "provisioners": [
    {"type": "shell-local", "inline": ["echo install the web server"], "only": ["web"]},
    {"type": "shell-local", "inline": ["echo join the domain"], "except": ["dc"]},
    {"type": "shell-local", "inline": ["echo 2 GB of page file"],
     "override": {"dc": {"inline": ["echo 8 GB of page file"]}}},
    {"type": "shell-local", "inline": ["echo check the services"], "pause_before": "1s"}
  ]
}
END
root/usr/bin/packer hcl2_upgrade -output-file=lab.pkr.hcl lab.json >/dev/null
{
  root/usr/bin/packer validate lab.pkr.hcl >/dev/null; echo "validate: exit code $?"
  for template in lab.json lab.pkr.hcl; do
    code=0; root/usr/bin/packer build -color=false "$template" >log || code=$?
    echo "$template: exit code $code, pauses: $(grep -c Pausing log || true)"
    sed -En 's/^    (null\.)?(web|dc): /  \2: /p' log | sort -s -k 1,1
  done
} | tee seen
diff - seen <<'END'
validate: exit code 0
lab.json: exit code 0, pauses: 2
  dc: 8 GB of page file
  dc: check the services
  web: install the web server
  web: join the domain
  web: 2 GB of page file
  web: check the services
lab.pkr.hcl: exit code 0, pauses: 0
  dc: join the domain
  dc: 2 GB of page file
  dc: check the services
  web: join the domain
  web: 2 GB of page file
  web: check the services
END
echo "As described."
