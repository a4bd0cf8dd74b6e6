"""No HTML output of a notebook is read as mathematics: names may have dollar signs."""

import ast
from pathlib import Path

import pytest

import nestlab
from nestlab.html import without_math

ROOT = Path(nestlab.__file__).parent
SAFE = {"without_math", "rich_html", "preformatted", "_repr_html_", "svg_image"}
"""What makes an output in which nothing is typeset: the CSS classes, <pre>, an image, or the output of another value."""
OUTPUTS = [
    (path.relative_to(ROOT).as_posix(), node)
    for path in sorted(ROOT.rglob("*.py"))
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    if isinstance(node, ast.FunctionDef) and node.name == "_repr_html_"
]


def is_safe(value):
    if isinstance(value, ast.Call):
        name = value.func.id if isinstance(value.func, ast.Name) else value.func.attr
        return name in SAFE or (name == "Html" and is_constant(value.args[0], "<img "))
    return is_constant(value, "<pre>") or is_constant(value, "<p>✓ ")


def is_constant(value, beginning):
    first = value.values[0] if isinstance(value, ast.JoinedStr) else value
    return isinstance(first, ast.Constant) and str(first.value).startswith(beginning)


@pytest.mark.parametrize(("module", "function"), OUTPUTS, ids=[name for name, _ in OUTPUTS])
def test_the_html_of_a_value_is_not_typeset(module, function):
    returned = [node.value for node in ast.walk(function) if isinstance(node, ast.Return)]
    assert returned
    assert [ast.unparse(value) for value in returned if not is_safe(value)] == []


def test_the_class_is_the_one_that_mathjax_passes_over():
    assert (
        without_math("<p>$a$</p>", "x")
        == '<div class="mathjax_ignore tex2jax_ignore"><p>$a$</p>x</div>'
    )
