"""Which nested hosts of the picture are folded: only their box is drawn."""

from __future__ import annotations

from nestlab.drawing.geometry import machine_id
from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import Topology
from nestlab.notebook.designer.parts import EditRefused, Part, find
from nestlab.texts import tr

Folded = frozenset[str]


def toggled(topology: Topology, folded: Folded, identifier: str) -> tuple[Folded, str]:
    """Return the folded hosts after one was folded or unfolded, and a sentence about it.

    For the host, that is done to all nested hosts on it.

    Raises:
        EditRefused: the part is not a nested host, and has none on it.
    """
    part = find(topology, identifier)
    hosts = [machine_id(path) for path, _ in topology.hosts() if path]
    if part.kind == "host":
        hosts = [host for host in hosts if "/" not in host]
    else:
        hosts = [host for host in hosts if part.kind == "vm" and host == identifier]
    if not hosts:
        message = tr("There is no nested host to fold; choose one, or the host for all of them.")
        raise EditRefused(message)
    if folded.issuperset(hosts):
        return folded.difference(hosts), tr("Unfolded {hosts}.", hosts=", ".join(hosts))
    return folded.union(hosts), tr("Folded {hosts}.", hosts=", ".join(hosts))


def opened_for(topology: Topology, folded: Folded, selection: str) -> Folded:
    """Return the folded hosts without those that hide a part."""
    try:
        part = find(topology, selection)
    except EditRefused:
        return folded
    return frozenset(host for host in folded if not _hides(host, part))


def visible_part(topology: Topology, folded: Folded, selection: str) -> str:
    """Return a part, or the outermost folded host that hides it."""
    try:
        part = find(topology, selection)
    except EditRefused:
        return selection
    return min((host for host in folded if _hides(host, part)), key=len, default=selection)


def followed(folded: Folded, old: str, new: str) -> Folded:
    """Return the folded hosts after a VM was renamed; its old name can come back with undo."""
    moved = {new + host[len(old) :] for host in folded if host == old or host.startswith(f"{old}/")}
    return folded.union(moved)


def _hides(host: str, part: Part) -> bool:
    """Whether a part is inside a machine; its own adapters are not."""
    path: MachinePath = tuple(host.split("/"))
    inner = part.machine if part.kind == "switch" else part.machine[:-1]
    return part.kind not in ("host", "network") and inner[: len(path)] == path
