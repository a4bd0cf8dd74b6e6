#!/usr/bin/env bash
# jsonschema 4.26.0 beside fastjsonschema 2.22.3 and pydantic 2.14.4: whether a VM's name may end in
# a line break depends on who reads the schema.
# A careful engineer would guess: `"pattern": "^[a-z0-9-]+$"` allows these characters and no other,
# as JSON Schema takes its patterns from ECMAScript, where `$` is the end of the text.
# Instead, jsonschema gives the pattern to Python's `re`, where `$` is also before a last line break,
# so "web\n" (a line read from a file) is valid; fastjsonschema (which nbformat uses) and pydantic
# refuse it. Of a schema that pydantic wrote itself, jsonschema accepts what the model refuses.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q jsonschema==4.26.0 fastjsonschema==2.22.3 pydantic==2.14.4 2>/dev/null
cat > run.py <<'EOF'
from typing import Annotated

import fastjsonschema
import jsonschema
import pydantic

name = pydantic.TypeAdapter(Annotated[str, pydantic.Field(pattern="^[a-z0-9-]+$")])
schema = name.json_schema()
print(schema)
for value in ("web", "web\n", "web\nx"):
    for title, check in (
        ("jsonschema", lambda: jsonschema.validate(value, schema)),
        ("fastjsonschema", lambda: fastjsonschema.validate(schema, value)),
        ("pydantic", lambda: name.validate_python(value)),
    ):
        try:
            check()
            print(repr(value), title, "accepts")
        except Exception as error:
            print(repr(value), title, "refuses:", type(error).__name__)
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
{'pattern': '^[a-z0-9-]+$', 'type': 'string'}
'web' jsonschema accepts
'web' fastjsonschema accepts
'web' pydantic accepts
'web\n' jsonschema accepts
'web\n' fastjsonschema refuses: JsonSchemaValueException
'web\n' pydantic refuses: ValidationError
'web\nx' jsonschema refuses: ValidationError
'web\nx' fastjsonschema refuses: JsonSchemaValueException
'web\nx' pydantic refuses: ValidationError
EOF
echo "As described."
