#!/usr/bin/env bash
# tree-sitter-powershell 0.26.4: everyday commands of Windows PowerShell are syntax errors.
# A careful engineer would guess: a grammar that editors use reads what PowerShell 2 to 5.1 reads.
# Instead, a list of words without quotes is an error (with quotes, or of numbers or variables, it
# is read), and so are `default` behind another clause on the same line and a method followed by a
# block, while harder things (stop-parsing, here-strings, redirection of all streams) are read.
# A tool that checks generated Hyper-V commands with it refuses valid ones.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q tree-sitter==0.26.1 tree-sitter-powershell==0.26.4 2>/dev/null
cat > run.py <<'EOF'
import tree_sitter
import tree_sitter_powershell

parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_powershell.language()))
for command in (
    "Get-VM -Name web1,db2",
    "Get-VM -Name web-1,db-2",
    "Get-VM -Name web1, db2",
    "Get-VM -Name 'web-1','db-2'",
    "Get-VM 'web1', 'db2'",
    "Get-VM -Name $web,$db",
    "switch ($name) { 'web' { 1 } default { 2 } }",
    "switch ($name) { 'web' { 1 }\ndefault { 2 } }",
    "(Get-VM).Where{ $_.State }",
    "(Get-VM).Where({ $_.State })",
    "& 'C:\\a b\\c.exe' --% /x /y",
    "$text = @'\nx\n'@",
    "Get-VM *> $null",
):
    tree = parser.parse(command.encode())
    print("error" if tree.root_node.has_error else "read ", repr(command))
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
error 'Get-VM -Name web1,db2'
error 'Get-VM -Name web-1,db-2'
error 'Get-VM -Name web1, db2'
read  "Get-VM -Name 'web-1','db-2'"
read  "Get-VM 'web1', 'db2'"
read  'Get-VM -Name $web,$db'
error "switch ($name) { 'web' { 1 } default { 2 } }"
read  "switch ($name) { 'web' { 1 }\ndefault { 2 } }"
error '(Get-VM).Where{ $_.State }'
read  '(Get-VM).Where({ $_.State })'
read  "& 'C:\\a b\\c.exe' --% /x /y"
read  "$text = @'\nx\n'@"
read  'Get-VM *> $null'
EOF
echo "As described."
