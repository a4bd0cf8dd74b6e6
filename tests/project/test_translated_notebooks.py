"""The notebooks in other languages are those made from the English ones and their translations."""

import ast
import re
from functools import cache

import nbformat
import pytest
import yaml

from tools import notebooks
from tools.texts import found_in_source, layer_of, translations

LANGUAGES = [path.name for path in notebooks.NOTEBOOKS.glob("??")]
ENGLISH = notebooks.paths()
ALL = [*ENGLISH, *sorted(notebooks.NOTEBOOKS.glob("??/*.ipynb"))]

known = cache(translations)
read = cache(lambda path: nbformat.read(path, as_version=4))


def name_of(path):
    return path.relative_to(notebooks.NOTEBOOKS).with_suffix("").as_posix()


@cache
def texts_of_the_package():
    return {
        text for text, places in found_in_source().items() if layer_of(places[0]) != "notebooks"
    }


@pytest.fixture(params=LANGUAGES)
def language(request):
    return request.param


def test_there_is_each_notebook_in_each_language(language):
    found = {path.name for path in (notebooks.NOTEBOOKS / language).glob("*.ipynb")}
    assert found == {path.name for path in ENGLISH}


@pytest.mark.parametrize("path", ENGLISH, ids=name_of)
def test_is_up_to_date(path, language):
    wanted = notebooks.in_language(read(path), path, language, known(language))
    saved = read(path.parent / language / path.name)
    assert saved.metadata == wanted.metadata
    cells, fresh = ([comparable(cell) for cell in each.cells] for each in (saved, wanted))
    assert cells == fresh, f"python tools/save_notebooks.py --language {language} {path.stem[:2]}"


def comparable(cell):
    return cell.id, cell.cell_type, cell.metadata, cell.source


@pytest.mark.parametrize("path", ENGLISH, ids=name_of)
def test_the_code_is_the_same_with_other_texts(path, language):
    translated = read(path.parent / language / path.name)
    chosen = f'nestlab.set_language("{language}")'
    code = [cell.source.replace(chosen, "") for cell in code_cells(translated)]
    assert sum(chosen in cell.source for cell in code_cells(translated)) == 1
    assert [without_texts(each) for each in code] == [
        without_texts(cell.source) for cell in code_cells(read(path))
    ]


def code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def without_texts(source):
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


KEPT = re.compile(r"`[^`]+`|\]\([^)]+\)|https?://[^\s)]+|\b\d+(?:\.\d+)*\b")
"""What a translation does not change: code, targets of links, addresses, numbers."""


@pytest.mark.parametrize("path", ENGLISH, ids=name_of)
def test_a_translation_keeps_code_links_and_numbers(path, language):
    wrong = [
        (text, kept(text), kept(known(language)[text]))
        for text in notebooks.texts(path)
        if kept(text) != kept(known(language)[text])
    ]
    assert wrong == []


def kept(text):
    return sorted(KEPT.findall(text))


@pytest.mark.parametrize("path", ENGLISH, ids=name_of)
def test_a_translation_has_the_same_markup(path, language):
    wrong = [
        (text, markup(text), markup(known(language)[text]))
        for text in notebooks.texts(path)
        if markup(text) != markup(known(language)[text])
    ]
    assert wrong == []


def markup(text):
    plain = re.sub(r"`[^`]+`|\{[^}]*\}", "", text)
    return {mark: len(re.findall(mark, plain)) for mark in (r"\*\*", r"<kbd>", r"</kbd>", "\n")}


LABEL = re.compile(r"(\*\*?)([A-Z][^*]+)\1(?!\w)")


@pytest.mark.parametrize("path", ENGLISH, ids=name_of)
def test_buttons_and_fields_have_the_names_that_the_panels_show(path, language):
    shown = known(language)
    wrong = [
        (label, shown[label], shown[text])
        for text in notebooks.texts(path)
        for _, label in LABEL.findall(text)
        if label in texts_of_the_package() and f"*{shown[label]}*" not in shown[text]
    ]
    assert wrong == []


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_links_lead_to_files(path):
    links = [
        link
        for cell in read(path).cells
        if cell.cell_type == "markdown"
        for link in re.findall(r"\]\(([^)#]+)", cell.source)
        if "://" not in link
    ]
    assert links
    assert [link for link in links if not (path.parent / link).is_file()] == []


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_topologies_that_are_named_are_there(path):
    named = {
        name
        for cell in read(path).cells
        for name in re.findall(r"(?:\.\./)*topologies/[\w/-]+\.yml", cell.source)
    }
    assert [name for name in named if not (path.parent / name).is_file()] == []


TOPOLOGIES = notebooks.topologies()


@pytest.mark.parametrize("path", TOPOLOGIES, ids=name_of)
def test_a_topology_of_a_language_is_the_english_one_with_other_texts(path, language):
    wanted = notebooks.topology_in_language(path, known(language))
    file = notebooks.NOTEBOOKS / language / path.relative_to(notebooks.NOTEBOOKS)
    text = file.read_text(encoding="utf-8")
    assert text == wanted, f"python tools/save_notebooks.py --language {language}"
    (first, *_), source = notebooks.topology_texts(path), path.read_text(encoding="utf-8")
    values, english = (yaml.safe_load(each) for each in (text, source))
    assert values["description"] == known(language)[first] != first
    for translated, stage in zip(values.get("stages", ()), english.get("stages", ()), strict=True):
        for key in ("text", "hint"):
            assert translated[key] == known(language)[stage[key]] != stage[key]
            translated[key] = stage[key]
    assert values | {"description": first} == english
    found = {each.name for each in file.parent.glob("*.yml")}
    assert found == {each.name for each in path.parent.glob("*.yml")}


@pytest.mark.parametrize("path", ENGLISH, ids=name_of)
def test_each_notebook_leads_to_the_other_languages(path, language):
    first = read(path).cells[0].source
    assert f"]({language}/{path.name})" in first
    translated = read(path.parent / language / path.name).cells[0].source
    assert f"](../{path.name})" in translated


def test_prose_is_translated_and_code_is_not(tmp_path):
    path = tmp_path / "lesson.ipynb"
    markdown = nbformat.v4.new_markdown_cell(
        "# Two words\n\n1. An item with `code here`\n2. `only.code()`\n\n```python\nas it is\n```"
    )
    code = nbformat.v4.new_code_cell('import nestlab\nx = "sim:a"  # a comment\n# host.run(x)')
    nbformat.write(nbformat.v4.new_notebook(cells=[markdown, code]), path)
    assert list(notebooks.texts(path)) == ["Two words", "An item with `code here`", "a comment"]
