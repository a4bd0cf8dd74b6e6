"""How large functions and modules are, in lines and in statements, and which texts are too wide.

``python tests/project/sizes.py nestlab/plan`` prints what is over a limit, then the percentiles.
Lines alone are no measure: a wider page has fewer of them.
"""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
WIDTH = 100
_STAYS = re.compile(r"https?://|# (noqa|type: ignore|pragma|fmt):?")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Limits:
    """The most that a function and a module may have."""

    function_lines: int
    function_statements: int
    module_lines: int
    module_statements: int


LIMITS = Limits(50, 25, 300, 220)


@dataclass(frozen=True)
class Size:
    """Lines and statements of a function or a module."""

    path: Path
    line: int
    name: str  # empty for the module
    lines: int
    statements: int

    def over(self, limits: Limits) -> str:
        """Return what is over the limits, or nothing."""
        lines = limits.function_lines if self.name else limits.module_lines
        statements = limits.function_statements if self.name else limits.module_statements
        if self.lines <= lines and self.statements <= statements:
            return ""
        place = f"{self.path.relative_to(ROOT).as_posix()}:{self.line}"
        return (
            f"{place}: {self.name or 'module'}: {self.lines} lines ({lines} at most), "
            f"{self.statements} statements ({statements} at most)"
        )


def modules(place: Path) -> list[Path]:
    """Return the Python files in a file or folder."""
    return [place] if place.is_file() else sorted(place.rglob("*.py"))


def sizes(path: Path) -> list[Size]:
    """Measure a module, then its functions. A function's statements are its own: no docstring, no inner function."""
    text = path.read_text(encoding="utf-8")
    tree = ast.parse(text)
    whole = sum(isinstance(node, ast.stmt) for node in ast.walk(tree))
    functions = [node for node in ast.walk(tree) if isinstance(node, _DEFINITIONS)]
    return [
        Size(path, 1, "", text.count("\n"), whole),
        *(
            Size(path, node.lineno, node.name, _lines(node), sum(1 for _ in _own(_body(node))))
            for node in functions
        ),
    ]


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def _body(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body


def _own(nodes: list[ast.AST] | list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in nodes:
        if isinstance(node, ast.stmt):
            yield node
        if not isinstance(node, (*_DEFINITIONS, ast.ClassDef)):
            yield from _own(list(ast.iter_child_nodes(node)))


def wide(path: Path) -> list[str]:
    """Return the comments and lines of docstrings that do not fit; other texts may be longer.

    A suppression and an address stay on their line.
    """
    text = path.read_text(encoding="utf-8")
    lines = text.split("\n")
    return [
        f"{path.relative_to(ROOT).as_posix()}:{number}: {len(lines[number - 1])} columns"
        for number in sorted(_comment_lines(text) | _docstring_lines(text))
        if len(lines[number - 1]) > WIDTH and not _STAYS.search(lines[number - 1])
    ]


def _comment_lines(text: str) -> set[int]:
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return {token.start[0] for token in tokens if token.type == tokenize.COMMENT}


def _docstring_lines(text: str) -> set[int]:
    """Return the lines of docstrings, those below a constant or a field included."""
    return {
        number
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
        for number in range(node.lineno, (node.end_lineno or node.lineno) + 1)
    }


def percentile(numbers: list[int], share: float) -> int:
    """Return the number that this share of the numbers does not exceed.

    >>> percentile([1, 2, 3, 4, 100], 0.5)
    3
    """
    return sorted(numbers)[int(len(numbers) * share)]


def main(arguments: list[str]) -> int:
    """Print what is over the limits, then the percentiles of its functions."""
    places = [Path(argument).resolve() for argument in arguments or [ROOT / "nestlab"]]
    paths = [path for place in places for path in modules(place)]
    measured = [size for path in paths for size in sizes(path)]
    found = [text for size in measured if (text := size.over(LIMITS))]
    found += [text for path in paths for text in wide(path)]
    print("\n".join(found))  # noqa: T201  # what it is for
    lines = [size.lines for size in measured if size.name]
    median, most = (percentile(lines, share) for share in (0.5, 0.9))
    print(f"{len(found)} over a limit; functions: median {median} lines, 90 % within {most}")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
