"""The file that a topology was read from: its text, and the position of every value in it."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.dataclass import dataclass, field
from nestlab.model.plain import Declared
from nestlab.texts import tr

KeyPath = tuple[str | int, ...]
"""The keys and indices of a value: ``("vms", 0, "network_adapters", 1, "gateway")``."""


@dataclass(frozen=True)
class CountedCopy:
    """The item of a list in the file from which an item of the topology's list was created.

    `source_index` is the index of the item in the file, from 0. The item in the topology is copy
    `number`, from 1, of `total`; `total` is 0 where the item in the file has no count. `variable`
    is the name of the number in placeholders.
    """

    source_index: int
    number: int
    total: int
    variable: str = "n"


def copy_text(keys: KeyPath, copies: Mapping[KeyPath, CountedCopy]) -> str:
    """Return which copy of an item a value is in; empty if it is not in a copy.

    >>> copy_text(("vms", 4, "name"), {("vms", 4): CountedCopy(0, 5, 8)})
    'copy 5 of 8'
    """
    enclosing = (copies.get(keys[:length]) for length in range(len(keys), 0, -1))
    texts = (
        tr("copy {number} of {total}", number=copy.number, total=copy.total)
        for copy in enclosing
        if copy and copy.total > 1
    )
    return tr(" in ").join(texts)


@dataclass(frozen=True)
class Origin:
    """The file a topology was read from. Positions are (line, column), both from 1.

    `copies` maps the items of each list in which `count` was used to the items in the file.
    """

    path: str
    text: str = field(repr=False)
    positions: Mapping[KeyPath, tuple[int, int]] = field(repr=False)
    topology: Declared | None = field(default=None, repr=False, compare=False)
    """The topology that the text describes; a topology that differs was changed after loading."""
    copies: Mapping[KeyPath, CountedCopy] = field(default_factory=dict, repr=False)

    def locate(self, keys: KeyPath) -> str:
        """Return ``file:line:column`` of a value, or of the nearest enclosing one.

        Where it is in a copy, that is added: ``lab.yml:9:5 (copy 5 of 8)``.
        """
        line, column = self.position(keys)
        copy = copy_text(keys, self.copies) if self.copies else ""
        return f"{self.path}:{line}:{column}" + (f" ({copy})" if copy else "")

    def position(self, keys: KeyPath) -> tuple[int, int]:
        """Return line and column of a value, or of the nearest enclosing one."""
        while keys and keys not in self.positions:
            keys = keys[:-1]
        return self.positions.get(keys, (1, 1))
