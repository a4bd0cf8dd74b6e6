"""Values as Python source, in cells of a notebook."""

from __future__ import annotations

import ast

from nestlab.visible import visible


def python_text(text: str) -> str:
    r"""Return a text of several lines as a Python literal, if possible a raw string.

    >>> print(python_text("path: 'D:\\images'\n"))
    r'''path: 'D:\images'
    '''
    >>> python_text("web\x1b")
    "'web\\x1b'"
    """
    for quotes in ("'''", '"""'):
        literal = f"r{quotes}{text}{quotes}"
        if text == visible(text) and _reads_as(literal, text):
            return literal
    lines = text.splitlines(keepends=True) or [""]
    if len(lines) == 1:
        return python_value(text)
    return "(\n" + "\n".join(f"    {python_value(line)}" for line in lines) + "\n)"


def python_value(value: object) -> str:
    """Return a plain value as a Python literal, in ASCII if it has invisible characters."""
    shown = repr(value)
    return shown if shown == visible(shown) else ascii(value)


def _reads_as(literal: str, text: str) -> bool:
    try:
        return bool(ast.literal_eval(literal) == text)
    except (SyntaxError, ValueError):
        return False
