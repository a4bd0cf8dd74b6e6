"""The nodes of Lability configuration data: `AllNodes`, with the values of `NodeName = '*'`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.importers.source import Fields, Source
from nestlab.model.located import Table
from nestlab.texts import tr

PREFIX = "Lability_"
_EVERY_NODE = "*"


class Node:
    """A node, merged with the values of `NodeName = '*'`; values of the node take precedence.

    A setting of Lability may have the prefix `PREFIX`, and then overrides the same setting without
    the prefix (Resolve-NodePropertyValue.ps1).
    """

    def __init__(self, own: Table, shared: Sequence[Table], source: Source) -> None:
        merged = Table(own.line)
        for table in (*shared, own):
            for key, value, line in table.entries():
                merged.put(key, value, line)
        self._own = own
        self.name = Fields(own, tr("a node of AllNodes"), source).text("NodeName")
        self.fields = Fields(merged, tr("node {node}", node=self.name), source)
        self.fields.use("NodeName")

    def key(self, setting: str) -> str:
        """Return the key of a setting, with or without prefix; both keys count as used."""
        prefixed = f"{PREFIX}{setting}"
        self.fields.use(setting, prefixed)
        return prefixed if self.fields.table.has(prefixed) else setting

    def has(self, setting: str) -> bool:
        """Whether a setting of Lability is stated, and is not null."""
        return self.fields.has(self.key(setting))

    def is_own(self, key: str) -> bool:
        """Whether the node itself has a key."""
        return self._own.has(key)

    def unused(self, *, own: bool) -> Iterator[str]:
        """Yield the unused keys: with `own` those of the node itself, else those of every node."""
        return (key for key in self.fields.unused() if self.is_own(key) == own)


def read_nodes(configuration: Fields, source: Source) -> list[Node]:
    """Return the nodes of configuration data; raises DefinitionFileError if there are none."""
    hint = tr("Give the .psd1 file with the configuration data of a lab: @{ AllNodes = @( … ) }.")
    if not configuration.has("AllNodes"):
        line = configuration.table.line
        raise source.refused(tr("there is no AllNodes in it"), line=line, hint=hint)
    tables = configuration.tables("AllNodes")
    for table in tables:
        if not str(table.named("NodeName") or "").strip():
            raise source.refused(
                tr("a node of AllNodes has no NodeName"),
                line=table.line,
                hint=tr("Give the node a NodeName, and import the file again."),
            )
    shared = [table for table in tables if table.named("NodeName") == _EVERY_NODE]
    nodes = [Node(table, shared, source) for table in tables if table not in shared]
    if not nodes:
        line = configuration.table.line_of("AllNodes")
        raise source.refused(tr("AllNodes has no nodes but '*'"), line=line, hint=hint)
    return nodes
