"""The shipped JSON Schema, checked and compiled once."""

import jsonschema

from nestlab.topology_file import schema

jsonschema.Draft202012Validator.check_schema(schema())
VALIDATOR = jsonschema.Draft202012Validator(schema())
