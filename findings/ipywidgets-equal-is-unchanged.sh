#!/usr/bin/env bash
# ipywidgets 8.1.9, traitlets 5.16.1: a widget that goes from 1 to True, or from 0 to False, keeps that to itself.
# One would guess: another value is another value, so observers and the page hear of it.
# Seen: the trait holds the new value, but as old == new nobody is told and no message goes to the page; and a Dropdown over
# 0, False, 1 and True whose choice "no" is made shows "no" and has the value 0. A tri-state (not known, off, on) must not mix numbers and truth values.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q ipywidgets==8.1.9 traitlets==5.16.1 2>/dev/null
cat > run.py <<'EOF'
import ipywidgets
from traitlets import Any
class Light(ipywidgets.DOMWidget):
    state = Any().tag(sync=True)
light, told, sent = Light(), [], []
light.observe(lambda change: told.append(change.new), "state")
light.send_state = lambda key=None: sent.append(key)
for value in (1, True, 0, False, None):
    light.state = value
    print(repr(light.state), "told", told, "sent", len(sent))
choice = ipywidgets.Dropdown(options=[("zero", 0), ("no", False), ("one", 1), ("yes", True)])
choice.label = "no"
print("label no:", choice.label, repr(choice.value))
choice.index = 3
print("index 3:", choice.label, repr(choice.value))
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
1 told [1] sent 1
True told [1] sent 1
0 told [1, 0] sent 2
False told [1, 0] sent 2
None told [1, 0, None] sent 3
label no: no 0
index 3: yes 1
EOF
echo "As described."
