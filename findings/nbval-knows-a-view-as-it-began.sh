#!/usr/bin/env bash
# nbval 0.11.0 with ipykernel 7.4.0: a notebook with a view that is kept up to date fails against itself,
# and passes with the state that the view no longer has.
# A careful engineer would guess: a notebook that nbclient has just executed and saved, with one cell
# and nothing random in it, passes `pytest --nbval`.
# Instead, nbval does not know the messages that update a display or clear the output, notes them as
# "unhandled" and compares what was displayed first: the cell that shows "2 of 2 VMs running" at its end
# has to be saved with "0 of 2 VMs running" to pass, and then it passes also if the last update says
# that the lab failed. `--nbval-lax` passes all, since it compares nothing.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q nbval==0.11.0 pytest==8.4.2 ipykernel==7.4.0 nbclient==0.11.0 nbformat==5.11.1 2>/dev/null
cat > save.py <<'END'
import nbclient
import nbformat
from nbformat import v4

VIEW = """from IPython.display import Markdown, display
view = display(Markdown("0 of 2 VMs running"), display_id=True)
view.update(Markdown("END OF IT"))"""
CLEARED = """from IPython.display import clear_output
print("0 of 2 VMs running")
clear_output(wait=True)
print("2 of 2 VMs running")"""

def save(name, code, shown=None):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(code)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python"}
    nbclient.NotebookClient(notebook).execute()
    output = notebook.cells[0].outputs[0]
    if shown:
        output.data["text/markdown"] = shown
    print(f"{name}.ipynb is saved with:", (output.get("text") or output.data["text/markdown"]).strip())
    nbformat.write(notebook, f"{name}.ipynb")

save("executed", VIEW.replace("END OF IT", "2 of 2 VMs running"))
save("cleared", CLEARED)
save("first_state", VIEW.replace("END OF IT", "2 of 2 VMs running"), shown="0 of 2 VMs running")
save("failed", VIEW.replace("END OF IT", "The lab failed"), shown="0 of 2 VMs running")
END
{
  venv/bin/python save.py 2>/dev/null
  for name in executed cleared first_state failed; do
    echo "$name: $(venv/bin/python -m pytest -q -p no:cacheprovider --nbval "$name.ipynb" 2>&1 | tail -1 | sed 's/ in .*//')"
  done
} | tee seen
diff - seen <<'END'
executed.ipynb is saved with: 2 of 2 VMs running
cleared.ipynb is saved with: 2 of 2 VMs running
first_state.ipynb is saved with: 0 of 2 VMs running
failed.ipynb is saved with: 0 of 2 VMs running
executed: 1 failed
cleared: 1 failed
first_state: 1 passed
failed: 1 passed
END
echo "As described."
