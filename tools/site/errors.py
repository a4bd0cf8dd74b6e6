"""The reference of the error classes: the tree, the exit codes, and each class."""

from __future__ import annotations

import inspect

from nestlab import errors

_INTRODUCTION = (
    "Everything that nestlab raises on purpose is a `NestlabError`: `message` says what happened "
    "and where, `hint` what to do. On the command line the class decides the exit code. What an "
    "error of Hyper-V itself means: `nestlab explain TEXT`."
)


def page() -> str:
    """Return the page of the error classes."""
    rows = [
        f"| `{cls.__name__}` | `{cls.__bases__[0].__name__}` | {cls.exit_code} | {_summary(cls)} |"
        for cls in _classes()
    ]
    table = "\n".join(["| class | kind of | exit code | when |", "|---|---|---|---|", *rows])
    classes = "::: nestlab.errors\n    options:\n      show_root_heading: false"
    return f"# Errors\n\n{_INTRODUCTION}\n\n{table}\n\n## The classes\n\n{classes}\n"


def _classes() -> list[type[errors.NestlabError]]:
    return [
        cls
        for _, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, errors.NestlabError)
    ]


def _summary(cls: type) -> str:
    return " ".join(inspect.getdoc(cls).split("\n\n")[0].split()).replace("|", r"\|")
