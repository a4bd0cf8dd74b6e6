#!/usr/bin/env bash
# psrpcore 0.3.1: numbers that it reads are not all written back as XML Schema allows.
# A careful engineer would guess: a <D>, <Db> or <Sg> that arrives as a valid xs:decimal, xs:double
# or xs:float is sent back as one.
# Instead, the text is what Python's `str` gives (in upper case for the last two): a decimal below
# 0.000001 gets an exponent, and so does a zero with seven places or a value made from `1E+3` in
# Python; NaN becomes NAN. XML Schema allows neither. Infinity and exponents in doubles are right.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q psrpcore==0.3.1 lxml==6.1.3 2>/dev/null
cat > run.py <<'EOF'
import xml.etree.ElementTree as ET
from lxml import etree
from psrpcore import types
class NoCipher: ...
def valid(kind, text):
    schema = etree.XML('<s:schema xmlns:s="http://www.w3.org/2001/XMLSchema">'
                       f'<s:element name="v" type="s:{kind}"/></s:schema>')
    element = etree.Element("v")
    element.text = text
    return "valid" if etree.XMLSchema(schema).validate(element) else "not valid"
for tag, kind, text in [("D", "decimal", "0.000001"), ("D", "decimal", "0.000000999999"), ("D", "decimal", "0.0000000"),
                        ("Db", "double", "1E-07"), ("Db", "double", "-INF"), ("Db", "double", "NaN"), ("Sg", "float", "NaN")]:
    back = types.serialize(types.deserialize(ET.fromstring(f"<{tag}>{text}</{tag}>"), NoCipher()), NoCipher()).text
    print(f"{tag}: {text} ({valid(kind, text)}) is sent back as {back} ({valid(kind, back)})")
print("D: from Python", types.serialize(types.PSDecimal("1E+3"), NoCipher()).text)
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
D: 0.000001 (valid) is sent back as 0.000001 (valid)
D: 0.000000999999 (valid) is sent back as 9.99999E-7 (not valid)
D: 0.0000000 (valid) is sent back as 0E-7 (not valid)
Db: 1E-07 (valid) is sent back as 1E-07 (valid)
Db: -INF (valid) is sent back as -INF (valid)
Db: NaN (valid) is sent back as NAN (not valid)
Sg: NaN (valid) is sent back as NAN (not valid)
D: from Python 1E+3
EOF
echo "As described."
