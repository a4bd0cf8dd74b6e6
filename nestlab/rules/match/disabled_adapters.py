"""Adapters that are disabled, and that nestlab leaves as they are."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import VIRTUAL_SWITCH
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.state import disabled_adapters
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
        for adapter in disabled_adapters(match.state, found[0]) if len(found) == 1 else ():
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


DETECTORS = (adapter_disabled,)
