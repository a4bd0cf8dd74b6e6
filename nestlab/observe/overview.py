"""Which VMs of a host a topology is concerned with, found without a full look at those of others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.model import Cmdlet, Outcome, Record
from nestlab.model.ownership import is_left_behind, is_marked
from nestlab.model.state import HyperVState, VirtualMachineState
from nestlab.model.topology import VM, Topology
from nestlab.observe.hyper_v import hyper_v_state, vm_overview
from nestlab.observe.reading import guid
from nestlab.transport.session import Cancel, Session

_CONTINUE = {"ErrorAction": "Continue"}
_PATTERN = frozenset("*?[]`")
_PORTS = Cmdlet(
    "Get-VMNetworkAdapter",
    {"VMName": "*", **_CONTINUE},
    Cmdlet(SELECT_OBJECT, {"Property": ["VMId", "SwitchId"]}),
)


@dataclass(frozen=True)
class Overview:
    """All VMs of a host in brief, and the names of those that a topology is concerned with.

    Of the VMs in brief only Id, name, state, notes and assigned memory were read.
    """

    brief: HyperVState
    names: frozenset[str]


def overview(
    session: Session,
    topology: str,
    machine: Topology | VM,
    *,
    neighbors: bool = False,
    cancel: Cancel | None = None,
) -> Overview | None:
    """Return the VMs of a machine in brief, and which of them a look has to be at in full.

    Those are the VMs that the file names, those with the topology's mark, and those that a run may
    have left without a mark. With `neighbors` also the VMs on its switches, on the switches that
    these are on, and so on.

    Returns None where everything has to be looked at in full: something could not be read, a name
    would be taken for a pattern, or a switch with the topology's mark is not in the file any more,
    so that everything on it matters. Raises what `Session.run` raises.
    """
    statements = (Cmdlet("Get-VMHost", _CONTINUE), Cmdlet("Get-VMSwitch", _CONTINUE), vm_overview())
    outcome = session.run(*statements, *((_PORTS,) if neighbors else ()), cancel=cancel)
    there = hyper_v_state(outcome, in_brief=True)
    if (
        there is None
        or outcome.errors
        or (not neighbors and _has_leftover(there, topology, machine))
    ):
        return None
    names = concerned(there, topology, machine)
    if neighbors and names is not None:
        names |= _neighbors(there, topology, machine, names, outcome)
    if names is None or any(set(name) & _PATTERN for name in names):
        return None
    return Overview(there, names)


def concerned(known: HyperVState, topology: str, machine: Topology | VM) -> frozenset[str] | None:
    """Return the names of the VMs that a topology names or owns on a machine.

    None where a name would be taken for a pattern.
    """
    owned = (
        vm.name
        for vm in known.vms
        if is_marked(vm.notes, topology) or is_left_behind(vm, topology) or _may_be_left(vm)
    )
    names = frozenset((*owned, *(vm.name for vm in machine.vms)))
    return None if any(set(name) & _PATTERN for name in names) else names


def _may_be_left(vm: VirtualMachineState) -> bool:
    """Whether a run may have made a VM and not come to mark it: its disk, which is not known here, decides."""
    return vm.state == "Off" and not vm.notes.strip() and not vm.hard_disks


def _has_leftover(there: HyperVState, topology: str, machine: Topology | VM) -> bool:
    named = {switch.name.casefold() for switch in machine.switches}
    return any(
        is_marked(switch.notes, topology) and switch.name.casefold() not in named
        for switch in there.switches
    )


def _neighbors(
    there: HyperVState,
    topology: str,
    machine: Topology | VM,
    names: Collection[str],
    outcome: Outcome,
) -> frozenset[str]:
    """Return the names of the VMs that frames of the topology's machines can get to over switches and VMs."""
    on_switch, switches_of = _ports(outcome.of_type("VMNetworkAdapter"))
    named = {switch.name.casefold() for switch in machine.switches}
    reached = {
        switch.id
        for switch in there.switches
        if switch.name.casefold() in named or is_marked(switch.notes, topology)
    }
    folded = {name.casefold() for name in names}
    ids = {vm.id for vm in there.vms if vm.name.casefold() in folded}
    waiting = [*reached, *(switch for vm in ids for switch in switches_of[vm])]
    done: set[str] = set()
    while waiting:
        switch = waiting.pop()
        if switch not in done:
            done.add(switch)
            ids |= on_switch[switch]
            waiting += [other for vm in on_switch[switch] for other in switches_of[vm]]
    return frozenset(vm.name for vm in there.vms if vm.id in ids)


def _ports(records: list[Record]) -> tuple[defaultdict[str, set[str]], defaultdict[str, set[str]]]:
    on_switch: defaultdict[str, set[str]] = defaultdict(set)
    switches_of: defaultdict[str, set[str]] = defaultdict(set)
    for vm_id, switch_id in _connected(records):
        on_switch[switch_id].add(vm_id)
        switches_of[vm_id].add(switch_id)
    return on_switch, switches_of


def _connected(records: list[Record]) -> Iterator[tuple[str, str]]:
    for record in records:
        switch_id = guid(record, "SwitchId")
        if switch_id.strip("0-"):
            yield guid(record, "VMId"), switch_id
