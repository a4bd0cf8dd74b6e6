#!/usr/bin/env bash
# Babel 2.19.0: in Spanish, 4.5 GB typed with a point are 45, and 0.5 are 5.
# A careful engineer would guess: `parse_decimal("4.5", locale="es")` is refused, since a point there
# separates thousands and a group has three digits; at worst it is 4.5.
# Instead, points are removed wherever they are, so the number is ten or a hundred times as large, or
# more, without an error; 16.0 (what Python prints for a float) is 160, and an address or a version
# is a number as well. In a form for Spanish users a VM gets ten times the memory.
# `strict=True` refuses these, and proposes 45 first. `1.024` is 1024 in both.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q Babel==2.19.0 2>/dev/null
cat > run.py <<'EOF'
from babel.numbers import NumberFormatError, parse_decimal

for text in ("4.5", "0.5", "16.0", "1.024", "9.10", "10.0.0.1", "4,5"):
    try:
        strict = parse_decimal(text, locale="es", strict=True)
    except NumberFormatError as error:
        strict = f"refused, {error.suggestions}"
    print(text, "is", parse_decimal(text, locale="es"), "strict:", strict)
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
4.5 is 45 strict: refused, ['45', '4,5']
0.5 is 5 strict: refused, ['5', '0,5']
16.0 is 160 strict: refused, ['160', '16']
1.024 is 1024 strict: 1024
9.10 is 910 strict: refused, ['910', '9,1']
10.0.0.1 is 10001 strict: refused, ['10.001']
4,5 is 4.5 strict: 4.5
EOF
echo "As described."
