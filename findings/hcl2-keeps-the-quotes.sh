#!/usr/bin/env bash
# python-hcl2 8.1.4: what it reads out of a Terraform file of a Hyper-V lab are pieces of source text, not values.
# One would guess: `name = "LabNet"` gives the text LabNet.
# Seen: texts keep their quotes and escapes, labels too, so `resource["hyperv_network_switch"]` is a KeyError; a here-document comes with its marker
# and its indentation; `8 * 1024` and `1e3` come as "${8 * 1024}" and "${1e3}"; each block has an extra key `__is_block__`.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q python-hcl2==8.1.4 2>/dev/null
cat > lab.tf <<'EOF'
resource "hyperv_network_switch" "lan" {
  name   = "LabNet"
  path   = "D:\\images"
  memory = 8 * 1024
  rate   = 1e3
  notes  = <<-EOT
    one
  EOT
}
EOF
venv/bin/python -c "
import hcl2
block = hcl2.loads(open('lab.tf').read())['resource'][0]
print(list(block))
for key, value in block['\"hyperv_network_switch\"']['\"lan\"'].items(): print(key, repr(value))
" | tee seen
diff - seen <<'EOF'
['"hyperv_network_switch"']
name '"LabNet"'
path '"D:\\\\images"'
memory '${8 * 1024}'
rate '${1e3}'
notes '"<<-EOT\n    one\n  EOT"'
__is_block__ True
EOF
echo "As described."
