#!/usr/bin/env bash
# griffelib 2.4.1 (read by mkdocstrings 1.0.8): a function that shares its name with the submodule
# that defines it is missing from the API documentation.
# A careful engineer would guess: `__init__.py` says `from lab.plan import plan` and lists `plan` in
# `__all__`, so the name `lab.plan` is the function, as it is for Python.
# Instead, griffe gives the submodule, even when it imports the package rather than reading its
# source, and the page of the package describes `show` only. Neither of them reports anything, with
# `--strict` either. A function named apart from its module, or a private module name, avoids it.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q griffelib==2.4.1 mkdocs==1.6.1 mkdocstrings==1.0.8 mkdocstrings-python==2.0.11 2>/dev/null
mkdir lab docs
printf 'from lab.plan import plan\nfrom lab.draw import show\n__all__ = ["plan", "show"]\n' > lab/__init__.py
printf 'def plan(topology: str) -> str:\n    """Return the steps."""\n    return topology\n' > lab/plan.py
printf 'def show(topology: str) -> str:\n    """Return the drawing."""\n    return topology\n' > lab/draw.py
echo '::: lab' > docs/index.md
printf 'site_name: Lab\nplugins: [mkdocstrings]\n' > mkdocs.yml
cat > run.py <<'EOF'
import griffe, lab
for name in lab.__all__:
    read, imported = (griffe.load("lab", search_paths=["."], resolve_aliases=True, force_inspection=how)
                      for how in (False, True))
    print(name, "is for Python a", type(getattr(lab, name)).__name__,
          "and for griffe a", read[name].kind.value, "or, imported, a", imported[name].kind.value)
EOF
{ PYTHONPATH=. venv/bin/python run.py
  PYTHONPATH=. venv/bin/mkdocs build --strict >/dev/null 2>&1 && echo "strict build passed"
  grep -oE 'id="lab[a-z.]*"|Return the [a-z]+' site/index.html | sort -u; } | tee seen
diff - seen <<'EOF'
plan is for Python a function and for griffe a module or, imported, a module
show is for Python a function and for griffe a function or, imported, a function
strict build passed
Return the drawing
id="lab"
id="lab.show"
EOF
echo "As described."
