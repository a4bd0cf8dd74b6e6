"""Which VMs of a host matter to a topology, found without reading the others in full."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet, Outcome, Record
from nestlab.model.ownership import is_left_behind, is_marked
from nestlab.model.state import HyperVState, VirtualMachineState
from nestlab.model.topology import VM, Topology
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.hyper_v_statements import vm_overview_statement
from nestlab.observe.reading import guid
from nestlab.transport.session import Cancel, Session

_CONTINUE = {"ErrorAction": "Continue"}
_WILDCARDS = frozenset("*?[]`")
_PORTS = Cmdlet(
    "Get-VMNetworkAdapter",
    {"VMName": "*", **_CONTINUE},
    Cmdlet(SELECT_OBJECT, {"Property": ["VMId", "SwitchId"]}),
)


@dataclass(frozen=True)
class Overview:
    """All VMs of a host in brief, and the names of those that matter to a topology.

    In `brief`, only Id, name, state, notes and assigned memory of VMs were read.
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
    """Return the VMs of a machine in brief, and which of them have to be read in full.

    Those are the VMs that the file names, those with the topology's mark, and those that an
    interrupted run may have created without a mark. With `neighbors` also the VMs on its switches,
    on the other switches of these VMs, and so on.

    Returns None if all VMs have to be read in full: something could not be read, or a name
    contains wildcards. Without `neighbors`, also if a switch with the topology's mark is no longer
    in the file: everything connected to it matters. Raises what `Session.run` raises.
    """
    statements = (
        Cmdlet("Get-VMHost", _CONTINUE),
        Cmdlet("Get-VMSwitch", _CONTINUE),
        vm_overview_statement(),
    )
    outcome = session.run(*statements, *((_PORTS,) if neighbors else ()), cancel=cancel)
    brief = hyper_v_state(outcome, in_brief=True)
    if (
        brief is None
        or outcome.errors
        or (not neighbors and _has_leftover_switch(brief, topology, machine))
    ):
        return None
    names = relevant_vms(brief, topology, machine)
    if neighbors and names is not None:
        names |= _neighbors(brief, topology, machine, names, outcome)
    if names is None or any(set(name) & _WILDCARDS for name in names):
        return None
    return Overview(brief, names)


def relevant_vms(
    known: HyperVState, topology: str, machine: Topology | VM
) -> frozenset[str] | None:
    """Return the names of the VMs that a topology names, owns or may own on a machine.

    None if one of these names contains wildcards.
    """
    owned = (
        vm.name
        for vm in known.vms
        if is_marked(vm.notes, topology)
        or (vm.state == "Off" and (is_left_behind(vm, topology) or _may_be_unmarked(vm)))
    )
    names = frozenset((*owned, *(vm.name for vm in machine.vms)))
    return None if any(set(name) & _WILDCARDS for name in names) else names


def _may_be_unmarked(vm: VirtualMachineState) -> bool:
    """Whether an interrupted run may have created a VM that is off without marking it.

    Its disks would show it, but an overview does not include disks.
    """
    return not vm.notes.strip() and not vm.hard_disks


def _has_leftover_switch(brief: HyperVState, topology: str, machine: Topology | VM) -> bool:
    named = {switch.name.casefold() for switch in machine.switches}
    return any(
        is_marked(switch.notes, topology) and switch.name.casefold() not in named
        for switch in brief.switches
    )


def _neighbors(
    brief: HyperVState,
    topology: str,
    machine: Topology | VM,
    names: Collection[str],
    outcome: Outcome,
) -> frozenset[str]:
    """Return the names of the VMs that frames of the topology can reach."""
    vms_on, switches_of = _connections(outcome.of_type("VMNetworkAdapter"))
    named = {switch.name.casefold() for switch in machine.switches}
    reached = {
        switch.id
        for switch in brief.switches
        if switch.name.casefold() in named or is_marked(switch.notes, topology)
    }
    folded = {name.casefold() for name in names}
    ids = {vm.id for vm in brief.vms if vm.name.casefold() in folded}
    pending = [*reached, *(switch for vm in ids for switch in switches_of[vm])]
    done: set[str] = set()
    while pending:
        switch = pending.pop()
        if switch not in done:
            done.add(switch)
            ids |= vms_on[switch]
            pending += [other for vm in vms_on[switch] for other in switches_of[vm]]
    return frozenset(vm.name for vm in brief.vms if vm.id in ids)


def _connections(
    records: list[Record],
) -> tuple[defaultdict[str, set[str]], defaultdict[str, set[str]]]:
    vms_on: defaultdict[str, set[str]] = defaultdict(set)
    switches_of: defaultdict[str, set[str]] = defaultdict(set)
    for vm_id, switch_id in _connected_pairs(records):
        vms_on[switch_id].add(vm_id)
        switches_of[vm_id].add(switch_id)
    return vms_on, switches_of


def _connected_pairs(records: list[Record]) -> Iterator[tuple[str, str]]:
    for record in records:
        switch_id = guid(record, "SwitchId")
        if switch_id.strip("0-"):
            yield guid(record, "VMId"), switch_id
