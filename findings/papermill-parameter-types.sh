#!/usr/bin/env bash
# papermill 2.7.0: `-p NAME VALUE` gives a lab's names and numbers other types and other values than were typed.
# One would guess: digits become a number, everything else stays text.
# Seen: VALUE goes through Python's int() and float(). A configuration version loses its last digit (9.10 is 9.1), a MAC address of digits and an
# `e` is a power of ten, or infinite, `10_0` is one hundred, a seat number loses its zero; `True` is a truth value while `true` and `yes` are texts.
# `-r` (raw) keeps what was typed.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q papermill==2.7.0 nbformat==5.11.1 2>/dev/null
cat > run.py <<'EOF'
import sys, nbformat, subprocess
notebook = nbformat.v4.new_notebook()
notebook.cells = [nbformat.v4.new_code_cell("seat = ''", metadata={"tags": ["parameters"]})]
notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "python3", "language": "python"}
nbformat.write(notebook, "in.ipynb")
values = {"version": "9.10", "mac": "525400e12345", "name": "10_0", "seat": "007", "yes": "True", "no": "true", "word": "yes"}
options = [part for name, value in values.items() for part in ("-p", name, value)]
subprocess.run([sys.executable, "-m", "papermill", "in.ipynb", "out.ipynb", "--prepare-only", *options, "-r", "kept", "525400e12345"],
               check=True, capture_output=True)
print(next(c for c in nbformat.read("out.ipynb", 4).cells if "injected-parameters" in c.metadata.tags).source.strip())
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
# Parameters
version = 9.1
mac = float('inf')
name = 100
seat = 7
yes = True
no = "true"
word = "yes"
kept = "525400e12345"
EOF
echo "As described."
