"""Whether a topology fits on a host: findings of both, with the observed states."""

from __future__ import annotations

from nestlab.errors import HostError
from nestlab.lab.host_check import CheckFindings
from nestlab.lab.lab_observation import observe_lab
from nestlab.lab.lab_planner import LabPlanner
from nestlab.lab.observer import with_all_disk_uses
from nestlab.model import HOST, Findings, MachinePath
from nestlab.model.topology import Topology
from nestlab.plan import may_write_to_existing_disks
from nestlab.rules import (
    guest_access_findings,
    host_findings,
    nesting_findings,
    together,
    validate,
)
from nestlab.transport.session import Cancel, Session


def check_on_host(topology: Topology, host: Session, cancel: Cancel | None) -> CheckFindings:
    """Return the findings about a topology, a host with its guests, and the topology on it."""
    unreachable: dict[MachinePath, HostError] = {}
    states = observe_lab(host, topology, cancel=cancel, on_unreachable=unreachable.__setitem__)
    planner = LabPlanner(topology)
    at_stake = (may_write_to_existing_disks(topology, *each) for each in states.items())
    if planner.needs_disk_uses or any(at_stake):
        states = with_all_disk_uses(topology, host, states, cancel)
    inside = nesting_findings(states, topology) + guest_access_findings(unreachable)
    fit = planner.fit_findings(states) + planner.cannot_change_findings(states)
    found = together(validate(topology, states), fit + inside)
    said = {(finding.code, finding.hint) for finding in found}
    of_host = (each for each in host_findings(states[HOST]) if (each.code, each.hint) not in said)
    return CheckFindings(found + Findings(of_host), states)
