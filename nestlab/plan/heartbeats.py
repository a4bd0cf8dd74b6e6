"""VMs that run without a heartbeat: whether an operating system started in them is not known.

The heartbeat of Get-VM is NoContact until the integration services of a guest have answered
(https://learn.microsoft.com/windows-server/virtualization/hyper-v/manage/manage-hyper-v-integration-services).
A VM without a bootable disk is Running as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nestlab.model import MachinePath, path_text
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.topology import VM, Topology, VMState
from nestlab.texts import tr, tr_count


def has_no_heartbeat(vm: VirtualMachineState) -> bool:
    """Whether a VM runs without a heartbeat; False if the heartbeat is disabled or not known."""
    is_known = bool(vm.heartbeat)
    return vm.state == "Running" and is_known and not vm.heartbeat.startswith(("Ok", "Disabled"))


def heartbeat_text(wanted: VM, vm: VirtualMachineState) -> str:
    """Return what is not known of the system in a VM, with a semicolon before it.

    Empty for a VM with a heartbeat, and for a guest that nestlab reads over PowerShell Direct.
    """
    if _is_read(wanted) or not has_no_heartbeat(vm):
        return ""
    if vm.hard_disks:
        return tr("; it has no heartbeat: whether an operating system started in it is not known")
    return tr("; it has no heartbeat: whether anything started in it is not known")


def not_started_text(vm: VirtualMachineState) -> str:
    """Return what is known of a VM without a heartbeat whose file names no system, as sentences."""
    if vm.hard_disks:
        return tr(
            "It runs and has no heartbeat: whether an operating system started in it is not known."
        )
    return tr(
        "It runs and has no heartbeat: whether anything started in it is not known. It has no disk: it could start from an ISO file or the network."
    )


def _is_read(wanted: VM) -> bool:
    return wanted.guest.os == "windows" and bool(wanted.guest.credential)


def without_heartbeat(
    topology: Topology, states: Mapping[MachinePath, HostState]
) -> Iterator[tuple[MachinePath, VirtualMachineState]]:
    """Yield the VMs that the file wants Running and that run without a heartbeat, in its order.

    Guests that nestlab reads are left out: the plan defers those that do not answer.
    """
    for path, wanted in topology.machines():
        above = states.get(path[:-1]) if path else None
        if above is None or above.hyper_v is None or not isinstance(wanted, VM):
            continue
        found = above.hyper_v.vm(path[-1])
        is_wanted = wanted.state is VMState.RUNNING and not _is_read(wanted)
        if found is not None and is_wanted and has_no_heartbeat(found):
            yield path, found


def matches_text(
    host: str, title: str, topology: Topology | None, states: Mapping[MachinePath, HostState]
) -> str:
    """Return the sentence that a host matches a file, and what is not known of its guests."""
    silent = silent_text(topology, states)
    if not silent:
        return tr("{host} matches {topology}.", host=host, topology=title)
    return tr(
        "{host} matches {topology}, as far as is known: {not_known}",
        host=host,
        topology=title,
        not_known=silent,
    )


def silent_text(topology: Topology | None, states: Mapping[MachinePath, HostState]) -> str:
    """Return a sentence naming the VMs that run without a heartbeat; empty if there are none."""
    silent = list(without_heartbeat(topology, states)) if topology is not None else []
    if not silent:
        return ""
    names = ", ".join(path_text(path) for path, _ in silent)
    return tr_count(
        "{names} has no heartbeat, so it is not known whether an operating system started there.",
        "{names} have no heartbeat, so it is not known whether an operating system started there.",
        len(silent),
        names=names,
    )
