"""Features that only Windows Server has, for guests that are Windows clients."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import INSTALL_FEATURE, PRODUCT_WORKSTATION
from nestlab.model.finding import Finding
from nestlab.model.origin import KeyPath
from nestlab.model.topology import VM
from nestlab.rules.evidence import evidence_from
from nestlab.rules.match.host_match import HostMatch
from nestlab.rules.rule import Rule, Scope, detects
from nestlab.texts import tr

GUEST_NEEDS_SERVER = Rule(
    code="guest-needs-server",
    severity="error",
    looks_at=(Scope.MATCH,),
    meaning="A guest that is to have features of Windows Server, a NAT or a DHCP server is a Windows client.",
    why="Windows clients have no Install-WindowsFeature, so nothing of this is set up in the guest.",
    fix="Use an image of Windows Server for the VM, or Linux with cloud_init for a router or a DHCP server.",
    example="Win32_OperatingSystem: ProductType = 1",
    source=INSTALL_FEATURE,
)


@detects(GUEST_NEEDS_SERVER)
def guest_needs_server(match: HostMatch) -> Iterator[Finding]:
    """Features, a NAT or a DHCP server for a guest with a Windows client."""
    vm, computer = match.place.machine, match.state.computer
    if not isinstance(vm, VM) or computer.product_type != PRODUCT_WORKSTATION:
        return
    system = computer.caption or tr("a Windows client")
    for keys, message in _needs(vm, system):
        yield match.finding(
            GUEST_NEEDS_SERVER,
            match.place.subject,
            (*match.place.keys, *keys),
            message,
            evidence=evidence_from(
                "Win32_OperatingSystem", Caption=computer.caption, ProductType=PRODUCT_WORKSTATION
            ),
        )


def _needs(vm: VM, system: str) -> Iterator[tuple[KeyPath, str]]:
    if vm.guest.features:
        yield (
            ("guest", "features"),
            tr("is to have features of Windows Server, and is {system}", system=system),
        )
    if vm.nat is not None:
        yield ("nat",), tr("is to have a NAT, and is {system}", system=system)
    for number, adapter in enumerate(vm.network_adapters):
        if adapter.dhcp_server is not None:
            yield (
                ("network_adapters", number, "dhcp_server"),
                tr(
                    "is to serve DHCP on {adapter}, and is {system}",
                    adapter=adapter.name,
                    system=system,
                ),
            )


DETECTORS = (guest_needs_server,)
