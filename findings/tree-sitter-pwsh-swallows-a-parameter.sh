#!/usr/bin/env bash
# tree-sitter-pwsh 0.38.1 (PyPI): the parameter behind one whose default is an array is not in the
# tree, and the tree has no error.
# A careful engineer would guess: a grammar that does not report an error has read the text as
# PowerShell does, so that a tool can list a script's parameters from the tree.
# Instead, the comma behind `@(...)` is read as the operator that joins arrays: the next parameter,
# its type included, becomes part of the default. Behind a default in quotes it does not.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q tree-sitter==0.26.1 tree-sitter-pwsh==0.38.1 2>/dev/null
cat > parameters.py <<'EOF'
import tree_sitter
import tree_sitter_pwsh

SCRIPTS = (
    "param([string[]] $Names = @('HV1'), [string] $Switch)",
    "param([string[]] $Names = @(), [string] $Switch)",
    "param([string[]] $Names, [string] $Switch)",
    "param($Switch = 'Lan', [string[]] $Names = @(), [switch] $Force)",
)


def find(node, kind):
    if node.type == kind:
        yield node
    for child in node.children:
        yield from find(child, kind)


parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_pwsh.language()))
for script in SCRIPTS:
    root = parser.parse(f"{script}\n".encode()).root_node
    found = len(list(find(root, "script_parameter")))
    print(f"{script} -> {found} parameters, error: {root.has_error}")
EOF
venv/bin/python parameters.py | tee seen
diff - seen <<'EOF'
param([string[]] $Names = @('HV1'), [string] $Switch) -> 1 parameters, error: False
param([string[]] $Names = @(), [string] $Switch) -> 1 parameters, error: False
param([string[]] $Names, [string] $Switch) -> 2 parameters, error: False
param($Switch = 'Lan', [string[]] $Names = @(), [switch] $Force) -> 2 parameters, error: False
EOF
echo "As described."
