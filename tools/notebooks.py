"""The shipped notebooks in another language: their texts, and the notebooks made from them.

A notebook is written in English, in ``notebooks/``. Its texts are the lines and paragraphs of its
Markdown, and the comments and printed strings of its code; they are in the catalogue
``nestlab/texts/LANGUAGE/notebooks.po``. ``notebooks/LANGUAGE/`` has the notebooks that are made
from it, with the same cells and the same code, and in ``topologies/`` the files that they load,
and in ``workshops/`` the workshops, with translated descriptions, comments, texts and hints.
"""

from __future__ import annotations

import ast
import copy
import io
import json
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import nbformat
import yaml

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
LAYER = "notebooks"

Translate = Callable[[str], str]

_FENCE = re.compile(r"^(```.*?^```$)", re.MULTILINE | re.DOTALL)
_RULE_OF_TABLE = re.compile(r"\|[-:| ]+\|")
_LEAD = r"\s*(?:#{1,6} |\d+\. |- |> |</?details>|<summary>)*"
_ITEM = re.compile(r"\n(?=#{1,6} |\d+\. |- |> )")
_PARTS = re.compile(rf"({_LEAD})(.*?)((?:</summary>|</details>|\s)*)", re.DOTALL)
_CODE = re.compile(r"`[^`]*`|\{[^{}]*\}")
_WORD = re.compile(r"[A-Za-z]{2,}\b(?!:\S)")
_DESCRIPTION = re.compile(r"^((?:description|    text|    hint): )(.+)$", re.MULTILINE)
_COMMENT = re.compile(r"(  # )(.+)$", re.MULTILINE)
_LANGUAGE_LINK = re.compile(r"\n\n\[[^]]*\]\([^)]*\.ipynb\)(?=\n\n)")


def paths() -> list[Path]:
    """Return the notebooks in English, in order."""
    return sorted(NOTEBOOKS.glob("*.ipynb"))


def texts(path: Path) -> Iterator[str]:
    """Yield the texts of a notebook."""
    found: list[str] = []

    def remember(text: str) -> str:
        found.append(text)
        return text

    for cell in nbformat.read(path, as_version=4).cells:
        _translated(cell, remember)
    yield from found


def topologies() -> list[Path]:
    """Return the files that notebooks load: topologies, a scenario, and workshops."""
    folder = NOTEBOOKS / "topologies"
    workshops = (NOTEBOOKS / "workshops").glob("*.yml")
    return sorted([*folder.glob("*.yml"), *folder.glob("broken/*.yml"), *workshops])


def topology_texts(path: Path) -> Iterator[str]:
    """Yield the texts of a topology file or a scenario: its description and its comments.

    Those of a workshop are also the texts and hints of its stages.
    """
    source = path.read_text(encoding="utf-8")
    yield from (yaml.safe_load(match[2]) for match in _DESCRIPTION.finditer(source))
    yield from (match[2] for match in _COMMENT.finditer(source))


def topology_in_language(path: Path, known: Mapping[Any, Any]) -> str:
    """Return a topology file in another language; a text without a translation stays in English."""

    def described(match: re.Match[str]) -> str:
        text = str(yaml.safe_load(match[2]))
        return f"{match[1]}{_scalar(known.get(text) or text)}"

    source = path.read_text(encoding="utf-8")
    source = _DESCRIPTION.sub(described, source)
    return _COMMENT.sub(lambda match: f"{match[1]}{known.get(match[2]) or match[2]}", source)


