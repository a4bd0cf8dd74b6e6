"""Rules about the rights of the account that the topology needs."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import TERRAFORM_PROVIDER
from nestlab.enumerations import all_of
from nestlab.model.finding import Finding
from nestlab.model.topology import Switch, SwitchType
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr

RIGHTS_MISSING = Rule(
    code="rights-missing",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="The topology needs a local Administrator of the host, but this session has no elevated rights.",
    why="Addresses, NATs and External switches need a local Administrator; Hyper-V Administrators is not enough.",
    fix="Open the session as a member of the host's Administrators; or have an Administrator create the switch, and declare it with existing: true.",
    example="Get-WindowsOptionalFeature -Online refused: it answers elevated administrators only",
    source=TERRAFORM_PROVIDER,
)


@detects(RIGHTS_MISSING)
def rights_missing(match: HostMatch) -> Iterator[Finding]:
    """A switch that only a local Administrator can create: External, with an address or a NAT."""
    if match.state.security.elevated is not False:
        return
    for place in match.own_switches:
        wanted = list(_missing(match, place.switch))
        if wanted:
            message = tr(
                "needs {things}, which needs a local Administrator of {machine}; this session has no elevated rights",
                things=all_of(wanted),
                machine=match.machine_name,
            )
            yield match.finding(
                RIGHTS_MISSING,
                place.subject,
                place.keys,
                message,
                evidence=tr(
                    "Get-WindowsOptionalFeature -Online refused: it answers elevated administrators only"
                ),
            )


def _missing(match: HostMatch, switch: Switch) -> Iterator[str]:
    """Yield what a switch still lacks that only an Administrator can create."""
    existing = {
        known.name.casefold() for known in (match.hyper_v.switches if match.hyper_v else ())
    }
    if switch.switch_type is SwitchType.EXTERNAL and switch.name.casefold() not in existing:
        yield tr("an External switch")
    addresses = {
        address for interface in match.state.ip_interfaces for address in interface.ip_addresses
    }
    if switch.ip_address is not None and switch.ip_address not in addresses:
        yield tr("the address {address}", address=switch.ip_address)
    if switch.nat is not None and switch.nat not in {
        nat.internal_prefix for nat in match.state.nats
    }:
        yield tr("a NAT for {nat}", nat=switch.nat)


DETECTORS = (rights_missing,)
