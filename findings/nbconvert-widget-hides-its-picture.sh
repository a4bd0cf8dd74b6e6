#!/usr/bin/env bash
# nbconvert 7.17.2: a saved notebook whose widget has a picture beside it shows neither in an HTML
# file that is read without a network.
# A careful engineer would guess: an output that holds a widget and the same as a picture, as
# ipywidgets' `_repr_mimebundle_` allows, keeps the picture in HTML for readers without scripts.
# Instead, where the notebook has stored the widget's state, the page gets the widget alone, which a
# script from a public server draws; the picture is not in the file at all. Where the state of that
# widget is not stored, the picture is there. Markdown takes the picture in both cases.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q nbconvert==7.17.2 nbformat==5.11.1 2>/dev/null
cat > write.py <<'EOF'
import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

view = {"version_major": 2, "version_minor": 0, "model_id": "a1"}
model = {"model_name": "DOMWidgetModel", "model_module": "lab", "model_module_version": "1", "state": {}}
data = {
    "application/vnd.jupyter.widget-view+json": view,
    "text/html": "<p>the picture of the lab</p>",
    "text/plain": "Designer(lab)",
}
for name, models in (("stored", {"a1": model}), ("missing", {"b2": model})):
    cell = new_code_cell("designer", outputs=[new_output("display_data", data)])
    notebook = new_notebook(cells=[cell])
    state = {"version_major": 2, "version_minor": 0, "state": models}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    nbformat.write(notebook, f"{name}.ipynb")
EOF
venv/bin/python write.py 2>/dev/null
for kind in html markdown; do
    venv/bin/jupyter nbconvert --log-level ERROR --to $kind stored.ipynb missing.ipynb 2>/dev/null
done
{
    for file in stored.html missing.html stored.md missing.md; do
        echo "$file: picture $(grep -c 'the picture of the lab' $file || true), widget $(grep -c '"model_id": "a1"' $file || true)"
    done
    grep -o 'https://unpkg[^"]*html-manager' stored.html | head -1
} | tee seen
diff - seen <<'EOF'
stored.html: picture 0, widget 1
missing.html: picture 1, widget 0
stored.md: picture 1, widget 0
missing.md: picture 1, widget 0
https://unpkg.com/@jupyter-widgets/html-manager
EOF
echo "As described."
