"""The steps for the DNS servers and the metric of an adapter of Windows."""

from __future__ import annotations

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.plan.interfaces import PlannedInterface
from nestlab.plan.kinds import Action
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step
from nestlab.texts import tr, tr_count


def needs_of(machine: PlannedMachine, interface: PlannedInterface) -> tuple[str, ...]:
    """Return the ids of the steps that have to come before a change of an adapter."""
    switches = machine.own_switches
    return (
        *(
            machine.step_id(Action.CREATE_SWITCH, s.name)
            for s in switches
            if machine.management_alias(s) == interface.alias
        ),
        *(
            machine.step_id(Action.ADD_MANAGEMENT_ADAPTER, f"{s.name}/{own.name}")
            for s in switches
            for own in s.additional_adapters
            if machine.adapter_alias(s, own) == interface.alias
        ),
    )


def enable_step(machine: PlannedMachine, interface: PlannedInterface) -> Step:
    """Return the step that enables an adapter of Windows.

    Get-NetIPInterface does not list a disabled adapter: its addresses, which return with it, are
    compared when it has been enabled
    (https://learn.microsoft.com/powershell/module/netadapter/enable-netadapter).
    """
    named = {"Name": interface.alias, "Confirm": SwitchParameter.OFF}
    return machine.step(
        Action.ENABLE_ADAPTER,
        interface.label,
        tr("Enable the network adapter {adapter}", adapter=interface.alias),
        tr("it is Disabled; the addresses that it has are not known until it is enabled"),
        Cmdlet("Enable-NetAdapter", named),
        target=interface.target,
        undo=(Cmdlet("Disable-NetAdapter", named),),
        needs=needs_of(machine, interface),
    )


def dns_step(machine: PlannedMachine, interface: PlannedInterface) -> Step:
    """Return the step that sets or removes the DNS servers of an adapter."""
    old = [str(server) for server in interface.current.dns_servers]
    undo_parameters: dict[str, object] = (
        {"ServerAddresses": old}
        if old and not interface.current.dhcp
        else {"ResetServerAddresses": SwitchParameter.ON}
    )
    servers = [str(server) for server in interface.dns_servers]
    give = tr_count(
        "Set the DNS server of {adapter} to {servers}",
        "Set the DNS servers of {adapter} to {servers}",
        len(servers),
        adapter=interface.alias,
        servers=", ".join(servers),
    )
    do_parameters: dict[str, object] = (
        {"ServerAddresses": servers} if servers else {"ResetServerAddresses": SwitchParameter.ON}
    )
    return machine.step(
        Action.SET_DNS_SERVERS,
        interface.label,
        give if servers else tr("Remove the DNS servers from {adapter}", adapter=interface.alias),
        tr("it has {servers}", servers=", ".join(old)) if old else tr("it has none"),
        Cmdlet("Set-DnsClientServerAddress", {"InterfaceAlias": interface.alias, **do_parameters}),
        target=interface.target,
        undo=(
            Cmdlet(
                "Set-DnsClientServerAddress", {"InterfaceAlias": interface.alias, **undo_parameters}
            ),
        ),
        needs=needs_of(machine, interface),
    )


def metric_step(machine: PlannedMachine, interface: PlannedInterface, metric: int | None) -> Step:
    """Return the step that sets the interface metric of an adapter; None is automatic."""
    current = interface.current
    here = {"InterfaceAlias": interface.alias, "AddressFamily": "IPv4"}
    undo_parameters: dict[str, object] = (
        {"AutomaticMetric": "Enabled"}
        if current.automatic_metric
        else {"InterfaceMetric": current.interface_metric}
    )
    do_parameters: dict[str, object] = (
        {"AutomaticMetric": "Enabled"} if metric is None else {"InterfaceMetric": metric}
    )
    return machine.step(
        Action.SET_METRIC,
        interface.label,
        tr("Use an automatic metric on {adapter}", adapter=interface.alias)
        if metric is None
        else tr(
            "Set the interface metric of {adapter} to {metric}",
            adapter=interface.alias,
            metric=metric,
        ),
        tr("it is automatic")
        if current.automatic_metric
        else tr("it is {metric}", metric=current.interface_metric),
        Cmdlet("Set-NetIPInterface", {**here, **do_parameters}),
        target=interface.target,
        undo=(Cmdlet("Set-NetIPInterface", {**here, **undo_parameters}),),
        needs=needs_of(machine, interface),
    )
