#!/usr/bin/env bash
# rich 15.0.0: text in square brackets disappears, or not, by what it looks like; a Windows path loses a backslash.
# One would guess: only known style tags are markup, the rest is printed.
# Seen: `[web1]`, `[string]` and `[a, b]` vanish without an error, while `[10.0.0.1]`, `[HV1/web1]`, `[01]` and `[-Force]` are printed; `D:\vms\[lab]`
# becomes `D:\vms[lab]`, since the backslash counts as an escape. VM names, .NET types and paths have to go through rich.markup.escape, or Text.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q rich==15.0.0 2>/dev/null
cat > run.py <<'EOF'
from rich.console import Console
for text in ("VM [web1] started", "[string] is the type", "on [a, b]", "[10.0.0.1]", "[HV1/web1]", "seat [01]", "Stop-VM [-Force]", r"D:\vms\[lab]\web.vhdx"):
    Console(width=80, color_system=None).print(text)
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
VM  started
 is the type
on 
[10.0.0.1]
[HV1/web1]
seat [01]
Stop-VM [-Force]
D:\vms[lab]\web.vhdx
EOF
echo "As described."
