#!/usr/bin/env bash
# mypy 2.4.1: a class held in a variable cannot be passed to a function under `functools.lru_cache`.
# A careful engineer would guess: classes are hashable (they are the keys of every registry), so
# `@lru_cache` over `def columns(kind: type[VM])` type-checks, as `dict[type[VM], str]` does.
# Instead, the argument has to be Hashable, and for `type[VM]` mypy compares the `__hash__` that
# instances of VM have, whose `self` then is one argument too many. The class written out by name
# passes, so the error appears only where the code is made general; the program itself runs.
set -euo pipefail
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT; cd "$work"
python3 -m venv venv
venv/bin/pip install -q mypy==2.4.1 2>/dev/null
cat > run.py <<'EOF'
from collections.abc import Hashable
from functools import lru_cache
class VM: ...
@lru_cache
def columns(kind: type[VM]) -> str:
    return kind.__name__
names: dict[type[VM], str] = {VM: "a VM: "}
hashable: Hashable = VM
columns(VM)
def show(kind: type[VM]) -> str:
    return names[kind] + columns(kind)
print(show(VM))
EOF
{ venv/bin/python run.py; venv/bin/mypy --strict run.py || true; } | tee seen
diff - seen <<'EOF'
a VM: VM
run.py:11: error: Argument 1 to "__call__" of "_lru_cache_wrapper" has incompatible type "type[VM]"; expected "Hashable"  [arg-type]
run.py:11: note: Following member(s) of "VM" have conflicts:
run.py:11: note:     Expected:
run.py:11: note:         def __hash__() -> int
run.py:11: note:     Got:
run.py:11: note:         def __hash__(self: object) -> int
Found 1 error in 1 file (checked 1 source file)
EOF
echo "As described."
