"""Whether a Windows guest answers pings: by a firewall rule of nestlab's own."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Cmdlet
from nestlab.model.state import BUILT_IN_ECHO_RULE, ECHO_RULE, FirewallRuleState
from nestlab.model.topology import VM
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine, or_unchanged
from nestlab.plan.step import Planned, Step, StepTarget
from nestlab.texts import tr

_ECHO_REQUEST = {"Direction": "Inbound", "Protocol": "ICMPv4", "IcmpType": "8"}


def firewall_steps(machine: PlannedMachine, vm: VM) -> Iterator[Planned]:
    """Yield the steps that allow or block echo requests to a guest.

    A blocking rule overrides all allowing rules.
    """
    found = (
        tr("it allows echo requests, by a rule of Windows or of nestlab")
        if vm.answers_ping
        else tr("it blocks echo requests, by a rule of Windows or of nestlab")
    )
    yield from or_unchanged(
        tr("{machine}: firewall", machine=machine.name),
        found,
        _changes(machine, vm),
    )


def _changes(machine: PlannedMachine, vm: VM) -> Iterator[Step]:
    own = machine.state.firewall_rule(ECHO_RULE)
    built_in = machine.state.firewall_rule(BUILT_IN_ECHO_RULE)
    allowed = built_in is not None and built_in.enabled and built_in.action == "Allow"
    action = "Block" if not vm.answers_ping else "" if allowed else "Allow"
    current = _action(own) if own else ""
    if current == action or (vm.answers_ping and current == "Allow"):
        return
    remove = Cmdlet("Remove-NetFirewallRule", {"Name": ECHO_RULE})
    yield machine.step(
        Action.ANSWER_PING if vm.answers_ping else Action.DROP_PING,
        ECHO_RULE,
        tr("Allow pings to {machine}", machine=machine.name)
        if vm.answers_ping
        else tr("Block pings to {machine} in its firewall", machine=machine.name),
        _why(own, allowed=allowed, wanted=vm.answers_ping),
        *([remove] if own else []),
        *([echo_rule(action)] if action else []),
        target=StepTarget(TargetKind.WINDOWS, ECHO_RULE),
        undo=(
            *([remove] if action else []),
            *([echo_rule(_action(own))] if own and _action(own) else []),
        ),
    )


def _action(rule: FirewallRuleState) -> str:
    return rule.action if rule.enabled else ""


def _why(own: FirewallRuleState | None, *, allowed: bool, wanted: bool) -> str:
    if own is not None:
        if not own.enabled:
            return tr("its rule {rule} is disabled", rule=ECHO_RULE)
        return tr("its rule {rule} is {action}", rule=ECHO_RULE, action=own.action)
    if allowed:
        return tr("its rule {rule} is enabled", rule=BUILT_IN_ECHO_RULE)
    if not wanted:
        return tr("no rule of nestlab blocks echo requests, and a later one could allow them")
    return tr("Windows drops echo requests unless a rule allows them")


def echo_rule(action: str) -> Cmdlet:
    """Return the cmdlet that creates nestlab's rule, which allows or blocks echo requests."""
    return Cmdlet(
        "New-NetFirewallRule",
        {
            "Name": ECHO_RULE,
            "DisplayName": "nestlab: echo requests",  # not shown
            **_ECHO_REQUEST,
            "Action": action,
        },
    )
