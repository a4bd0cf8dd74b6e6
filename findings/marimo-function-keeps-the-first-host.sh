#!/usr/bin/env bash
# marimo 0.25.2: a notebook of Jupyter that it has converted creates the second VM on the first host.
# A careful engineer would guess: a cell that sets a name again either is refused, as marimo refuses it
# in its own notebooks, or the converted notebook computes what the original does.
# Instead, `marimo convert` gives the second `host` another name, `host_1`, in the cells behind it, but
# not in a function that was defined further up and reads `host` when it is called: the function stays
# with the first host, while the text that is printed beside it names the second. The conversion and
# the run report nothing. What a function needs has to be its argument.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q marimo==0.25.2 nbclient==0.11.0 nbformat==5.11.1 ipykernel==7.4.0 2>/dev/null
cat > jupyter.py <<'END'
import nbclient
import nbformat
from nbformat import v4

CELLS = (
    'host = "HV1"\ndef create(vm):\n    return f"created {vm} on {host}"',
    'print(f"For {host}:", create("web1"))',
    'host = "HV2"',
    'print(f"For {host}:", create("web2"))',
)
notebook = v4.new_notebook(cells=[v4.new_code_cell(code) for code in CELLS])
nbformat.write(notebook, "lab.ipynb")
notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python"}
nbclient.NotebookClient(notebook).execute()
for cell in notebook.cells:
    for output in cell.outputs:
        print(output.text, end="")
END
{
  echo "Jupyter:"; venv/bin/python jupyter.py 2>/dev/null
  venv/bin/marimo convert lab.ipynb -o lab.py >converted 2>&1
  echo "marimo:"; venv/bin/python lab.py
  echo "words of warning or error: $(grep -ciE 'warn|error|host' converted || true)"
} | tee seen
diff - seen <<'END'
Jupyter:
For HV1: created web1 on HV1
For HV2: created web2 on HV2
marimo:
For HV1: created web1 on HV1
For HV2: created web2 on HV1
words of warning or error: 0
END
echo "As described."
