#!/usr/bin/env bash
# nbclient 0.11.0 with ipykernel 7.4.0: what an asyncio task prints after its cell is in no cell.
# A careful engineer would guess: it belongs to the cell that started the task, or to the cell that
# runs at the time, as what a thread prints does.
# Instead, the kernel sends it with the first cell as parent, and nbclient (so papermill and
# `nbconvert --execute`) reads nothing more for a cell that has ended: text, displays and updates of
# a display are dropped, without an error. A live view that a task keeps up to date shows
# its first state in every executed notebook; the same view kept by a thread shows its last.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q nbclient==0.11.0 ipykernel==7.4.0 2>/dev/null
cat > run.py <<'EOF'
import nbclient
from nbformat.v4 import new_code_cell, new_notebook

START = "from IPython.display import display\nview = display('starting', display_id=True)\n"
WORK = {
    "task": "import asyncio\nasync def work():\n    await asyncio.sleep(0.3)\n    print('running'); view.update('running')\n"
    "job = asyncio.create_task(work())",
    "thread": "import threading, time\ndef work():\n    time.sleep(0.3)\n    print('running'); view.update('running')\n"
    "job = threading.Thread(target=work); job.start()",
}
WAIT = {"task": "await job", "thread": "job.join()"}
for kind in WORK:
    notebook = new_notebook(cells=[new_code_cell(START + WORK[kind]), new_code_cell(WAIT[kind])])
    nbclient.NotebookClient(notebook).execute()
    for number, cell in enumerate(notebook.cells, 1):
        print(kind, "cell", number, [out.get("text") or out["data"]["text/plain"] for out in cell.outputs])
EOF
venv/bin/python run.py 2>/dev/null | tee seen
diff - seen <<'EOF'
task cell 1 ["'starting'"]
task cell 2 []
thread cell 1 ["'running'"]
thread cell 2 ['running\n']
EOF
echo "As described."
