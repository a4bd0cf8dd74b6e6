"""The rule about VMs whose name is not a valid computer name in their guest."""

from __future__ import annotations

import re
from collections.abc import Iterator

from nestlab.constants import COMPUTER_NAMES
from nestlab.model.finding import Finding
from nestlab.model.topology import VM, is_computer_name, is_host_name
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.rules.topology.places import MachinePlace, placeholder_hint
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

_LONGEST = 15
"""NetBIOS: Windows refuses longer computer names."""
_LONGEST_HOST_NAME = 63

COMPUTER_NAME_NOT_SET = Rule(
    code="computer-name-not-set",
    severity="info",
    looks_at=(Scope.TOPOLOGY,),
    meaning="The name of a VM is none that the system in it takes as computer name, so the guest has another one.",
    why="A guest on an image of the file gets the name of its VM. Where Windows does not take it (15 letters, digits and hyphens at most, not digits alone), or Linux does not, the guest keeps the name of its image, or gets a random one where the image was generalized: it is not found under the name of its VM.",
    fix="Add guest: {computer_name: ...} with a name that the system takes, or rename the VM.",
    example="images: {ws2022: {path: 'D:\\images\\ws2022.vhdx', os: windows}}\nvms: [{name: web_1, disk: {image: ws2022}, guest: {os: windows, credential: lab}}]",
    source=COMPUTER_NAMES,
)


@detects(COMPUTER_NAME_NOT_SET)
def computer_name_not_set(index: TopologyIndex) -> Iterator[Finding]:
    """A guest that would get the name of its VM, and does not."""
    taken: set[str] = set()
    for place, vm in index.vms:
        what = _instead(index, place, vm)
        if not what:
            continue
        taken = taken or _names_in_file(index)
        proposed = _proposed(vm, taken)
        taken.add(proposed.casefold())
        hint = tr("Add computer_name: {name} to its guest, or rename the VM.", name=proposed)
        if index.position_of_copy((*place.keys, "name")) is not None:
            variable = index.variable_of_copy(place.keys)
            hint = " ".join(
                (tr("Add a computer_name to its guest."), placeholder_hint(f"srv{{{variable}}}"))
            )
        keys = (*place.keys, "name")
        message = tr(
            "has a name that {system} does not take ({why}): {what}",
            system="Linux" if vm.has_seed else "Windows",
            why=_why_not(vm),
            what=what,
        )
        yield index.finding(COMPUTER_NAME_NOT_SET, place.subject, keys, message, hint=hint)


def _names_in_file(index: TopologyIndex) -> set[str]:
    names = (name for _, vm in index.vms for name in (vm.computer_name, vm.host_name))
    return {name.casefold() for name in names if name}


def _instead(index: TopologyIndex, place: MachinePlace, vm: VM) -> str:
    """Return which name a guest has instead of its VM's name; empty if it gets that name."""
    if vm.guest.computer_name:
        return ""
    if vm.has_seed:
        return "" if is_host_name(vm.name) else tr("its Linux keeps the host name of its image")
    is_of_image = vm.disk is not None and vm.disk.image is not None
    if vm.guest.os != "windows" or not is_of_image or is_computer_name(vm.name):
        return ""
    if place.keys in index.on_generalized_images:
        return tr("its Windows gets a random computer name")
    # Without a credential, nestlab sets no name at all.
    return tr("its Windows keeps the computer name of its image") if vm.guest.credential else ""


def _why_not(vm: VM) -> str:
    longest = _LONGEST_HOST_NAME if vm.has_seed else _LONGEST
    if len(vm.name) > longest:
        return tr("longer than {count} characters", count=longest)
    return tr("digits only") if vm.name.isdigit() else tr("not of letters, digits and hyphens")


def _proposed(vm: VM, taken: set[str]) -> str:
    """Return a computer name like that of a VM, that no other guest has."""
    plain = re.sub(r"[^A-Za-z0-9]+", "-", vm.name, flags=re.ASCII).strip("-") or "vm"
    if plain.isdigit():
        plain = f"vm-{plain}"
    numbered = (f"-{number}" for number in range(2, len(taken) + 3))
    ends = ("", *numbered)
    names = (plain[: _LONGEST - len(end)].rstrip("-") + end for end in ends)
    return next(name for name in names if name.casefold() not in taken)


DETECTORS = (computer_name_not_set,)
