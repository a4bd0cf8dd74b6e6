"""The DHCP server itself: its settings, and its authorization in Active Directory."""

from __future__ import annotations

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.state.machine import Machine

_NO_DIRECTORY = 20070  # ERROR_DDS_NO_DS_AVAILABLE, of the DHCP server management API


@cmdlet("Get-DhcpServerSetting")
def get_dhcp_server_setting(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it reads the machine that it runs on
    """Get-DhcpServerSetting: in a workgroup, there is nothing that authorizes the server."""
    properties = {
        "IsDomainJoined": bool(machine.domain),
        "IsAuthorized": bool(machine.domain) and machine.dhcp_authorized,
        "DynamicBootp": True,
        "RestoreStatus": False,
        "ConflictDetectionAttempts": 0,
        "NpsUnreachableAction": "Full",
        "NapEnabled": False,
        "ActivatePolicies": True,
    }
    sink.output(make_record("DhcpServerSetting", **properties))


@cmdlet("Add-DhcpServerInDC")
def add_dhcp_server_in_dc(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Add-DhcpServerInDC: authorizes the server of the machine that it runs on.

    The text of the error in a workgroup is inferred; its number is that of the management API.
    """
    name = f"{machine.name}.{machine.domain}".casefold()
    own = [entry.address for adapter in machine.adapters for entry in adapter.ip.addresses]
    wanted, address = bound.text("DnsName", name), bound.text("IPAddress", "")
    if not machine.domain:
        message = f"Failed to add DHCP server {machine.name} in the authorization list in Active Directory: no directory service is available."
        raise cmdlet_errors.cim(
            bound.name, f"DHCP {_NO_DIRECTORY}", message, "NotSpecified", machine.name
        )
    if wanted.casefold() in (name, machine.name.casefold()) and (not address or address in own):
        machine.dhcp_authorized = True
    if bound.is_present("PassThru"):
        properties = {"IPAddress": address or next(iter(own), ""), "DnsName": wanted}
        sink.output(make_record("DhcpServerInDC", **properties))
