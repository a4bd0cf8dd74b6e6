#!/usr/bin/env bash
# ipywidgets 8.1.9: when the list behind a selection is renewed, another entry is selected, though the
# chosen one is still there.
# A careful engineer would guess: `options` gets the new list, and the value stays as long as the list
# has it; a value that has gone is unselected.
# Instead, Dropdown, Select and RadioButtons take the first entry of the new list, and observers hear
# of it as of a user's choice; SelectMultiple forgets what was chosen. With a VM list that refreshes
# itself, the button "Remove" beside it acts on another VM when a new one sorts first. The value
# has to be kept and set again by hand. SelectionSlider does the same; Combobox keeps its text.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q ipywidgets==8.1.9 2>/dev/null
cat > run.py <<'EOF'
import ipywidgets

for kind in ("Dropdown", "Select", "RadioButtons", "ToggleButtons", "SelectionSlider", "SelectMultiple", "Combobox"):
    many = kind == "SelectMultiple"
    widget = getattr(ipywidgets, kind)(options=["db", "web"], value=["web"] if many else "web")
    heard = []
    widget.observe(lambda change: heard.append(change.new), "value")
    widget.options = ["app", "db", "web"]
    print(kind, "has", widget.value, "and told", heard)
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
Dropdown has app and told ['app']
Select has app and told ['app']
RadioButtons has app and told ['app']
ToggleButtons has app and told ['app']
SelectionSlider has app and told ['app']
SelectMultiple has () and told [()]
Combobox has web and told []
EOF
echo "As described."
