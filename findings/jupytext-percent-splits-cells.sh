#!/usr/bin/env bash
# jupytext 1.19.6: a notebook that goes through the percent format and back can have more cells, of other kinds, than before.
# One would guess: a line of a cell that looks like a cell marker is escaped, as magics are.
# Seen: a comment `# %% ...` inside a code cell begins a new cell after the round trip, and one with `[markdown]` turns the code behind it into text,
# which is then no longer run. The same line inside a string is left alone. py:light, md and md:myst keep the cells whole.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q jupytext==1.19.6 nbformat==5.11.1 2>/dev/null
cat > run.py <<'EOF'
import jupytext, nbformat
notebook = nbformat.v4.new_notebook(cells=[
    nbformat.v4.new_code_cell("switch = 'Lan'\n# %% [markdown]\n# hosts first\napply(switch)"),
    nbformat.v4.new_code_cell("text = '''\n# %%\n'''"),
])
for kind in ("py:percent", "py:light", "md", "md:myst"):
    back = jupytext.reads(jupytext.writes(notebook, fmt=kind), fmt=kind)
    print(kind, [(cell.cell_type, cell.source) for cell in back.cells if cell.source not in [c.source for c in notebook.cells]])
EOF
venv/bin/python run.py 2>/dev/null | tee seen
diff - seen <<'EOF'
py:percent [('code', "switch = 'Lan'"), ('markdown', 'hosts first\napply(switch)')]
py:light []
md []
md:myst []
EOF
echo "As described."
