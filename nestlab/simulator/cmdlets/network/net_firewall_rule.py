"""The cmdlets for NetFirewallRule, for echo requests only.

Windows always has the rule ``FPS-ICMP4-ERQ-In``; in the simulated images it is enabled. Rules that
block take precedence over rules that allow
(https://learn.microsoft.com/windows/security/operating-system-security/network-security/windows-firewall/rules).
"""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.firewall import ECHO_REQUEST, ECHO_RULE
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import FirewallRule

_CLASS = "MSFT_NetFirewallRule"


def _rules(machine: Machine) -> Iterator[FirewallRule]:
    if machine.operating_system.family == "windows":
        shown = "File and Printer Sharing (Echo Request - ICMPv4-In)"
        yield FirewallRule(
            ECHO_RULE,
            shown,
            enabled=machine.answers_ping,
            protocol="ICMPv4",
            icmp_types=[ECHO_REQUEST],
        )
    yield from machine.firewall_rules


def _record(rule: FirewallRule) -> Record:
    return make_record(
        _CLASS,
        Name=rule.name,
        ID=rule.name,
        InstanceID=rule.name,
        DisplayName=rule.display_name,
        Enabled="True" if rule.enabled else "False",
        Profile="Any",
        Direction=rule.direction,
        Action=rule.action,
    )


def _selected_rules(machine: Machine, bound: Bound, sink: Sink) -> list[FirewallRule]:
    """Return the rules selected by name or by object, or all of them."""
    objects = [
        str(item["InstanceID"]) for item in bound.values("InputObject") if isinstance(item, Record)
    ]
    key = "DisplayName" if "DisplayName" in bound else "Name"
    wanted = [*objects, *(str(item) for item in bound.values(key))]
    found = list(_rules(machine))
    if not wanted:
        return found
    by_name = {
        (rule.display_name if key == "DisplayName" else rule.name).lower(): rule for rule in found
    }
    for name in wanted:
        if name.lower() not in by_name:
            sink.error(
                cmdlet_errors.cim_not_found(
                    bound.name, _CLASS, "InstanceID" if key == "Name" else key, name
                ).record
            )
    return [by_name[name.lower()] for name in wanted if name.lower() in by_name]


@cmdlet("Get-NetFirewallRule")
def get_net_firewall_rule(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetFirewallRule."""
    for rule in _selected_rules(machine, bound, sink):
        sink.output(_record(rule))


@cmdlet("New-NetFirewallRule")
def new_net_firewall_rule(machine: Machine, bound: Bound, sink: Sink) -> None:
    """New-NetFirewallRule: the Name identifies the rule and must be unique."""
    name = bound.text("Name") or "{" + machine.world.new_id().upper() + "}"
    if any(rule.name.lower() == name.lower() for rule in _rules(machine)):
        message = "Cannot create a file when that file already exists."
        raise cmdlet_errors.cim(
            bound.name, "Windows System Error 183", message, "ResourceExists", _CLASS
        )
    rule = FirewallRule(
        name,
        bound.text("DisplayName"),
        enabled=bound.text("Enabled", "True") == "True",
        direction=bound.text("Direction", "Inbound"),
        action=bound.text("Action", "Allow"),
        protocol=bound.text("Protocol", "Any"),
        icmp_types=[str(item) for item in bound.values("IcmpType")],
    )
    machine.firewall_rules.append(rule)
    sink.output(_record(rule))


@cmdlet("Remove-NetFirewallRule")
def remove_net_firewall_rule(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Remove-NetFirewallRule: without a name, all rules."""
    removed = {rule.name for rule in _selected_rules(machine, bound, sink)}
    machine.firewall_rules = [rule for rule in machine.firewall_rules if rule.name not in removed]
    machine.answers_ping = machine.answers_ping and ECHO_RULE not in removed


@cmdlet("Enable-NetFirewallRule")
def enable_net_firewall_rule(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Enable-NetFirewallRule."""
    _set_enabled(machine, bound, sink, enabled=True)


@cmdlet("Disable-NetFirewallRule")
def disable_net_firewall_rule(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Disable-NetFirewallRule."""
    _set_enabled(machine, bound, sink, enabled=False)


def _set_enabled(machine: Machine, bound: Bound, sink: Sink, *, enabled: bool) -> None:
    for rule in _selected_rules(machine, bound, sink):
        rule.enabled = enabled
        if rule.name == ECHO_RULE:
            machine.answers_ping = enabled
        if bound.is_present("PassThru"):
            sink.output(_record(rule))
