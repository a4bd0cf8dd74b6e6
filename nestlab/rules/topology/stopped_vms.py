"""Checks of a topology that need a VM that the file declares Off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.model.topology import Check, VMState
from nestlab.rules.rule import NESTLAB, Rule, Scope
from nestlab.rules.topology.topology_index import TopologyIndex
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.reachability import Trace

CHECK_OF_STOPPED_VM = Rule(
    code="check-of-stopped-vm",
    severity="warning",
    looks_at=(Scope.TOPOLOGY,),
    meaning="A check needs a VM that the file declares Off, or that is inside one.",
    why="A VM that is off sends and answers nothing, and nothing shows how its guest is configured: verify reports the check as undetermined or failed.",
    fix="Write state: Running for the VM, or remove the check.",
    example="switches: [{name: A, switch_type: Private}]\nvms:\n  - {name: a, network_adapters: [{switch: A, ip_address: 10.0.0.1/24}]}\n  - {name: b, state: Off, network_adapters: [{switch: A, ip_address: 10.0.0.2/24}]}\nchecks: [{from: a, to: b}]",
    source=NESTLAB,
)


def stopped_vms(index: TopologyIndex) -> dict[str, str]:
    """Return the VMs that are off or inside one that is, each with the outermost that is off.

    Keys are machine paths in lower case.
    """
    off: dict[MachinePath, str] = {}
    for place, vm in index.vms:
        outer = off.get(place.path[:-1])
        if outer is not None or vm.state is VMState.OFF:
            off[place.path] = outer or place.subject
    return {path_text(path).casefold(): name for path, name in off.items()}


def needs_stopped_vm(
    index: TopologyIndex, position: int, answer: Trace, stopped: Mapping[str, str]
) -> Finding | None:
    """Return the finding of a check whose packets end at one of the `stopped` VMs.

    None if they do not, or if the check expects no answer.
    """
    check = index.topology.checks[position]
    at = answer.drop.at.machine.casefold() if answer.drop else ""
    if (
        answer.status != "undetermined"
        or at not in stopped
        or _expects_no_answer(check, answer, at)
    ):
        return None
    keys = ("checks", position)
    message = tr(
        "from {source} to {target} needs {vm}, which is declared Off, so it cannot pass",
        source=check.source,
        target=check.target,
        vm=stopped[at],
    )
    return index.finding(
        CHECK_OF_STOPPED_VM,
        f"check {position + 1}",
        keys,
        message,
        hint=tr("Write state: Running for {vm}, or remove the check.", vm=stopped[at])
        if check.reachable
        else tr(
            "Remove the check: nothing is learned from it while {vm} is off.",
            vm=stopped[at],
        ),
    )


def _expects_no_answer(check: Check, answer: Trace, stopped: str) -> bool:
    """Whether a check expects a ping without an answer.

    False if the stopped machine is the sender, or the named target.
    """
    named = check.target.casefold() in (stopped, stopped.rpartition("/")[2])
    return not check.reachable and bool(answer.hops) and not named
