"""The validation of DNS servers by Set-DhcpServerv4OptionValue, which -Force skips.

Source: https://learn.microsoft.com/powershell/module/dhcpserver/set-dhcpserverv4optionvalue
"""

from __future__ import annotations

from nestlab.model import path_text
from nestlab.reachability.endpoints import resolve
from nestlab.reachability.tracing import attempt
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.network.world_network import world_network
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.state.machine import Machine

_NO_ANSWER = "WIN32 9002"  # DNS_ERROR_RCODE_SERVER_FAILURE


def check_dns_servers(machine: Machine, bound: Bound, servers: list[str]) -> None:
    """Refuse the first address where no DNS server answers the machine.

    Raises PowerShellError. A machine of the world answers if it has the DNS role; what is outside
    of it answers if the machine reaches it. The error's id is inferred.
    """
    if not machine.world.quirks.dhcp_validates_dns_servers:
        return
    for address in servers:
        if not _answers(machine, address):
            message = f"{address} is not a valid DNS server."
            raise cmdlet_errors.cim(bound.name, _NO_ANSWER, message, "NotSpecified", address)


def _answers(machine: Machine, address: str) -> bool:
    owners = [
        other
        for _, _, other in machine.world.host.machines()
        if any(entry.address == address for each in other.adapters for entry in each.ip.addresses)
    ]
    if owners and not any(other.features.get("DNS") == "Installed" for other in owners):
        return False
    simulated_network = world_network(machine.world)
    network = simulated_network.network
    start = resolve(network, path_text(simulated_network.path_of(machine)))
    return attempt(network, start, resolve(network, address))[0] is None
