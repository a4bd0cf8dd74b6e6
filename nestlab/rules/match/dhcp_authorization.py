"""DHCP servers that are members of a domain, and that its directory has to authorize."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import DHCP_SERVER_IN_DC
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.rules.evidence import evidence_from, why_unread
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.texts import tr

_READ = "Get-DhcpServerSetting"

DHCP_NOT_AUTHORIZED = Rule(
    code="dhcp-not-authorized",
    severity="warning",
    looks_at=(Scope.MATCH,),
    meaning="A machine is to serve DHCP that is a member of a domain, and Active Directory does not authorize its DHCP server.",
    why="The DHCP server of a member of a domain leases no address until it is authorized: the clients give themselves addresses of 169.254.0.0/16. A server in a workgroup needs no authorization.",
    fix="Once the DHCP role is installed, run Add-DhcpServerInDC on the machine itself, as a member of Enterprise Admins or with that right delegated. Or give the VMs static addresses (ip_address).",
    example="Get-DhcpServerSetting: IsDomainJoined = True, IsAuthorized = False",
    source=DHCP_SERVER_IN_DC,
    variants=(Variant("info", "if it could not be read whether the server is authorized"),),
)


@detects(DHCP_NOT_AUTHORIZED)
def dhcp_not_authorized(match: HostMatch) -> Iterator[Finding]:
    """A DHCP range on a member of a domain; before the role is installed, nothing authorizes it.

    A plan does not authorize it: that changes the directory of the whole forest.
    """
    domain = match.state.computer.domain
    if not domain or match.state.dhcp_authorized:
        return
    rule, message, evidence = _not_authorized(match, domain)
    for place in match.own_dhcp_servers:
        yield match.finding(
            rule,
            place.subject,
            place.keys,
            message,
            evidence=evidence,
            fix=(Cmdlet("Add-DhcpServerInDC"),),
        )


def _not_authorized(match: HostMatch, domain: str) -> tuple[Rule, str, str]:
    """Return the rule, the message and the evidence for a member of a domain."""
    machine, refusal = match.machine_name, why_unread(match.state, _READ)
    if match.state.dhcp_authorized is False:
        message = tr(
            "gives no addresses by DHCP: {machine} is a member of the domain {domain}, where its DHCP server is not authorized",
            machine=machine,
            domain=domain,
        )
        return DHCP_NOT_AUTHORIZED, message, evidence_from(_READ, IsAuthorized=False)
    if refusal:
        message = tr(
            "may give no addresses by DHCP: {machine} is a member of the domain {domain}, and whether its DHCP server is authorized there could not be read",
            machine=machine,
            domain=domain,
        )
        return DHCP_NOT_AUTHORIZED.at("info"), message, refusal
    message = tr(
        "is to give addresses by DHCP: {machine} is a member of the domain {domain}, where its DHCP server has to be authorized first",
        machine=machine,
        domain=domain,
    )
    read = evidence_from("Win32_ComputerSystem", PartOfDomain=True, Domain=domain)
    return DHCP_NOT_AUTHORIZED, message, read


DETECTORS = (dhcp_not_authorized,)
"""The detectors of this module, in the order of their findings."""
