#!/usr/bin/env bash
# nbclient 0.11.0: a notebook whose run failed shows success further down, from the run before.
# A careful engineer would guess: an execution that starts from the first cell removes the outputs
# that it is going to replace, so that after an error the cells below are empty.
# Instead, each cell is emptied when its turn comes: the cells behind the error keep the outputs and
# the numbers of the earlier run. A notebook saved after a lab failed to build still says that all
# VMs are running, and the numbers of its cells do not tell, as they go on in order.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q nbclient==0.11.0 ipykernel==7.4.0 2>/dev/null
cat > run.py <<'EOF'
import nbclient
from nbformat.v4 import new_code_cell, new_notebook

notebook = new_notebook(cells=[new_code_cell(code) for code in ("hosts = ['HV1']", "hosts[0]", "'all VMs running'")])
for hosts in ("hosts = ['HV1']", "hosts = []"):
    notebook.cells[0].source = hosts
    try:
        nbclient.NotebookClient(notebook).execute()
        print("succeeded")
    except nbclient.exceptions.CellExecutionError as error:
        print("failed:", error.ename)
    for cell in notebook.cells:
        print(" ", cell.execution_count, [out.get("ename") or out["data"]["text/plain"] for out in cell.outputs])
EOF
venv/bin/python run.py 2>/dev/null | tee seen
diff - seen <<'EOF'
succeeded
  1 []
  2 ["'HV1'"]
  3 ["'all VMs running'"]
failed: IndexError
  1 []
  2 ['IndexError']
  3 ["'all VMs running'"]
EOF
echo "As described."
