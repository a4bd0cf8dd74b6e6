#!/usr/bin/env bash
# PyYAML 6.0.4 beside ruamel.yaml 0.19.1, yaml 2.9.1 and js-yaml 5.5.0 (npm): texts that PyYAML
# writes are numbers for the others.
# A careful engineer would guess: `safe_dump` puts quotes around every text that could be read as
# something else, and a text that was written by one YAML library is a text for the next.
# Instead, PyYAML quotes what YAML 1.1 takes for a number, and the others (editors, and most that is
# written in JavaScript) read YAML 1.2: of the seats 01 to 09, two are numbers and lose their zero,
# a MAC address of digits with one E among them becomes infinite for two of the three, and `12e4`,
# the beginning of a checksum or of an id, becomes 120000. PyYAML reads all of them back as texts.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pyyaml==6.0.4 ruamel.yaml==0.19.1 2>/dev/null
npm install --silent --no-audit --no-fund yaml@2.9.1 js-yaml@5.5.0 >/dev/null 2>&1
cat > run.py <<'EOF'
import yaml
from ruamel.yaml import YAML

names = ["07", "08", "09", "10", "02155E001234", "021590001234", "12e4", "0o17", "0x1F", "1_000"]
written = yaml.safe_dump(names)
open("names.yaml", "w").write(written)
print("written:", " ".join(line[2:] for line in written.splitlines()))
print("PyYAML:", yaml.safe_load(written) == names)
print("ruamel.yaml:", YAML(typ="safe", pure=True).load(written))
EOF
cat > run.mjs <<'EOF'
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as js from 'js-yaml';
const written = readFileSync('names.yaml', 'utf8');
console.log('yaml:', parse(written).map(String).join(' '));
console.log('js-yaml:', js.load(written).map(String).join(' '));
EOF
{ venv/bin/python run.py; node run.mjs; } | tee seen
diff - seen <<'EOF'
written: '07' 08 09 '10' 02155E001234 021590001234 12e4 0o17 '0x1F' '1_000'
PyYAML: True
ruamel.yaml: ['07', 8, 9, '10', inf, 21590001234, 120000.0, 15, '0x1F', '1_000']
yaml: 07 8 9 10 Infinity 21590001234 120000 15 0x1F 1_000
js-yaml: 07 8 9 10 02155E001234 21590001234 120000 15 0x1F 1_000
EOF
echo "As described."
