#!/usr/bin/env bash
# tabulate 0.10.0: in a table of texts, the configuration version 9.10 is printed as 9.1, and 10.0
# as 10.
# A careful engineer would guess: a text is printed as it is, and only numbers are formatted.
# Instead, a column in which every text could be a number becomes a column of numbers, and its
# decimals are shortened; one other text in it, `n/a` say, and all are printed in full. A column of
# bytes with one decimal among them gets exponents, so that 8589934592 is 8.58993e+09. Indentation
# (a tree of nested VMs) is removed.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q tabulate==0.10.0 2>/dev/null
cat > run.py <<'EOF'
from tabulate import tabulate

HEADERS = ["vm", "version", "memory"]
print(tabulate([["HV1", "9.10", "8589934592"], ["  web1", "10.0", "1.5"]], HEADERS))
print(tabulate([["HV1", "9.10", "8589934592"], ["  web1", "n/a", "4096"]], HEADERS))
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
vm      version       memory
----  ---------  -----------
HV1         9.1  8.58993e+09
web1       10    1.5
vm    version        memory
----  ---------  ----------
HV1   9.10       8589934592
web1  n/a              4096
EOF
echo "As described."
