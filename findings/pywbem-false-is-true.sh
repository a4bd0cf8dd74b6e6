#!/usr/bin/env bash
# pywbem 1.9.1: a CIM property of type boolean that is given the text FALSE is true, and a time whose
# seconds are not known is the same time as one whose seconds are zero.
# A careful engineer would guess: a library that checks the ranges of CIM integers also reads the two
# texts that CIM has for booleans, as it writes them itself; and `**` in a CIM datetime, which says
# that a part is not known, is not equal to a known value.
# Instead, any text but the empty one is true, in properties, parameters and `cimvalue`, without an
# error; a fraction given for an integer is cut off; and times with and without unknown seconds are
# equal and have one hash, so that a set or a dictionary keeps only one of them.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pywbem==1.9.1 2>/dev/null
cat > values.py <<'EOF'
from pywbem import CIMDateTime, CIMParameter, CIMProperty, Uint16, cimvalue

extensions = CIMProperty("ExposeVirtualizationExtensions", "FALSE", type="boolean")
print("property:", extensions.tomof(2).strip())
print("parameter:", CIMParameter("Force", "boolean", value="false").value)
print("cimvalue:", cimvalue("0", "boolean"))
print("integer:", int(Uint16(2.9)))
try:
    Uint16(70_000)
except ValueError:
    print("range: checked")
known = CIMDateTime("20260101120000.000000+060")
unknown = CIMDateTime("202601011200**.******+060")
print("times:", known, unknown, known == unknown, len({known, unknown}))
EOF
venv/bin/python values.py | tee seen
diff - seen <<'EOF'
property: ExposeVirtualizationExtensions = true;
parameter: True
cimvalue: True
integer: 2
range: checked
times: 20260101120000.000000+060 202601011200**.******+060 True 1
EOF
echo "As described."
