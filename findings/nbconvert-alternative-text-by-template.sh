#!/usr/bin/env bash
# nbconvert 7.17.2: an alternative text that is stored with a picture is read by one of its HTML
# templates, and replaced by "No description has been provided for this image" in the other.
# A careful engineer would guess: `metadata["image/png"]["alt"]` of an output, which nbconvert's own
# templates read, is read by all of them, and by the one that is used unless another is named first.
# Instead, the `classic` template writes it, and the `lab` template, the usual one, writes its own
# sentence about every picture. Width and height of the same metadata are read by both. Only a picture within `text/html` keeps its text in both.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q nbconvert==7.17.2 nbformat==5.11.1 2>/dev/null
cat > write.py <<'EOF'
import nbformat
from nbformat.v4 import new_code_cell, new_notebook, new_output

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
described = {"image/png": {"alt": "one host, two VMs", "width": 40, "height": 30}}
outputs = [
    new_output("display_data", {"image/png": PIXEL}, metadata=described),
    new_output("display_data", {"text/html": f'<img alt="a switch" src="data:image/png;base64,{PIXEL}">'}),
]
notebook = new_notebook(cells=[new_code_cell("draw", outputs=outputs)])
nbformat.write(notebook, "lab.ipynb")
EOF
venv/bin/python write.py 2>/dev/null
for template in classic lab; do
    venv/bin/jupyter nbconvert --log-level ERROR --to html --template $template lab.ipynb --output $template.html 2>/dev/null
    echo "$template:"
    python3 - $template.html <<'EOF'
import re, sys
for image in re.findall(r"<img[^>]*>", open(sys.argv[1], encoding="utf-8").read(), re.DOTALL):
    print("  ", " ".join(re.findall(r'(?:alt|width|height)="[^"]*"|(?:width|height)=\S+', image)))
EOF
done | tee seen
diff - seen <<'EOF'
classic:
   alt="one host, two VMs" height="30" width="40"
   alt="a switch"
lab:
   alt="No description has been provided for this image" height="30" width="40"
   alt="a switch"
EOF
echo "As described."
