"""No class name twice in the package: a name in a traceback, a log or a search means one class."""

import ast
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]

SHARED: dict[str, str] = {}
"""Names that two classes have on purpose, and why."""


def places_by_name(folder: Path) -> dict[str, list[str]]:
    found = defaultdict(list)
    for path in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found[node.name].append(f"{path.relative_to(folder).as_posix()}:{node.lineno}")
    return found


def duplicates(folder: Path) -> dict[str, list[str]]:
    return {name: places for name, places in places_by_name(folder).items() if len(places) > 1}


def test_every_class_has_a_name_of_its_own():
    found = duplicates(ROOT / "nestlab")
    assert {name: places for name, places in found.items() if name not in SHARED} == {}
    assert SHARED.keys() <= found.keys()


def test_private_and_nested_classes_count_too(tmp_path):
    (tmp_path / "a.py").write_text("class _Port:\n    class Kind: ...\n", encoding="utf-8")
    (tmp_path / "b.py").write_text("class _Port: ...\nclass Kind: ...\n", encoding="utf-8")
    assert duplicates(tmp_path) == {"_Port": ["a.py:1", "b.py:1"], "Kind": ["a.py:2", "b.py:2"]}
