"""No two modules need each other, not even where an import is lazy or for type checkers only."""

import ast
from collections.abc import Iterator
from pathlib import Path

import networkx as nx
import pytest

ROOT = Path(__file__).parents[2] / "nestlab"

NOT_YET: tuple[str, ...] = ()
"""Layers that still have cycles. The list only shrinks."""


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported(tree: ast.Module, modules: set[str], own_package: str) -> Iterator[str]:
    """Yield the modules that a module imports at its top, in functions, and under TYPE_CHECKING.

    A package counts only where a name is taken from its own file.
    """
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = own_package.split(".")[: len(own_package.split(".")) + 1 - node.level]
                base = ".".join([*above, *([base] if base else [])])
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                if inner in modules:
                    yield inner
                elif base in modules:
                    yield base


def graph_of(sources: dict[str, tuple[str, str]]) -> nx.DiGraph:
    """Return who imports whom. `sources`: the package and the text of each module, by its name."""
    graph = nx.DiGraph()
    for name, (package, text) in sources.items():
        graph.add_node(name)
        for other in imported(ast.parse(text), set(sources), package):
            graph.add_edge(name, other)
    return graph


def cycles_in(graph: nx.DiGraph) -> list[list[str]]:
    groups = (sorted(group) for group in nx.strongly_connected_components(graph))
    return [group for group in groups if len(group) > 1 or graph.has_edge(group[0], group[0])]


def nestlab_sources() -> dict[str, tuple[str, str]]:
    sources = {}
    for path in sorted(ROOT.rglob("*.py")):
        name = module_name(path)
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        sources[name] = (package, path.read_text(encoding="utf-8"))
    return sources


def is_excluded(name: str) -> bool:
    return name == "nestlab" or any(f"{name}.".startswith(f"{layer}.") for layer in NOT_YET)


@pytest.fixture(scope="module")
def cycles():
    return cycles_in(graph_of(nestlab_sources()))


def test_no_cycle_in_finished_layers(cycles):
    # The front door and its users are one cycle for as long as any of them is in the list.
    assert [group for group in cycles if not all(map(is_excluded, group))] == []


def test_layers_without_cycles_leave_the_list(cycles):
    tangled = {name for group in cycles for name in group}
    for layer in NOT_YET:
        assert any(f"{name}.".startswith(f"{layer}.") for name in tangled), layer


@pytest.mark.parametrize(
    "text",
    [
        "from package.b import thing",
        "from package import b",
        "from . import b",
        "from .b import thing",
        "import package.b",
        "def lazy():\n    from package.b import thing",
        "if TYPE_CHECKING:\n    from package.b import thing",
    ],
)
def test_every_kind_of_import_counts(text):
    sources = {
        "package": ("package", ""),
        "package.a": ("package", text),
        "package.b": ("package", "from package.a import other"),
    }
    assert cycles_in(graph_of(sources)) == [["package.a", "package.b"]]


def test_a_package_counts_only_where_a_name_is_taken_from_it():
    sources = {
        "package": ("package", "from package.a import name"),
        "package.a": ("package", "from package import b"),
        "package.b": ("package", ""),
    }
    assert cycles_in(graph_of(sources)) == []
    sources["package.b"] = ("package", "from package import name")
    assert cycles_in(graph_of(sources)) == [["package", "package.a", "package.b"]]
