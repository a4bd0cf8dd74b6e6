#!/usr/bin/env bash
# cattrs 26.2.1: reading JSON into typed dataclasses does not check the types; it calls them.
# One would guess: `structure({"running": "false"}, VM)` is refused, or false.
# Seen: bool("false") is True; a text where a tuple of texts is wanted falls into its letters; "7" and 3.9 are the integers 7 and 3; True is taken as
# the Literal 1; a key that the class does not have is dropped. A journal or plan edited by hand is read as something else, without an error.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q cattrs==26.2.1 2>/dev/null
cat > run.py <<'EOF'
from dataclasses import dataclass
from typing import Literal
from cattrs.preconf.json import make_converter
@dataclass
class VM:
    running: bool = False
    switches: tuple[str, ...] = ()
    processors: int = 1
    generation: Literal[1, 2] = 2
for text in ('{"running": "false"}', '{"switches": "Lan"}', '{"processors": "7"}', '{"processors": 3.9}', '{"generation": true}', '{"runing": true}'):
    print(text, "->", make_converter().loads(text, VM))
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
{"running": "false"} -> VM(running=True, switches=(), processors=1, generation=2)
{"switches": "Lan"} -> VM(running=False, switches=('L', 'a', 'n'), processors=1, generation=2)
{"processors": "7"} -> VM(running=False, switches=(), processors=7, generation=2)
{"processors": 3.9} -> VM(running=False, switches=(), processors=3, generation=2)
{"generation": true} -> VM(running=False, switches=(), processors=1, generation=True)
{"runing": true} -> VM(running=False, switches=(), processors=1, generation=2)
EOF
echo "As described."
