"""Words and turns of phrase that the project does not use, and a program that lists them.

``python tests/project/words.py nestlab/plan docs README.md`` prints every place, then the counts.
What is read: string literals, docstrings and comments of Python, names that Python code defines,
comments and texts of JavaScript, the Markdown of notebooks and pages.

Texts that Windows or PowerShell itself says are facts, not ours to reword: `EXCEPTIONS`.
"""

from __future__ import annotations

import ast
import io
import json
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]

# The word, and what a native engineer writes instead.
WORDS = {
    "nobody": "no one, nothing, or say it of the thing: 'no VM has this address'",
    "somebody": "someone, the user, another account",
    "whoever": "anyone who, the user who",
    "anew": "again; or a verb of its own: recreate, rewrite, recompute",
    "afresh": "again",
    "mends?|mended|mending": "fix, fixes, fixed",
    "way out": "what to do, a fix, a hint",
    "way back": "undo, how to revert",
    "way there": "how to get there, the steps",
    "stands? on|stood on|standing on": "depends on, uses, is the parent of",
    "what became of": "the result of, what happened to",
    "own words": "the message of",
    "without a word": "without an error, without a message",
    "without words": "without a message",
    "all (is|was|be|'s) well|all well": "all is as planned, no problems found",
    "(?<!there )(is|are|was|were) no (?!longer|more|less|fewer|other|different|better|worse|such|need|way|use)"
    r"[a-z]+": "is not a ...; there is no ...",
    "somewhat|thereby|thereof|whence|hence|whereupon|thither|hither": "a plain word",
    "from of old|of old|the likes of": "a plain word",
    "gives? way": "yields",
    "in the way": "blocks, conflicts with",
    "under way": "running, in progress",
    "goes? on(?! (the|a|an|to)\\b)": "continues",
    "for lack of": "because ... is missing",
    "let(s)? in\\b": "admits, accepts",
    "people's": "other users'",
    "for want of": "because ... is missing",
    "(is|are|was|were) there already": "exists already, already has",
    "the other end": "the host, the server, the client",
    "last words": "the last output",
    "as a rule": "usually",
    "as it stands": "literally, unchanged",
    "told of": "notified of, knows",
    "gone already": "does not exist any more",
    "taken for a": "interpreted as, expanded as",
    "handed on": "passed on",
    "everybody|anybody": "everyone, anyone, all users",
    "for ever": "forever, without end",
    "check sums?": "checksum",
    "all the same(?=[.,;:)`]|$)": "anyway, nevertheless, still",
    "(the|its|their) [a-z]+ of before": "the earlier ..., the previous ...",
}
NAMES = {
    "nobody", "somebody", "whoever", "anew", "mend", "mended", "deaf", "wish", "foreman", "yard", "lane",
    "crew", "patience", "farewell", "lend", "everybody", "sieve", "giver", "givers", "owed", "thing", "things",
}  # fmt: skip

# Texts that are not ours, or that name a thing: pattern -> reason.
EXCEPTIONS = {
    r"gnats\s+nobody": "users of Linux",
    r"gateway-is-nobody|dhcp-nobody": "codes of findings; users have them in their scripts",
    r"Nobody\b.*\buid\b": "the account of that name on Linux",
}

TEXT = re.compile(
    "|".join(rf"(?P<w{i}>\b(?:{word})\b)" for i, word in enumerate(WORDS)), re.IGNORECASE
)


@dataclass(frozen=True)
class Use:
    """One use of a word that is out."""

    path: Path
    line: int
    found: str
    kind: str
    instead: str

    def __str__(self) -> str:
        place = self.path.relative_to(ROOT).as_posix()
        return f"{place}:{self.line}: {self.kind}: {self.found!r} ({self.instead})"


def uses(path: Path) -> Iterator[Use]:
    """List what a file uses of these words."""
    readers = {".py": _python, ".js": _javascript, ".md": _markdown, ".ipynb": _notebook}
    yield from _names(path, 1, path.stem)
    if path.suffix in readers:
        for kind, line, text in readers[path.suffix](path.read_text(encoding="utf-8")):
            yield from (
                _names(path, line, text) if kind == "name" else _texts(path, kind, line, text)
            )


def _texts(path: Path, kind: str, line: int, text: str) -> Iterator[Use]:
    for exception in EXCEPTIONS:
        text = re.sub(exception, lambda match: " " * len(match[0]), text)
    joined = re.sub(r"\n[ \t#/*]*", lambda match: "\n" + " " * (len(match[0]) - 1), text)
    flat = joined.replace("\n", " ")
    flat = re.sub(r"  +", lambda match: " " + "\0" * (len(match[0]) - 1), flat)
    searched = flat.replace("\0", "")
    places = [index for index, char in enumerate(flat) if char != "\0"]
    for match in TEXT.finditer(searched):
        number = int((match.lastgroup or "w0")[1:])
        at = line + joined.count("\n", 0, places[match.start()])
        yield Use(path, at, match[0], kind, list(WORDS.values())[number])


def _names(path: Path, line: int, name: str) -> Iterator[Use]:
    words = re.findall(r"[a-z]+|[A-Z][a-z]*", name)
    for word in words:
        if word.lower() in NAMES:
            yield Use(path, line, name, "name", "the field's term: docs/glossary.md")


def _python(text: str) -> Iterator[tuple[str, int, str]]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield "text", node.lineno, node.value
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield "name", node.lineno, node.name
        elif isinstance(node, ast.arg):
            yield "name", node.lineno, node.arg
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield "name", node.lineno, node.id
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield "comment", token.start[0], token.string


def _javascript(text: str) -> Iterator[tuple[str, int, str]]:
    for match in re.finditer(r"//[^\n]*|/\*.*?\*/|\"[^\"\n]*\"|'[^'\n]*'|`[^`]*`", text, re.DOTALL):
        yield "text", text.count("\n", 0, match.start()) + 1, match[0]


def _markdown(text: str) -> Iterator[tuple[str, int, str]]:
    yield "text", 1, text


def _notebook(text: str) -> Iterator[tuple[str, int, str]]:
    """Read the Markdown cells; lines are those of the cell."""
    for cell in json.loads(text)["cells"]:
        if cell["cell_type"] == "markdown":
            yield "text", 1, "".join(cell["source"])


def files(places: list[Path]) -> list[Path]:
    """Return the files in these files and folders that are read."""
    found = [path for place in places for path in (place.rglob("*") if place.is_dir() else [place])]
    return sorted(path for path in found if path.is_file() and "__pycache__" not in path.parts)


def main(arguments: list[str]) -> int:
    """Print every use in these places, then the counts."""
    places = [Path(argument).resolve() for argument in arguments or [ROOT / "nestlab"]]
    found = [use for path in files(places) for use in uses(path)]
    for use in found:
        print(use)  # noqa: T201  # what it is for
    for word, count in Counter(use.found.lower() for use in found).most_common():
        print(f"{count:5} {word}")  # noqa: T201
    print(f"{len(found)} in {len({use.path for use in found})} files")  # noqa: T201
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
