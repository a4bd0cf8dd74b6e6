"""Adapters that are disabled, and that nestlab leaves as they are."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import VIRTUAL_SWITCH
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.state import NetAdapterState, SwitchState, management_alias
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr

ADAPTER_DISABLED = Rule(
    code="adapter-disabled",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="An adapter of the machine on an existing switch of the file is disabled.",
    why="Windows does not use it, nor show its addresses: the machine has no address on the switch, or the switch leads nowhere. Adapters of the topology's own switches and VMs are enabled by `apply`.",
    fix="Enable the adapter, unless it is to stay apart from that network.",
    example="Get-NetAdapter: Name = vEthernet (Corp), Status = Disabled",
    source=VIRTUAL_SWITCH,
)


@detects(ADAPTER_DISABLED)
def adapter_disabled(match: HostMatch) -> Iterator[Finding]:
    """The machine's own adapter on an existing switch, or the one it is bound to, is disabled."""
    for place, found in match.existing_switches:
        for adapter in _disabled(match, found[0]) if len(found) == 1 else ():
            message = tr(
                "has the network adapter {adapter} of {machine}, which is Disabled",
                adapter=adapter.name,
                machine=match.machine_name,
            )
            yield match.finding(
                ADAPTER_DISABLED,
                place.subject,
                place.keys,
                message,
                evidence=evidence_from("Get-NetAdapter", Name=adapter.name, Status=adapter.status),
                fix=(Cmdlet("Enable-NetAdapter", {"Name": adapter.name}),),
            )


def _disabled(match: HostMatch, switch: SwitchState) -> Iterator[NetAdapterState]:
    alias = management_alias(match.state, switch.name)
    for adapter in match.state.net_adapters:
        is_below = adapter.interface_description in switch.net_adapter_interface_descriptions
        if adapter.is_disabled and (adapter.name == alias or is_below):
            yield adapter


DETECTORS = (adapter_disabled,)
