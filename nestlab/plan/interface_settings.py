"""The steps for the DNS servers and the metric of an adapter of Windows."""

from __future__ import annotations

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.plan.interfaces import WantedInterface
from nestlab.plan.kinds import Action
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step


def needs_of(machine: PlannedMachine, wanted: WantedInterface) -> tuple[str, ...]:
    """Return the ids of the steps that have to come before a change of an adapter."""
    switches = machine.own_switches
    return (
        *(
            machine.step_id(Action.CREATE_SWITCH, s.name)
            for s in switches
            if machine.management_alias(s) == wanted.alias
        ),
        *(
            machine.step_id(Action.ADD_MANAGEMENT_ADAPTER, f"{s.name}/{own.name}")
            for s in switches
            for own in s.further_adapters
            if machine.own_alias(s, own) == wanted.alias
        ),
    )


def dns_step(machine: PlannedMachine, wanted: WantedInterface) -> Step:
    """Return the step that sets or removes the DNS servers of an adapter."""
    old = [str(server) for server in wanted.current.dns_servers]
    undo_parameters: dict[str, object] = (
        {"ServerAddresses": old}
        if old and not wanted.current.dhcp
        else {"ResetServerAddresses": SwitchParameter.ON}
    )
    servers = [str(server) for server in wanted.dns_servers]
    give = f"Set the DNS server{'s' if len(servers) > 1 else ''} of {wanted.alias} to {', '.join(servers)}"
    do_parameters: dict[str, object] = (
        {"ServerAddresses": servers} if servers else {"ResetServerAddresses": SwitchParameter.ON}
    )
    return machine.step(
        Action.SET_DNS_SERVERS,
        wanted.label,
        give if servers else f"Remove the DNS servers from {wanted.alias}",
        f"it has {', '.join(old) or 'none'}",
        Cmdlet("Set-DnsClientServerAddress", {"InterfaceAlias": wanted.alias, **do_parameters}),
        target=wanted.target,
        undo=(
            Cmdlet(
                "Set-DnsClientServerAddress", {"InterfaceAlias": wanted.alias, **undo_parameters}
            ),
        ),
        needs=needs_of(machine, wanted),
    )


def metric_step(machine: PlannedMachine, wanted: WantedInterface, metric: int | None) -> Step:
    """Return the step that sets the interface metric of an adapter; None is automatic."""
    current = wanted.current
    here = {"InterfaceAlias": wanted.alias, "AddressFamily": "IPv4"}
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
        wanted.label,
        f"Use an automatic metric on {wanted.alias}"
        if metric is None
        else f"Set the interface metric of {wanted.alias} to {metric}",
        f"it is {'automatic' if current.automatic_metric else current.interface_metric}",
        Cmdlet("Set-NetIPInterface", {**here, **do_parameters}),
        target=wanted.target,
        undo=(Cmdlet("Set-NetIPInterface", {**here, **undo_parameters}),),
        needs=needs_of(machine, wanted),
    )