def _scalar(text: str) -> str:
    """Return a text as a value of YAML, quoted where it needs to be."""
    try:
        is_plain = yaml.safe_load(f"key: {text}") == {"key": text}
    except yaml.YAMLError:
        is_plain = False
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def in_language(notebook: Any, path: Path, language: str, known: Mapping[Any, Any]) -> Any:
    """Return a notebook in another language, without outputs.

    `path` is that of the English notebook, `known` has the translations. A text without one stays
    in English. The first cell that imports nestlab also chooses the language, and links to pages
    lead from the folder of the language, which is one deeper.
    """
    result = copy.deepcopy(notebook)
    chosen = False
    for cell in result.cells:
        source = _translated(cell, lambda text: known.get(text) or text)
        cell.source = source.replace("](../docs/", "](../../docs/")
        if cell.cell_type == "code":
            cell.outputs = []
            cell.execution_count = None
            if not chosen and "import nestlab" in cell.source:
                cell.source = _with_language(cell.source, language)
                chosen = True
    result.cells[0].source = with_link(result.cells[0].source, "English", f"../{path.name}")
    return result


def with_link(markdown: str, name: str, target: str) -> str:
    """Return the first cell of a notebook with one link to the notebook in another language."""
    title, rest = _LANGUAGE_LINK.sub("", markdown).split("\n\n", 1)
    return f"{title}\n\n[{name}]({target})\n\n{rest}"


def _with_language(source: str, language: str) -> str:
    lines = source.splitlines()
    last = max(n for n, line in enumerate(lines) if line.startswith(("import ", "from ")))
    call = ["", f'nestlab.set_language("{language}")']
    return "\n".join([*lines[: last + 1], *call, *lines[last + 1 :]])


def _translated(cell: Any, translate: Translate) -> str:
    if cell.cell_type == "markdown":
        return _markdown(cell.source, translate)
    return _code(cell.source, translate)


def _markdown(source: str, translate: Translate) -> str:
    source = _LANGUAGE_LINK.sub("", source)
    parts = _FENCE.split(source)
    return "".join(
        part if part.startswith("```") else _paragraphs(part, translate) for part in parts
    )


def _paragraphs(text: str, translate: Translate) -> str:
    paragraphs = []
    for paragraph in text.split("\n\n"):
        if paragraph.startswith("|"):
            rows = [_row(row, translate) for row in paragraph.splitlines()]
            paragraphs.append("\n".join(rows))
        else:
            items = [_item(item, translate) for item in _ITEM.split(paragraph)]
            paragraphs.append("\n".join(items))
    return "\n\n".join(paragraphs)


def _row(row: str, translate: Translate) -> str:
    if _RULE_OF_TABLE.fullmatch(row):
        return row
    cells = [_text(cell.strip(), translate) for cell in row.strip("|").split(" | ")]
    return f"| {' | '.join(cells)} |"


def _item(item: str, translate: Translate) -> str:
    match = _PARTS.fullmatch(item)
    lead, text, tail = match.groups() if match else ("", item, "")
    return f"{lead}{_text(text, translate)}{tail}"


def _text(text: str, translate: Translate) -> str:
    return translate(text) if _WORD.search(_CODE.sub("0", text)) else text


def _code(source: str, translate: Translate) -> str:
    """Return code with its comments and the strings that it shows translated."""
    for text in [*_comments(source), *_shown(source)]:
        source = source.replace(text, _text(text, translate))
    return source


def _comments(source: str) -> Iterator[str]:
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        text = token.string.removeprefix("#").strip()
        if token.type == tokenize.COMMENT and not _is_code(text):
            yield text


def _is_code(comment: str) -> bool:
    """Whether a comment is a line of code that the reader may switch on."""
    return comment.startswith(("for ", "print(")) or re.match(r"\w+\.run\(", comment) is not None


def _shown(source: str) -> Iterator[str]:
    """Yield the strings of a cell that it prints or gives a name to, without their quotes."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print":
            strings = node.args
        elif isinstance(node, ast.Assign):
            strings = [node.value]
        else:
            continue
        for each in strings:
            if isinstance(each, ast.JoinedStr) or isinstance(getattr(each, "value", None), str):
                segment = ast.get_source_segment(source, each) or ""
                yield segment.removeprefix("f").strip('"')
