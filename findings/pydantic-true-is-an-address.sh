#!/usr/bin/env bash
# pydantic 2.14.4: `true` is the address 0.0.0.1, and a VLAN in the place of a network is a network.
# A careful engineer would guess: an address field takes texts (its JSON schema says `string`), and
# what is no text is refused, as a float is.
# Instead, integers and truth values from JSON go to Python's `ipaddress`, which reads them as a
# 32-bit number: values that slipped into the wrong field of a lab file pass, and are written back
# as addresses that look intended. Reading in strict mode refuses them.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pydantic==2.14.4 2>/dev/null
cat > run.py <<'EOF'
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pydantic


class Adapter(pydantic.BaseModel):
    gateway: IPv4Address
    subnet: IPv4Network
    address: IPv4Interface


print([field["type"] for field in Adapter.model_json_schema()["properties"].values()])
for text in (
    '{"gateway": true, "subnet": false, "address": 1}',
    '{"gateway": 24, "subnet": 10, "address": 1500}',
    '{"gateway": 1.0, "subnet": 10.0, "address": 10.1}',
):
    for strict in (False, True):
        try:
            print("strict" if strict else "usual", Adapter.model_validate_json(text, strict=strict).model_dump_json())
        except pydantic.ValidationError as error:
            print("strict" if strict else "usual", "refused:", error.error_count(), "errors")
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
['string', 'string', 'string']
usual {"gateway":"0.0.0.1","subnet":"0.0.0.0/32","address":"0.0.0.1/32"}
strict refused: 3 errors
usual {"gateway":"0.0.0.24","subnet":"0.0.0.10/32","address":"0.0.5.220/32"}
strict refused: 3 errors
usual refused: 3 errors
strict refused: 3 errors
EOF
echo "As described."
