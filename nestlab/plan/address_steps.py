"""Steps that set IPv4 addresses, gateways, DNS servers and metrics in Windows, at any level."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.model.state import IPInterfaceState
from nestlab.plan.address_cmdlets import (
    add_address,
    add_default_route,
    remove_address,
    remove_default_route,
    restored_addresses,
    set_dhcp,
)
from nestlab.plan.address_entries import kept_items, removal, with_kept
from nestlab.plan.address_texts import has_text, observed_text
from nestlab.plan.interface_settings import dns_step, enable_step, metric_step, needs_of
from nestlab.plan.interfaces import PlannedInterface
from nestlab.plan.kinds import Action
from nestlab.plan.moved_addresses import moved_addresses
from nestlab.plan.planned_machine import PlannedMachine, or_unchanged
from nestlab.plan.step import Planned, Step
from nestlab.texts import tr


def address_steps(machine: PlannedMachine, interface: PlannedInterface) -> Iterator[Planned]:
    """Yield the steps that set the address, gateway, DNS servers and metric of an adapter.

    Settings that the file does not name are removed, except those of a `shared` adapter, those
    that DHCP gave, and addresses that are kept for others. Of a disabled adapter nothing else is
    planned: what it has is not known.
    """
    if interface.is_disabled:
        yield enable_step(machine, interface)
        return
    subject = tr("{machine}: addresses of {adapter}", machine=machine.name, adapter=interface.label)
    declared = any(
        (
            interface.ip_address,
            interface.gateway,
            interface.dns_servers,
            interface.interface_metric,
            interface.dhcp,
        )
    )
    if interface.shared and not declared:
        return
    interface = with_kept(machine, interface)
    yield from kept_items(machine, interface)
    yield from or_unchanged(
        subject,
        observed_text(interface),
        _changes(machine, interface),
    )


def _changes(machine: PlannedMachine, interface: PlannedInterface) -> Iterator[Step]:
    current = interface.current
    is_kept = bool(interface.kept) or interface.keeps_gateway
    # With both an address and DHCP in the file, the address takes precedence (`dhcp-and-address`).
    if (
        not current.dhcp
        and interface.ip_address is None
        and (interface.dhcp or not interface.shared)
        and not is_kept
    ):
        yield _dhcp(machine, interface)
    elif interface.ip_address and interface.ip_address not in current.ip_addresses:
        yield _address(machine, interface, interface.ip_address)
    else:
        yield from _other_gateway(machine, interface)
        if (interface.ip_address or is_kept) and not interface.shared:
            yield from (
                _remove_other(machine, interface, other) for other in _static_others(interface)
            )
    if interface.dns_servers != current.dns_servers and (
        interface.dns_servers or not (interface.shared or current.dhcp)
    ):
        yield dns_step(machine, interface)
    metric = interface.interface_metric
    if metric is not None and (current.automatic_metric or metric != current.interface_metric):
        yield metric_step(machine, interface, metric)
    elif metric is None and not current.automatic_metric and not interface.shared:
        yield metric_step(machine, interface, None)


def _other_gateway(machine: PlannedMachine, interface: PlannedInterface) -> Iterator[Step]:
    current = interface.current
    if interface.gateway and interface.gateway != current.gateway:
        yield _gateway(machine, interface, interface.gateway)
    elif _undeclared_gateway(interface):
        yield _gateway(machine, interface, None)


def _undeclared_gateway(interface: PlannedInterface) -> bool:
    """Whether there is a gateway that the file does not name, and that DHCP has not set."""
    return (
        interface.gateway is None
        and interface.current.gateway is not None
        and not (interface.shared or interface.current.dhcp or interface.keeps_gateway)
    )


def _static_others(interface: PlannedInterface) -> list[IPv4Interface]:
    """Return the other addresses that were set by hand, which are removed if they are not kept.

    Those of DHCP and automatic ones disappear by themselves.
    """
    current = interface.current
    return (
        []
        if current.dhcp
        else [
            a
            for a in current.ip_addresses
            if a != interface.ip_address and a not in interface.kept and not a.ip.is_link_local
        ]
    )


def _address(machine: PlannedMachine, interface: PlannedInterface, address: IPv4Interface) -> Step:
    others, current, alias = _static_others(interface), interface.current, interface.alias
    replaced, moved = (
        _replaced_gateway(interface, others),
        moved_addresses(machine, interface, address),
    )
    # A second default gateway on an adapter is refused; one that is right is kept.
    is_kept = current.gateway is not None and not current.dhcp and replaced is None
    new_gateway = None if is_kept else interface.gateway
    do = [
        *(cmdlet for each in moved for cmdlet in each.removals),
        *(remove_address(alias, other) for other in others),
        *([remove_default_route(alias, replaced)] if replaced else []),
    ]
    if current.dhcp and not interface.may_carry_session:
        # New-NetIPAddress ends DHCP by itself, and fails where that does not reach the persistent
        # setting. On the adapter that the session may use it has to do both at once: without any
        # address the session would end in between.
        do.append(set_dhcp(alias, "Disabled", has_link=interface.has_link))
    undo = [
        remove_address(alias, address),
        *([remove_default_route(alias, new_gateway)] if new_gateway else []),
    ]
    if current.dhcp:
        undo.append(set_dhcp(alias, "Enabled"))
    undo += restored_addresses(
        alias, others, None if _gateway_may_be_from_dhcp(current) else replaced
    )
    undo += (cmdlet for each in moved for cmdlet in each.restored)
    costs, fields = removal(machine, interface, others, replaced, added=address)
    return machine.step(
        Action.SET_ADDRESS,
        interface.label,
        tr(
            "Assign the address {address} and the gateway {gateway} to {adapter}",
            address=address,
            gateway=interface.gateway,
            adapter=alias,
        )
        if new_gateway
        else tr("Assign the address {address} to {adapter}", address=address, adapter=alias),
        tr("it {why}", why=has_text(current)) + "".join(each.clause for each in moved) + costs,
        *do,
        add_address(alias, address, new_gateway),
        target=interface.target,
        undo=tuple(undo),
        needs=needs_of(machine, interface),
        **fields,
    )


def _replaced_gateway(
    interface: PlannedInterface, others: list[IPv4Interface]
) -> IPv4Address | None:
    """Return the gateway that has to be removed before an address is set.

    On an adapter that uses DHCP, a gateway that was set by hand stays when DHCP is disabled. A
    gateway from DHCP is left where the session may use it: New-NetIPAddress removes that gateway
    when it disables DHCP.
    """
    current = interface.current
    if current.dhcp:
        is_left = interface.may_carry_session and _gateway_may_be_from_dhcp(current)
        return None if is_left else current.gateway
    if interface.gateway == current.gateway and not others:
        return None
    return current.gateway if interface.gateway or _undeclared_gateway(interface) else None


def _gateway_may_be_from_dhcp(current: IPInterfaceState) -> bool:
    """Whether the gateway may be from DHCP: it is in the network of an address from DHCP."""
    return current.dhcp and any(
        current.gateway in address.network
        for address in current.ip_addresses
        if current.gateway and not address.ip.is_link_local
    )


def _gateway(
    machine: PlannedMachine, interface: PlannedInterface, gateway: IPv4Address | None
) -> Step:
    old, alias = interface.current.gateway, interface.alias
    costs, fields = removal(machine, interface, (), old)
    return machine.step(
        Action.SET_GATEWAY if gateway else Action.REMOVE_GATEWAY,
        interface.label,
        tr("Set the gateway of {adapter} to {gateway}", adapter=alias, gateway=gateway)
        if gateway
        else tr("Remove the gateway {gateway} from {adapter}", gateway=old, adapter=alias),
        _why_other_gateway(old, gateway) + costs,
        *([remove_default_route(alias, old)] if old else []),
        *([add_default_route(alias, gateway)] if gateway else []),
        target=interface.target,
        undo=(
            *([remove_default_route(alias, gateway)] if gateway else []),
            *([add_default_route(alias, old)] if old else []),
        ),
        needs=needs_of(machine, interface),
        **fields,
    )


def _why_other_gateway(old: IPv4Address | None, wanted: IPv4Address | None) -> str:
    if wanted is None:
        return tr("the file sets none for it")
    return tr("it has {gateway}", gateway=old) if old else tr("it has none")


def _remove_other(
    machine: PlannedMachine, interface: PlannedInterface, other: IPv4Interface
) -> Step:
    costs, fields = removal(machine, interface, [other])
    return machine.step(
        Action.REMOVE_ADDRESS,
        f"{interface.label}/{other.ip}",
        tr("Remove the address {address} from {adapter}", address=other, adapter=interface.alias),
        (
            tr("the file sets only {address} for it", address=interface.ip_address)
            if interface.ip_address
            else tr("the file sets no address for it")
        )
        + costs,
        remove_address(interface.alias, other),
        target=interface.target,
        undo=(add_address(interface.alias, other, None),),
        needs=needs_of(machine, interface),
        **fields,
    )


def _dhcp(machine: PlannedMachine, interface: PlannedInterface) -> Step:
    alias, others, gateway = interface.alias, _static_others(interface), interface.current.gateway
    costs, fields = removal(machine, interface, others, gateway)
    return machine.step(
        Action.SET_DHCP,
        interface.label,
        tr("Use DHCP on {adapter}", adapter=alias),
        tr("it {why}", why=has_text(interface.current))
        + tr(", set by hand")
        + ("" if interface.dhcp else tr(", and the file sets no address for it"))
        + costs,
        *(remove_address(alias, other) for other in others),
        *([remove_default_route(alias, gateway)] if gateway else []),
        set_dhcp(alias, "Enabled"),
        target=interface.target,
        # The adapter may have lost its link since.
        undo=(
            set_dhcp(alias, "Disabled"),
            *([set_dhcp(alias, "Disabled", has_link=False)] if others else []),
            *restored_addresses(alias, others, gateway),
        ),
        needs=needs_of(machine, interface),
        **fields,
    )
