"""Updates the catalogues of texts from the source.

Each folder of nestlab/texts is a language, with one .po file for each layer, and one for the
shipped notebooks, whose texts are not compiled. New texts are added to them without a translation,
texts that are gone are removed, and the compiled catalogue of the language is rewritten. What has
no translation yet is printed.
"""

from __future__ import annotations

import ast
import json
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools import notebooks  # beside this file

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "nestlab"
TEXTS = PACKAGE / "texts"
SCENARIOS = PACKAGE / "simulator" / "scenarios" / "data"
"""Simulated hosts, whose descriptions are texts."""

COMPILED = "nestlab.json"
TABLES: Mapping[str, tuple[str | int, ...]] = {
    "Explanation": ("cause", "check", "fix", "runs_on"),
    "Key": ("label",),
    "Rule": ("meaning", "why", "fix"),
    "Scalar": (0,),
    "Shape": (0,),
    "Subcommand": ("summary", "description"),
    "Variant": (1, "when"),
    "detects": ("group",),
}
"""Classes and functions with texts that are translated where they are shown: their arguments."""

MARKS = ("tr", "mark")
_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)

Message = str | tuple[str, str]


def messages(source: str) -> Iterator[tuple[Message, int]]:
    """Yield the texts of a module with their lines: a text, or those for one thing and for many."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in MARKS:
            yield ast.literal_eval(node.args[0]), node.lineno
        elif name == "tr_count":
            one, many = (ast.literal_eval(each) for each in node.args[:2])
            yield (one, many), node.lineno
        for value in table_texts(node):
            if isinstance(value, ast.Constant) and value.value:
                yield value.value, value.lineno


def table_texts(call: ast.Call) -> Iterator[ast.expr]:
    """Yield the arguments of a call that are texts, because of the class that is called."""
    texts = TABLES.get(call.func.id, ()) if isinstance(call.func, ast.Name) else ()
    yield from (value for number, value in enumerate(call.args) if number in texts)
    yield from (keyword.value for keyword in call.keywords if keyword.arg in texts)


def modules() -> list[Path]:
    """Return the modules of the package that can have texts."""
    return [path for path in sorted(PACKAGE.rglob("*.py")) if TEXTS not in path.parents]


def found_in_source() -> dict[Message, list[str]]:
    """Return the texts of the package and of the notebooks, with the files that have them.

    Also the descriptions of simulated hosts, and of the topologies that notebooks load.
    """
    found: dict[Message, list[str]] = {}
    for path in modules():
        place = path.relative_to(ROOT).as_posix()
        for message, _ in messages(path.read_text(encoding="utf-8")):
            _add(found, message, place)
    for path in sorted(SCENARIOS.glob("*.json")):
        description = json.loads(path.read_text(encoding="utf-8"))["description"]
        _add(found, description, path.relative_to(ROOT).as_posix())
    for path in notebooks.paths():
        place = path.relative_to(ROOT).as_posix()
        for text in notebooks.texts(path):
            _add(found, text, place)
    for path in notebooks.topologies():
        for text in notebooks.topology_texts(path):
            _add(found, text, path.relative_to(ROOT).as_posix())
    return found


def _add(found: dict[Message, list[str]], message: Message, place: str) -> None:
    places = found.setdefault(message, [])
    if place not in places:
        places.append(place)


def languages() -> list[str]:
    """Return the languages that have catalogues."""
    return sorted(path.name for path in TEXTS.iterdir() if any(path.glob("*.po")))


def translations(language: str) -> dict[Message, Message]:
    """Return the translation of each text in the catalogues of a language; empty if it has none."""
    known: dict[Message, Message] = {}
    for path in sorted((TEXTS / language).glob("*.po")):
        with path.open("rb") as file:
            for each in read_po(file, locale=language):
                if each.id and (_is_whole(each.string) or each.id not in known):
                    known[each.id] = each.string
    return known


def catalogues(language: str, found: Mapping[Message, list[str]]) -> dict[str, Catalog]:
    """Return the catalogue of each layer with exactly these texts, and what is translated."""
    known = translations(language)
    layers: dict[str, Catalog] = defaultdict(lambda: _empty(language))
    for message, places in sorted(found.items(), key=lambda item: (item[1][0], str(item[0]))):
        layer = layer_of(places[0])
        text = known.get(message, ("", "") if isinstance(message, tuple) else "")
        layers[layer].add(message, text, locations=[(place, 0) for place in places])
    return layers


def layer_of(place: str) -> str:
    """Return the name of the catalogue for the texts of a file."""
    top, name, *_ = place.split("/")
    return notebooks.LAYER if top == notebooks.LAYER else name.removesuffix(".py")


def _empty(language: str) -> Catalog:
    return Catalog(
        locale=language,
        project="nestlab",
        version="-",
        charset="utf-8",
        header_comment=f"# Texts of nestlab: {language}.",
        creation_date=_EPOCH,
        revision_date=_EPOCH,
        fuzzy=False,
    )


def po_bytes(catalogue: Catalog) -> bytes:
    """Return a catalogue as its .po file, which is the same for the same texts."""
    file = BytesIO()
    write_po(file, catalogue, width=0, include_lineno=False)
    lines = file.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(_UNSTEADY))


_UNSTEADY = (b'"Generated-By:', b'"Last-Translator:', b'"Report-Msgid-Bugs-To:', b'"Language-Team:')


def compiled(language: str, layers: Mapping[str, Catalog]) -> bytes:
    """Return the compiled catalogue of a language: the translated texts of all layers.

    Those of the notebooks are in the notebooks themselves.
    """
    texts: dict[str, object] = {}
    counts: dict[str, object] = {}
    for layer, catalogue in layers.items():
        for each in catalogue:
            if layer != notebooks.LAYER and each.id and _is_whole(each.string):
                if isinstance(each.id, str):
                    texts[each.id] = each.string
                else:
                    counts[each.id[0]] = each.string
    whole = {"plural_forms": _empty(language).plural_expr, "texts": texts, "counts": counts}
    return (json.dumps(whole, ensure_ascii=False, indent=0, sort_keys=True) + "\n").encode("utf-8")


def _is_whole(text: object) -> bool:
    return all(text) if isinstance(text, tuple | list) else bool(text)


def main() -> None:
    """Update the catalogues of each language."""
    found = found_in_source()
    for language in languages():
        layers = catalogues(language, found)
        folder = TEXTS / language
        for path in folder.glob("*.po"):
            if path.stem not in layers:
                path.unlink()
        for layer, catalogue in layers.items():
            (folder / f"{layer}.po").write_bytes(po_bytes(catalogue))
        (folder / COMPILED).write_bytes(compiled(language, layers))
        each = [entry for catalogue in layers.values() for entry in catalogue if entry.id]
        missing = [entry.id for entry in each if not _is_whole(entry.string)]
        sys.stdout.write(f"{language}: {len(each)} texts, {len(missing)} not translated\n")
        sys.stdout.write("".join(f"  {text}\n" for text in missing))


if __name__ == "__main__":
    main()
