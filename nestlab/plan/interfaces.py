"""The adapters of Windows that get the addresses of the topology's adapters and switches."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.dataclass import dataclass, replace
from nestlab.model import HOST
from nestlab.model.ownership import is_marked
from nestlab.model.spelling import same_name
from nestlab.model.state import IPInterfaceState, NetAdapterState
from nestlab.model.topology import VM, NetworkAdapter, Switch, SwitchType
from nestlab.plan.kinds import TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Deferred, StepTarget, Unchanged
from nestlab.plan.taken_adapters import is_rebound
from nestlab.texts import tr


@dataclass(frozen=True, kw_only=True)
class PlannedInterface:
    """An adapter of Windows: its wanted settings, and its settings after earlier steps.

    An adapter that the topology owns gets the settings in the file and no others. On a `shared`
    adapter (a physical adapter of the host, or the host's own adapter on an External switch, which
    has taken over the settings of the physical one), only the settings in the file are compared.
    `is_disabled`: Windows does not use the adapter, and does not show its settings. `kept` has the
    addresses that are not removed, because VMs of others on its switch may use them; with
    `keeps_gateway`, its gateway is not removed for the same reason.
    """

    alias: str
    label: str
    current: IPInterfaceState
    ip_address: IPv4Interface | None = None
    gateway: IPv4Address | None = None
    dns_servers: tuple[IPv4Address, ...] = ()
    interface_metric: int | None = None
    dhcp: bool = False
    target: StepTarget
    may_carry_session: bool = False  # the session to the host may use it
    shared: bool = False
    has_link: bool = True
    is_disabled: bool = False
    kept: tuple[IPv4Interface, ...] = ()
    keeps_gateway: bool = False


def guest_interfaces(
    machine: PlannedMachine, vm: VM
) -> Iterator[PlannedInterface | Deferred | Unchanged]:
    """Yield the adapters of a guest's Windows that get the addresses of the VM's adapters."""
    for adapter in vm.network_adapters:
        found = _guest_interface(machine, adapter)
        if found is not None:
            yield found


def _guest_interface(
    machine: PlannedMachine, adapter: NetworkAdapter
) -> PlannedInterface | Deferred | Unchanged | None:
    net_adapter = machine.net_adapter(adapter.name)
    if net_adapter is None:
        why = tr(
            "Windows in {machine} does not show the adapter {adapter} yet",
            machine=machine.name,
            adapter=adapter.name,
        )
        return Deferred(machine.path, why)
    alias = net_adapter.name
    if net_adapter.is_disabled:
        return _disabled(alias, adapter.name, StepTarget(TargetKind.WINDOWS, alias))
    return _enabled(machine, adapter, net_adapter)


def _enabled(
    machine: PlannedMachine, adapter: NetworkAdapter, net_adapter: NetAdapterState
) -> PlannedInterface | Deferred | Unchanged | None:
    """Return the interface of a VM's enabled adapter, or why it gets no settings.

    None if it gets the settings of its switch.
    """
    alias = net_adapter.name
    switch = machine.external_switch_on(adapter.name)
    subject = tr("{machine}: addresses of {adapter}", machine=machine.name, adapter=adapter.name)
    if why := _why_taken(machine, net_adapter, switch):
        return Unchanged(subject, why)
    if switch and switch.is_team and not same_name(switch.net_adapter or "", adapter.name):
        return Unchanged(subject, _in_team(switch))
    observed = machine.switch(switch.name) if switch else None
    current = machine.interface(alias) or IPInterfaceState(interface_alias=alias, dhcp=True)
    if switch and switch.ip_address:
        return None
    if switch and observed and observed.switch_type == SwitchType.EXTERNAL:
        if not switch.allow_management_os:
            return Unchanged(subject, _not_shared(switch))
        if not observed.allow_management_os:
            why = tr(
                "Windows in {machine} has no adapter on the switch {switch} yet",
                machine=machine.name,
                switch=switch.name,
            )
            return Deferred(machine.path, why)
        alias = machine.management_alias(switch)
        if machine.is_disabled(alias):
            return None  # it is enabled as the adapter of the switch
        current = _after_change(machine, switch, alias)
    # The settings of the switch override those of its adapter: both are one Windows interface.
    own = switch if switch and switch.has_management_adapter else None
    return PlannedInterface(
        alias=alias,
        label=adapter.name,
        current=current,
        ip_address=adapter.ip_address,
        gateway=(own.gateway if own else None) or adapter.gateway,
        dns_servers=(own.dns_servers if own else ()) or adapter.dns_servers,
        interface_metric=adapter.interface_metric
        if own is None or own.interface_metric is None
        else own.interface_metric,
        dhcp=adapter.dhcp,
        target=StepTarget(TargetKind.WINDOWS, alias),
        has_link=net_adapter.status != "Disconnected",
    )


def _disabled(alias: str, label: str, target: StepTarget) -> PlannedInterface:
    """Return an adapter that Windows does not use; its settings are not known."""
    current = IPInterfaceState(interface_alias=alias)
    return PlannedInterface(
        alias=alias, label=label, current=current, target=target, is_disabled=True
    )


def _in_team(switch: Switch) -> str:
    return tr(
        "it is in the team of switch {switch}; the machine has the addresses of the team's first adapter",
        switch=switch.name,
    )


def _not_shared(switch: Switch) -> str:
    return tr(
        "the External switch {switch} uses the adapter and is not shared with Windows",
        switch=switch.name,
    )


def _why_taken(machine: PlannedMachine, net_adapter: NetAdapterState, switch: Switch | None) -> str:
    """Return that a switch other than `switch` uses an adapter of Windows; empty if none does."""
    found = next(
        (
            found
            for found in machine.hyper_v.switches
            if net_adapter.interface_description
            and net_adapter.interface_description in found.net_adapter_interface_descriptions
            and not (switch and same_name(switch.name, found.name))
        ),
        None,
    )
    if found is None:
        return ""
    if not is_marked(found.notes, machine.topology):
        return tr(
            "the existing switch {switch} uses the adapter, and is not changed", switch=found.name
        )
    return tr(
        "the switch {switch} uses the adapter until it is removed or bound to another one",
        switch=found.name,
    )


def switch_interface(machine: PlannedMachine, switch: Switch) -> PlannedInterface | None:
    """Return the machine's own adapter on a switch; None if there is none to configure."""
    if switch.existing or not switch.has_management_adapter:
        return None
    alias = machine.management_alias(switch)
    target = StepTarget(TargetKind.ADDRESS, alias, switch=switch.name)
    if machine.is_disabled(alias):
        return _disabled(alias, alias, target)
    return PlannedInterface(
        alias=alias,
        label=alias,
        current=_after_change(machine, switch, alias),
        ip_address=switch.ip_address,
        gateway=switch.gateway,
        dns_servers=switch.dns_servers,
        interface_metric=switch.interface_metric,
        target=target,
        may_carry_session=switch.switch_type is SwitchType.EXTERNAL,
        # In a nested host the adapter that it is bound to is the topology's as well, and its own
        # settings apply where the switch has none.
        shared=switch.switch_type is SwitchType.EXTERNAL
        and (machine.path == HOST or switch.ip_address is None),
    )


