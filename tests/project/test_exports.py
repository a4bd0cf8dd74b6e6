"""The public names of the package: one table, which everything else agrees with."""

import ast
import inspect
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import pytest

import nestlab
from nestlab import errors

INTERNAL_ERRORS = {"StatementNotStarted"}  # a SessionBroken that the transport handles itself


def split(name):
    module, _, attribute = nestlab._EXPORTS[name].partition(":")
    return module, attribute or name


def test_every_name_is_what_its_module_has():
    for name in nestlab._EXPORTS:
        module, attribute = split(name)
        assert getattr(nestlab, name) is getattr(import_module(module), attribute), name


def test_all_and_dir_are_the_table():
    assert nestlab.__all__ == list(nestlab._EXPORTS)
    assert nestlab.__all__ == sorted(nestlab.__all__)
    assert set(nestlab.__all__) <= set(dir(nestlab))


def test_type_checkers_see_the_table():
    tree = ast.parse(Path(nestlab.__file__).read_text(encoding="utf-8"))
    (block,) = (
        node
        for node in tree.body
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING"
    )
    seen = {
        alias.asname: (node.module, alias.name)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == {name: split(name) for name in nestlab._EXPORTS}


def test_packages_export_what_the_table_takes_from_them():
    for name in nestlab._EXPORTS:
        module, attribute = split(name)
        exported = getattr(import_module(module), "__all__", None)
        assert exported is None or attribute in exported, name


def test_every_error_is_public():
    found = {
        name
        for name, value in vars(errors).items()
        if inspect.isclass(value) and issubclass(value, errors.NestlabError)
    }
    assert found - INTERNAL_ERRORS <= set(nestlab.__all__)


def test_every_public_name_says_what_it_is():
    for name in set(nestlab.__all__) - {"Event", "__version__"}:
        assert getattr(nestlab, name).__doc__, name


def test_an_unknown_name_is_an_attribute_error():
    assert not hasattr(nestlab, "no_such_name")


@pytest.mark.parametrize(
    "package",
    [
        "nestlab",
        "nestlab.apply",
        "nestlab.lab",
        "nestlab.observe",
        "nestlab.rules",
        "nestlab.topology_file",
    ],
)
def test_no_module_has_the_name_of_a_lazy_export(package):
    names = import_module(package).__all__  # importing such a module would hide the name
    assert [name for name in names if find_spec(f"{package}.{name}")] == []
