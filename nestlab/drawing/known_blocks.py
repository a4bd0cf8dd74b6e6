"""Keeps measured nested hosts, so that a picture that is drawn again measures only what changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from copy import copy
from typing import Any

from nestlab.drawing.block import Block, BlockPort
from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import VM
from nestlab.texts import language


class KnownBlocks:
    """The nested hosts of the last picture, as they were measured.

    A machine that is the same value as before, with the same adapters' places, positions and folded
    hosts, has the same block. Values of the model are never changed.
    """

    def __init__(self) -> None:
        self._blocks: dict[MachinePath, tuple[VM, Any, Block]] = {}

    def find(self, path: MachinePath, vm: VM, circumstances: object) -> Block | None:
        """Return the block of a nested host; None where it has to be measured."""
        known = self._blocks.get(path)
        if known is None or known[0] is not vm or known[1] != circumstances:
            return None
        return _copied(known[2])

    @property
    def paths(self) -> Collection[MachinePath]:
        """The machines whose blocks are kept."""
        return self._blocks.keys()

    def forget_others(self, paths: Collection[MachinePath]) -> None:
        """Forget the blocks of machines at other paths: they were removed."""
        self._blocks = {path: kept for path, kept in self._blocks.items() if path in paths}

    def keep(self, path: MachinePath, vm: VM, circumstances: object, block: Block) -> None:
        """Keep a block as it is now: those around it change its size."""
        self._blocks[path] = (vm, circumstances, _copied(block))


def circumstances_of(
    path: MachinePath,
    ports: list[BlockPort],
    positions: Mapping[str, tuple[float, int]],
    folded: Collection[str],
) -> object:
    """Return what the block of a machine depends on beside the machine."""
    prefix = "/".join(path)
    inside = {key: place for key, place in positions.items() if key.startswith(f"{prefix}/")}
    closed = {key for key in folded if key == prefix or key.startswith(f"{prefix}/")}
    return language(), ports, inside, closed


def _copied(block: Block) -> Block:
    """Return a copy of what `stretch` changes, and what a host changes of the machines on it."""
    new = copy(block)
    new.vm_rows = [list(row) for row in block.vm_rows]
    new.children = [_copied(child) if child.is_host else child for child in block.children]
    return new