def additional_interfaces(machine: PlannedMachine, switch: Switch) -> Iterator[PlannedInterface]:
    """Yield the machine's further adapters on a switch, from `management_adapters`."""
    for number, own in enumerate(switch.additional_adapters):
        alias = machine.adapter_alias(switch, own)
        target = StepTarget(TargetKind.ADDRESS, alias, switch=switch.name)
        if machine.is_disabled(alias):
            yield _disabled(alias, alias, target)
            continue
        new = IPInterfaceState(interface_alias=alias, dhcp=True)
        if number == 0 and not switch.has_management_adapter:
            new = _inherited(machine, switch, alias)  # the first adapter on an External switch
        yield PlannedInterface(
            alias=alias,
            label=alias,
            current=machine.interface(alias) or new,
            ip_address=own.ip_address,
            gateway=own.gateway,
            dns_servers=own.dns_servers,
            interface_metric=own.interface_metric,
            target=target,
        )


def _after_change(machine: PlannedMachine, switch: Switch, alias: str) -> IPInterfaceState:
    """Return the settings of an adapter after the step on its switch, if there is one."""
    current = machine.switch(switch.name)
    stays = current is not None and not is_rebound(machine, switch, current)
    observed = machine.interface(alias) if stays else None
    return observed or _inherited(machine, switch, alias)


def _inherited(machine: PlannedMachine, switch: Switch, alias: str) -> IPInterfaceState:
    """Return the settings that the adapter will have once its switch is created.

    An External switch takes over the addresses of the adapter that it is bound to.
    """
    if switch.switch_type is SwitchType.EXTERNAL and switch.net_adapter:
        net_adapter = machine.net_adapter(switch.net_adapter)
        inherited = machine.interface(net_adapter.name) if net_adapter else None
        if inherited is not None:
            return replace(inherited, interface_alias=alias)
    return IPInterfaceState(interface_alias=alias, dhcp=True)  # as every new adapter of Windows


def all_interfaces(machine: PlannedMachine) -> list[PlannedInterface]:
    """Return every adapter of Windows in the topology; those of switches come first."""
    found = [
        interface
        for switch in machine.own_switches
        if (interface := switch_interface(machine, switch))
    ]
    found += (
        each for switch in machine.own_switches for each in additional_interfaces(machine, switch)
    )
    if isinstance(machine.wanted, VM):
        taken = {interface.alias for interface in found}
        own = [
            i
            for i in guest_interfaces(machine, machine.wanted)
            if isinstance(i, PlannedInterface) and i.alias not in taken
        ]
        # An adapter that a switch is about to take over is no longer an IP interface of Windows.
        found += [i for i in own if machine.external_switch_on(i.label) is None]
    else:
        for uplink in machine.wanted.uplinks:
            current = machine.interface(uplink.net_adapter)
            if current is not None and machine.external_switch_on(uplink.net_adapter) is None:
                target = StepTarget(TargetKind.WINDOWS, current.interface_alias)
                found.append(
                    PlannedInterface(
                        alias=current.interface_alias,
                        label=uplink.net_adapter,
                        current=current,
                        target=target,
                        shared=True,
                    )
                )
    return found
