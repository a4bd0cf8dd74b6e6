#!/usr/bin/env bash
# mkdocs 1.6.1: `--quiet` switches `--strict` off.
# A careful engineer would guess: `--quiet` decides what is printed and `--strict` decides the exit
# code, so a quiet strict build in CI fails on a broken link.
# Instead, the strict build counts the warnings that pass the log level, and `--quiet` raises that
# level to errors: the same site with the same broken link ends with 0. `--verbose` keeps the 1.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q mkdocs==1.6.1 2>/dev/null
mkdir docs
echo 'site_name: Lab' > mkdocs.yml
echo '[setup](missing.md)' > docs/index.md
for options in --strict "--strict --verbose" "--strict --quiet"; do
    code=0; venv/bin/mkdocs build $options >/dev/null 2>&1 || code=$?
    echo "$options: $code"
done | tee seen
diff - seen <<'EOF'
--strict: 1
--strict --verbose: 1
--strict --quiet: 0
EOF
echo "As described."
