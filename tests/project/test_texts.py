"""Every text that nestlab shows is in the catalogue, and translated into every language."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

import nestlab
from nestlab import texts
from tools.texts import (
    COMPILED,
    catalogues,
    compiled,
    found_in_source,
    layer_of,
    messages,
    modules,
    po_bytes,
    table_texts,
    translations,
)

PACKAGE = Path(nestlab.__file__).parent
FOLDER = PACKAGE / "texts"
LANGUAGES = [code for code in texts.LANGUAGES if code != texts.SOURCE_LANGUAGE]
TRANSLATED: tuple[str, ...] = (
    "__main__.py",
    "apply/",
    "bootstrap.py",
    "bootstrap_installer.py",
    "bootstrap_stamp.py",
    "cli/",
    "constants/document_kinds.py",
    "drawing/",
    "errors.py",
    "export/",
    "html.py",
    "importers/",
    "known_errors/",
    "lab/",
    "model/",
    "notebook/",
    "observe/",
    "plan/",
    "reachability/",
    "rules/capacity_estimate.py",
    "rules/evidence.py",
    "rules/guest_report.py",
    "rules/host/",
    "rules/host_report.py",
    "rules/match/",
    "rules/memory_budget.py",
    "rules/nesting/",
    "rules/other_layers.py",
    "rules/rule.py",
    "rules/shared_causes.py",
    "rules/topology/",
    "rules/tried_fixes.py",
    "simulator/powershell/roles/session_configuration.py",
    "simulator/state/state_file.py",
    "topology_file/",
    "transport/",
    "workshop/",
)
"""Layers and modules all of whose texts are in the catalogue."""

NOT_TRANSLATED = (
    "drawing/style.py",
    "export/jea/",
    "export/powershell/",
    "topology_file/json_schema.py",
    "topology_file/reference.py",
)
"""Modules that write files for administrators or editors, which are in English, or style sheets."""

COMPARED = {"Explanation": ("ids", "texts"), "Rule": ("example",)}
"""Fields of tables with texts of other programs, and with parts of files, which are in English."""

NOT_SHOWN = "# not shown"
"""A comment of a line whose string is no text for users, though it has several words."""


@cache
def found():
    return found_in_source()


def fields(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogues_have_the_texts_of_the_source_and_are_compiled(language):
    layers = catalogues(language, found())
    wanted = {f"{layer}.po": po_bytes(catalogue) for layer, catalogue in layers.items()}
    wanted[COMPILED] = compiled(language, layers)
    files = {path.name: path.read_bytes() for path in (FOLDER / language).iterdir()}
    assert files.keys() == wanted.keys(), "python tools/texts.py writes them again"
    assert [name for name in files if files[name] != wanted[name]] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_its_values(language):
    known = translations(language)
    missing, wrong = [], []
    for message in found():
        translated = known.get(message, "")
        originals = message if isinstance(message, tuple) else (message,)
        texts_in_language = translated if isinstance(translated, tuple) else (translated,)
        if not all(texts_in_language):
            missing.append(originals[0])
        elif len(originals) > 1:
            allowed = {field for text in originals for field in fields(text)}
            wrong += [text for text in texts_in_language if not set(fields(text)) <= allowed]
        elif (
            is_formatted(originals[0])
            and message not in texts_of_notebooks()
            and fields(originals[0]) != fields(translated)
        ):
            wrong.append(translated)
    assert missing == []
    assert wrong == []


def is_formatted(message):
    return message in formatted_messages() or bool(re.search(r"\{[a-z_]+\}", message))


@cache
def texts_of_notebooks():
    """Texts that are not formatted; test_translated_notebooks.py compares their code."""
    return {text for text, places in found().items() if layer_of(places[0]) == "notebooks"}


@cache
def formatted_messages():
    """The texts that are formatted: those of calls with values, and those that tables format."""
    result = set()
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if called(node) == "tr" and node.keywords:
                result.add(ast.literal_eval(node.args[0]))
    return result


def called(node):
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


MODULES = [path.relative_to(PACKAGE).as_posix() for path in modules()]


@pytest.mark.parametrize("module", MODULES)
def test_calls_give_each_value_of_a_text(module):
    wrong = []
    for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8"))):
        name = called(node)
        if name not in ("tr", "tr_count"):
            continue
        given = {keyword.arg for keyword in node.keywords}
        literals = [ast.literal_eval(each) for each in node.args[: 2 if name == "tr_count" else 1]]
        if name == "tr_count":
            given |= {"count"}
            wanted = {field for text in literals for field in fields(text)} | {"count"}
        else:
            wanted = set(fields(literals[0])) if given else set()
        if given != wanted:
            wrong.append((node.lineno, literals[0], given ^ wanted))
    assert wrong == []


def is_sentence(text):
    """Whether a string looks like a text for people: two words of letters, one after the other."""
    words = re.sub(r"<[^>]*>", " ", text)  # tags of HTML
    return re.search(r"[A-Za-z]{2,}[,.:;]? [A-Za-z]{2,}", words) is not None


def untranslated_texts(source):
    """The strings of a module that look like texts, and are not in the catalogue."""
    tree, lines = ast.parse(source), source.splitlines()
    done = {id(node) for known in ast.walk(tree) for node in known_strings(known)}
    for node in ast.walk(tree):
        text = None if id(node) in done else written_text(node)
        if text is None or not is_sentence(text):
            continue
        if not any(NOT_SHOWN in line for line in lines[node.lineno - 1 : node.end_lineno]):
            yield node.lineno, text


def known_strings(node):
    """The strings in a node that need no call: those of calls that are there, and docstrings."""
    if called(node) in ("tr", "tr_count", "mark"):
        yield from (each for argument in node.args for each in ast.walk(argument))
    if isinstance(node, ast.Call):
        yield from table_texts(node)
    if called(node) == "Key":
        yield from node.args[2:3]  # for the reference page and the JSON Schema: in English
    if called(node) == "Subcommand":
        yield from command_lines(node)
    if called(node) == "evidence_from":
        yield node.args[0]  # what was run
    if called(node) in COMPARED:
        of_others = (k.value for k in node.keywords if k.arg in COMPARED[called(node)])
        yield from (each for value in of_others for each in ast.walk(value))
    if isinstance(getattr(node, "body", None), list):
        yield from (each.value for each in node.body if isinstance(each, ast.Expr))
    if isinstance(node, ast.JoinedStr):
        yield from (each for each in node.values if isinstance(each, ast.Constant))


def command_lines(subcommand):
    """The examples of a subcommand that are a command line and nothing else."""
    for keyword in subcommand.keywords:
        if keyword.arg == "examples":
            yield from (e for e in ast.walk(keyword.value) if is_command_line(written_text(e)))


def is_command_line(text):
    return text is not None and text.startswith("nestlab ") and "  " not in text


def written_text(node):
    """The text of a string, with a digit for each value; None for any other node."""
    if isinstance(node, ast.JoinedStr):
        return "".join(e.value if isinstance(e, ast.Constant) else "0" for e in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


@pytest.mark.parametrize(
    "module",
    [m for m in MODULES if m.startswith(TRANSLATED) and not m.startswith(NOT_TRANSLATED)],
)
def test_no_text_is_left_out_of_the_catalogue(module):
    source = (PACKAGE / module).read_text(encoding="utf-8")
    assert list(untranslated_texts(source)) == []


def test_the_language_can_be_chosen_and_changed(monkeypatch):
    assert texts.language() == "en"
    with pytest.raises(ValueError, match="Languages: en, es"):
        texts.set_language("xx")


def test_a_text_is_found_in_the_source_with_its_line():
    source = 'tr("a {b}", b=1)\nx = tr_count("{count} c", "{count} d", 2)\n'
    assert list(messages(source)) == [("a {b}", 1), (("{count} c", "{count} d"), 2)]
