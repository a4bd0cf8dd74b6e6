"""The text of a file, and the one document in it; problems as the errors of that kind of file."""

from __future__ import annotations

import codecs
from pathlib import Path

from nestlab.errors import FileWithProblems
from nestlab.model.finding import Finding, Findings
from nestlab.texts import tr
from nestlab.topology_file.nodes import Node, NotYaml, ScalarNode, compose
from nestlab.topology_file.reader import Reader

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def compose_document(text: str, reader: Reader, error: type[FileWithProblems]) -> Node:
    """Return the document of a text, an empty scalar if it is empty; raises `error` if not YAML."""
    try:
        return compose(text) or ScalarNode(1, 1, "", plain=True)
    except NotYaml as problem:
        place = ScalarNode(problem.line, problem.column, "", plain=True)
        reader.report("not-yaml", place, (), str(problem), problem.hint)
        raise error(reader.filename, Findings(reader.findings)) from problem


def encoding_of(data: bytes) -> str:
    """Return the encoding of a file: that of its byte order mark, or else UTF-8."""
    # Windows PowerShell 5.1 writes UTF-16 with a byte order mark when its output is redirected into
    # a file.
    return next((name for bom, name in _BOMS if data.startswith(bom)), "utf-8")


def decoded(data: bytes) -> str:
    """Return the text of a file that is in UTF-8, or in UTF-16 with its byte order mark."""
    return data.decode(encoding_of(data))


def read_file_text(path: Path, error: type[FileWithProblems]) -> str:
    """Return the text of a file in UTF-8, or in UTF-16 with its mark; raises `error`."""

    def refused(message: str, hint: str) -> FileWithProblems:
        name = str(path)
        found = Finding("unreadable-file", "error", name, message, hint, location=name)
        return error(name, Findings([found]))

    try:
        data = path.read_bytes()
    except FileNotFoundError:
        raise refused(
            tr("there is no such file"),
            tr("Check the path; a relative path starts at the current directory."),
        ) from None
    except IsADirectoryError:
        raise refused(
            tr("this is a directory"), tr("Give the path of the .yml file in it.")
        ) from None
    except OSError as problem:
        raise refused(
            tr("cannot be read: {reason}", reason=problem.strerror or problem),
            tr("Check the permissions of the file."),
        ) from problem
    try:
        return decoded(data)
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        message = tr(
            "is not {encoding} text: byte {byte}, on line {line}",
            encoding=encoding_of(data),
            byte=problem.start + 1,
            line=line,
        )
        raise refused(message, tr("Save the file as UTF-8.")) from problem
