#!/usr/bin/env bash
# fastjsonschema 2.22.3: a schema that names draft 2020-12 is checked as if it were of draft 7.
# A careful engineer would guess: a validator that does not know the draft in `$schema` refuses to
# compile the schema; that is what the keyword is for.
# Instead, it compiles, and what came after draft 7 is not checked: a topology with an unknown key
# (`unevaluatedProperties`), a NAT without its network (`dependentRequired`) or a pair of the wrong
# types (`prefixItems`) is valid. `items: false` means something else in draft 7, so the pairs that
# are right are refused. jsonschema, beside it, reads the same schema as meant.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q fastjsonschema==2.22.3 jsonschema==4.26.0 2>/dev/null
cat > run.py <<'EOF'
import fastjsonschema
import jsonschema

PAIR = {"type": "array", "prefixItems": [{"type": "integer"}, {"type": "integer"}], "items": False}
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {"nat": {"type": "string"}, "network": {"type": "string"}, "vlans": PAIR},
    "dependentRequired": {"nat": ["network"]},
    "unevaluatedProperties": False,
}
fast = fastjsonschema.compile(SCHEMA)
slow = jsonschema.Draft202012Validator(SCHEMA)
for topology in ({"nat": "Lan"}, {"swiches": []}, {"vlans": [10, 20]}, {"vlans": []}, {"vlans": ["a", "b"]}):
    try:
        said = "valid" if fast(topology) is not None else ""
    except fastjsonschema.JsonSchemaValueException as error:
        said = str(error)
    print(topology, "fastjsonschema:", said, "| jsonschema:", "valid" if slow.is_valid(topology) else "refused")
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
{'nat': 'Lan'} fastjsonschema: valid | jsonschema: refused
{'swiches': []} fastjsonschema: valid | jsonschema: refused
{'vlans': [10, 20]} fastjsonschema: data.vlans must not be there | jsonschema: valid
{'vlans': []} fastjsonschema: valid | jsonschema: valid
{'vlans': ['a', 'b']} fastjsonschema: data.vlans must not be there | jsonschema: refused
EOF
echo "As described."
