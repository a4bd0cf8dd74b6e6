#!/usr/bin/env bash
# pypsrp 0.9.1 beside psrpcore 0.3.1: the same CLIXML primitive is another Python type in either, and in pypsrp it changes on its way back.
# One would guess: dates, time spans, decimals and versions have types of their own in a remoting client, and what was received can be sent again.
# Seen: pypsrp makes a plain `str` of DT, TS, D and Version, and would send them back as S (a string), so a date that goes round is text in PowerShell
# (and an Int64 goes back as an Int32);
# psrpcore makes subclasses that keep the type, and the 100 ns digit that Python's own types cannot hold.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pypsrp==0.9.1 psrpcore==0.3.1 2>/dev/null
cat > run.py <<'EOF'
import xml.etree.ElementTree as ET
from psrpcore import types
from pypsrp.serializer import Serializer
class NoCipher: ...
for tag, text in [("TS", "P1DT2H3M4.0000005S"), ("DT", "2026-11-28T03:00:00.1234567Z"), ("D", "1.50"), ("Version", "10.0.20348.1"), ("I64", "3")]:
    serializer = Serializer()
    old = serializer.deserialize(f"<{tag}>{text}</{tag}>")
    new = types.deserialize(ET.fromstring(f"<{tag}>{text}</{tag}>"), NoCipher())
    back = serializer.serialize(old).tag, types.serialize(new, NoCipher())
    print(f"{tag}: pypsrp {type(old).__name__}, back as {back[0]}; psrpcore {type(new).__name__}, back as {back[1].tag}, {'exact' if back[1].text == text else back[1].text}")
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
TS: pypsrp str, back as S; psrpcore PSDuration, back as TS, exact
DT: pypsrp str, back as S; psrpcore PSDateTime, back as DT, exact
D: pypsrp str, back as S; psrpcore PSDecimal, back as D, exact
Version: pypsrp str, back as S; psrpcore PSVersion, back as Version, exact
I64: pypsrp int, back as I32; psrpcore PSInt64, back as I64, exact
EOF
echo "As described."
