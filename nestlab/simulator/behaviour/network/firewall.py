"""Windows Defender Firewall, for echo requests only."""

from __future__ import annotations

from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import FirewallRule

ECHO_RULE = "FPS-ICMP4-ERQ-In"


ECHO_REQUEST = "8"
"""The ICMP type of an echo request."""


def answers_ping(machine: Machine) -> bool:
    """Whether the firewall of a machine admits echo requests."""
    actions = {
        rule.action
        for rule in machine.firewall_rules
        if rule.enabled and _applies_to_echo_requests(rule)
    }
    return "Block" not in actions and (machine.answers_ping or "Allow" in actions)


def _applies_to_echo_requests(rule: FirewallRule) -> bool:
    any_type = not rule.icmp_types or "Any" in rule.icmp_types
    return (
        rule.direction == "Inbound"
        and rule.protocol in ("Any", "ICMPv4", "1")
        and (any_type or ECHO_REQUEST in rule.icmp_types)
    )
