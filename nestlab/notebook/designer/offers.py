"""Values that the form offers to take with a click, where a lab made by mouse alone needs them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nestlab.dataclass import replace
from nestlab.model.machine_path import path_text
from nestlab.model.topology import VM, Topology
from nestlab.notebook.designer.form_field import Field
from nestlab.notebook.designer.images import FIRST_IMAGE, credential_of
from nestlab.notebook.designer.parts import Part, vm_at

_Offer = tuple[str, str]
_MOST = 3


def with_offers(field: Field, topology: Topology, part: Part) -> Field:
    """Return a field with the values that it offers."""
    offers = _OFFERS.get((part.kind, field.name))
    return replace(field, offers=tuple(offers(field, topology, part))) if offers else field


def _image(field: Field, topology: Topology, part: Part) -> Iterator[_Offer]:
    """Yield the first image, for a VM without a disk in a topology without images."""
    if vm_at(topology, part.machine).disk is None and not topology.images:
        yield FIRST_IMAGE.name, f"{FIRST_IMAGE.name}, {FIRST_IMAGE.path}"
    for image in topology.images:
        if not field.value:
            yield image.name, image.name


def _credential(field: Field, topology: Topology, part: Part) -> Iterator[_Offer]:
    if not field.value and vm_at(topology, part.machine).guest.os == "windows":
        name = credential_of(topology)
        yield name, name


def _checks(field: Field, topology: Topology, _part: Part) -> Iterator[_Offer]:
    """Yield, for VMs that no check is about, that they reach the internet; the innermost first."""
    names = [path[-1] for path, _ in topology.machines() if path]
    vms = [path for path, machine in topology.machines() if isinstance(machine, VM)]
    checked = {check.source for check in topology.checks}
    offered = 0
    for path in sorted(vms, key=len, reverse=True):
        name = path[-1] if names.count(path[-1]) == 1 else path_text(path)
        if offered < _MOST and not checked & {name, path[-1], path_text(path)}:
            offered += 1
            new = f"{name} to internet"  # not shown: as the file's checks are written
            yield ", ".join(filter(None, (str(field.value), new))), new


_OFFERS: Mapping[tuple[str, str], Callable[[Field, Topology, Part], Iterator[_Offer]]] = {
    ("vm", "disk.image"): _image,
    ("vm", "guest.credential"): _credential,
    ("host", "checks"): _checks,
}
