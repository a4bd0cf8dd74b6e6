"""Get-NetIPInterface and Set-NetIPInterface."""

from __future__ import annotations

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.network.ip_records import (
    interface_record,
    interfaces,
    matches_parameters,
    write_records,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state.machine import Machine


@cmdlet("Get-NetIPInterface")
def get_net_ip_interface(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-NetIPInterface."""
    shared = machine.outer_host is None
    found = [interface_record(adapter, shared=shared) for adapter in interfaces(machine, bound)]
    chosen = [
        record
        for record in found
        if matches_parameters(
            bound,
            record,
            "Dhcp",
            "ConnectionState",
            "Forwarding",
            "AutomaticMetric",
            "InterfaceMetric",
        )
    ]
    write_records(bound, sink, chosen, "MSFT_NetIPInterface", ("InterfaceAlias", "InterfaceIndex"))


@cmdlet("Set-NetIPInterface")
def set_net_ip_interface(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Set-NetIPInterface: DHCP, forwarding, metric.

    Setting the metric turns off the automatic metric. On an interface without a link, DHCP can only
    be turned off in the persistent store, which must be named.
    """
    persistent = bound.text("PolicyStore").lower() == "persistentstore"
    found = list(interfaces(machine, bound))
    if not found:
        requested = next(
            (key for key in ("InterfaceAlias", "InterfaceIndex") if key in bound), "InterfaceAlias"
        )
        raise cmdlet_errors.cim_not_found(
            bound.name, "MSFT_NetIPInterface", requested, bound.text(requested)
        )
    for adapter in found:
        ip = adapter.ip
        dhcp = bound.text("Dhcp", "Enabled" if ip.dhcp else "Disabled") == "Enabled"
        if ip.dhcp and not dhcp and not adapter.link and not persistent:
            dhcp = True
        if dhcp and not ip.dhcp:
            ip.addresses = []
        if not dhcp:
            ip.release()
        ip.dhcp = dhcp
        ip.forwarding = (
            bound.text("Forwarding", "Enabled" if ip.forwarding else "Disabled") == "Enabled"
        )
        if bound.text("AutomaticMetric") == "Enabled":
            ip.interface_metric = None
        if "InterfaceMetric" in bound:
            ip.interface_metric = int(bound["InterfaceMetric"])
        ip.mtu = int(bound.get("NlMtuBytes", ip.mtu))
        if bound.is_present("PassThru"):
            sink.output(interface_record(adapter))
