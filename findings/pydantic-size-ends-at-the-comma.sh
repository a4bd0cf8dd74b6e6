#!/usr/bin/env bash
# pydantic 2.14.4: 4,096 MB are four bytes.
# A careful engineer would guess: a text that ByteSize cannot read completely is refused, as a space
# in the same place is ("4 096MB").
# Instead, it reads a number and the letters behind it, and ignores the rest: at a comma, a dash, a
# slash or a second point the number ends without a unit, so the memory of a VM, as Windows shows
# it, becomes 4, and so does the first octet of an address. No error, in strict mode either.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q pydantic==2.14.4 2>/dev/null
cat > run.py <<'EOF'
import pydantic


class VM(pydantic.BaseModel, strict=True):
    memory: pydantic.ByteSize


for text in ("4096MB", "4,096MB", "4 096MB", "4.096,5 MB", "4-8GB", "2/4GB", "4GB (startup)", "10.0.0.5/24"):
    try:
        print(text, "is", int(VM(memory=text).memory))
    except pydantic.ValidationError as error:
        print(text, "is refused:", error.errors()[0]["msg"])
EOF
venv/bin/python run.py | tee seen
diff - seen <<'EOF'
4096MB is 4096000000
4,096MB is 4
4 096MB is refused: could not interpret byte unit: 096MB
4.096,5 MB is 4
4-8GB is 4
2/4GB is 2
4GB (startup) is 4000000000
10.0.0.5/24 is 10
EOF
echo "As described."
