"""Joins JavaScript modules into the single module that anywidget needs.

anywidget sends a widget's module to the page as text, so it cannot import other files. The sources
are modules for developers, editors, linters and node; here they become one text, dependencies
first. Only a subset of the syntax is supported: named imports from files, exported declarations,
and the default export of the entry.
"""

from __future__ import annotations

import re
from pathlib import Path

_IMPORT = re.compile(r'^import \{([^}]*)\} from "(\.[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:const|let|class|function)\b)", re.MULTILINE)
_TOP_LEVEL = re.compile(
    r"^(?:export )?(?:async )?(?:const|let|class|function\*?) (\w+|[\[{][^=]*[\]}])", re.MULTILINE
)
_COMMENTS = re.compile(r"^[ \t]*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/)\n", re.MULTILINE)


def joined(entry: Path) -> str:
    """Return a module and all that it imports as one module, without comment lines.

    Raises:
        ValueError: A module imports something that is not exported, or uses a form of import or
            export that is not supported; or two modules declare the same name.
    """
    texts: dict[Path, str] = {}
    _collect(entry.resolve(), texts)
    declared: dict[str, Path] = {}
    for path, text in texts.items():
        for name in _declared(text):
            if name in declared:
                message = (
                    f"{name} is declared in {declared[name].name} and in {path.name}"  # not shown
                )
                raise ValueError(message)
            declared[name] = path
    return "\n".join(_body(path, text, entry.resolve()) for path, text in texts.items())


def _collect(path: Path, texts: dict[Path, str]) -> None:
    """Add a module after those that it imports."""
    if path in texts:
        return
    text = path.read_text(encoding="utf-8")
    for names, source in _IMPORT.findall(text):
        imported = (path.parent / source).resolve()
        _collect(imported, texts)
        exported = {name for line in _exported(texts[imported]) for name in _names(line)}
        missing = [name.strip() for name in names.split(",") if name.strip() not in exported | {""}]
        if missing:
            absent = ", ".join(missing)
            message = f"{path.name} imports {absent}, not exported by {imported.name}"  # not shown
            raise ValueError(message)
    texts[path] = text


def _exported(text: str) -> list[str]:
    return [match[1] for match in _TOP_LEVEL.finditer(text) if match[0].startswith("export ")]


def _declared(text: str) -> list[str]:
    return [name for match in _TOP_LEVEL.finditer(text) for name in _names(match[1])]


def _names(declaration: str) -> list[str]:
    return re.findall(r"\w+", declaration)


def _body(path: Path, text: str, entry: Path) -> str:
    body = _EXPORT.sub("", _IMPORT.sub("", _COMMENTS.sub("", text)))
    left = re.findall(r"^(?:import\b|export (?!default\b)).*", body, re.MULTILINE)
    if path != entry:
        left += re.findall(r"^export default\b.*", body, re.MULTILINE)  # not shown
    if left:
        message = f"{path.name}: {left[0]!r} cannot be joined"  # not shown
        raise ValueError(message)
    return body.strip("\n") + "\n"
