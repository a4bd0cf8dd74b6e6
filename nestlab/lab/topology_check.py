"""Whether a topology fits on a host: findings of both, with the observed states."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.errors import HostError
from nestlab.lab.host_check import CheckFindings
from nestlab.lab.lab_observation import observe_lab
from nestlab.lab.lab_planner import LabPlanner
from nestlab.lab.observer import with_all_disk_uses
from nestlab.lab.undo_history import with_past_runs
from nestlab.model import HOST, Findings, MachinePath
from nestlab.model.state import HostState
from nestlab.model.topology import Topology, VMState
from nestlab.plan import may_write_to_existing_disks
from nestlab.rules import guest_access_findings, host_findings, nesting_findings, together, validate
from nestlab.rules.evidence import gigabytes
from nestlab.rules.memory_budget import memory_budget
from nestlab.texts import tr, tr_count
from nestlab.transport.session import Cancel, Session


def check_on_host(topology: Topology, host: Session, cancel: Cancel | None) -> CheckFindings:
    """Return the findings about a topology, a host with its guests, and the topology on it."""
    unreachable: dict[MachinePath, HostError] = {}
    states = observe_lab(host, topology, cancel=cancel, on_unreachable=unreachable.__setitem__)
    planner = with_past_runs(LabPlanner(topology), host)
    at_stake = (may_write_to_existing_disks(topology, path, states) for path in states)
    if planner.needs_disk_uses or any(at_stake):
        states = with_all_disk_uses(topology, host, states, cancel)
    inside = nesting_findings(states, topology) + guest_access_findings(unreachable)
    fit = planner.fit_findings(states) + planner.cannot_change_findings(states)
    found = together(validate(topology, states), fit + inside)
    said = {(finding.code, finding.hint) for finding in found}
    of_host = (each for each in host_findings(states[HOST]) if (each.code, each.hint) not in said)
    findings = found + Findings(of_host)
    verdict, memory = _verdict(topology, findings, states), _memory(topology, states)
    return CheckFindings(findings, states, verdict, memory)


def _verdict(
    topology: Topology, findings: Findings, states: Mapping[MachinePath, HostState]
) -> str:
    """Return whether a topology fits on its host, or that its file has errors, as a sentence.

    Where the only errors are guests that refuse their credential, that is not known. What
    `validate` finds in the file is an error on each host.
    """
    state = states[HOST]
    host = f"{state.computer.name} ({state.host})"
    if findings.ok:
        return tr("{name} fits on {host}.", name=topology.name, host=host)
    of_file = frozenset(validate(topology, states))
    if of_file.issuperset(findings.errors):
        return tr("{name} has errors.", name=topology.name)
    refusing = [each.subject for each in findings.errors if each.code == "guest-refuses"]
    if len(refusing) == len(findings.errors):
        return tr_count(
            "Whether {name} fits on {host} is not known in full: {guests} refuses its credential. Correct it as said above, then check again.",
            "Whether {name} fits on {host} is not known in full: {guests} refuse their credentials. Correct them as said above, then check again.",
            len(refusing),
            name=topology.name,
            host=host,
            guests=", ".join(refusing),
        )
    return tr("{name} does not fit on {host}.", name=topology.name, host=host)


def _memory(topology: Topology, states: Mapping[MachinePath, HostState]) -> str:
    """Return how much memory the VMs of the host need, and what is free; empty if not known."""
    budget = memory_budget(states)
    if budget.unread:
        return ""
    running = [vm.memory_startup for vm in topology.vms if vm.state is VMState.RUNNING]
    return tr(
        "Its VMs on the host start with {needed} of memory; {free} of {total} are free now.",
        needed=gigabytes(sum(running)),
        free=gigabytes(budget.free),
        total=gigabytes(budget.total),
    )
