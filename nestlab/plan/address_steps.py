"""Steps that set IPv4 addresses, gateways, DNS servers and metrics in Windows, at any level."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Interface

from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.state import IPInterfaceState
from nestlab.plan.interface_settings import dns_step, metric_step, needs_of
from nestlab.plan.interfaces import WantedInterface
from nestlab.plan.kinds import Action
from nestlab.plan.planned_machine import PlannedMachine, or_unchanged
from nestlab.plan.step import Hazard, Planned, Step

DEFAULT_ROUTE = "0.0.0.0/0"


def address_steps(machine: PlannedMachine, wanted: WantedInterface) -> Iterator[Planned]:
    """Yield the steps that set the address, gateway, DNS servers and metric of an adapter.

    Settings that the file does not name are removed, except those of a `shared` adapter and those
    that DHCP gave.
    """
    subject = f"{machine.name}: addresses of {wanted.label}"
    declared = any(
        (
            wanted.ip_address,
            wanted.gateway,
            wanted.dns_servers,
            wanted.interface_metric,
            wanted.dhcp,
        )
    )
    if wanted.shared and not declared:
        return
    yield from or_unchanged(
        subject,
        f"{wanted.alias} has {_addresses_text(wanted.current)}{_unknown_origin(wanted)}",
        _changes(machine, wanted),
    )


def _changes(machine: PlannedMachine, wanted: WantedInterface) -> Iterator[Step]:
    current = wanted.current
    # With both an address and DHCP in the file, the address takes precedence (`dhcp-and-address`).
    if not current.dhcp and wanted.ip_address is None and (wanted.dhcp or not wanted.shared):
        yield _dhcp(machine, wanted)
    elif wanted.ip_address and wanted.ip_address not in current.ip_addresses:
        yield _address(machine, wanted, wanted.ip_address)
    else:
        yield from _other_gateway(machine, wanted)
        if wanted.ip_address and not wanted.shared:
            yield from (_remove_other(machine, wanted, other) for other in _static_others(wanted))
    if wanted.dns_servers != current.dns_servers and (
        wanted.dns_servers or not (wanted.shared or current.dhcp)
    ):
        yield dns_step(machine, wanted)
    metric = wanted.interface_metric
    if metric is not None and (current.automatic_metric or metric != current.interface_metric):
        yield metric_step(machine, wanted, metric)
    elif metric is None and not current.automatic_metric and not wanted.shared:
        yield metric_step(machine, wanted, None)


def _unknown_origin(wanted: WantedInterface) -> str:
    """Return a clause about settings that came from DHCP or were set by hand; empty if none."""
    current = wanted.current
    if not current.dhcp or wanted.shared:
        return ""
    gateway = f"gateway {current.gateway}" if current.gateway and not wanted.gateway else ""
    servers = (
        f"DNS {', '.join(map(str, current.dns_servers))}"
        if current.dns_servers and not wanted.dns_servers
        else ""
    )
    found = " and ".join(filter(None, (gateway, servers)))
    return (
        f"; it uses DHCP, and Windows does not report whether {found} came from DHCP or was set by hand"
        if found
        else ""
    )


def _other_gateway(machine: PlannedMachine, wanted: WantedInterface) -> Iterator[Step]:
    current = wanted.current
    if wanted.gateway and wanted.gateway != current.gateway:
        yield _gateway(machine, wanted, wanted.gateway)
    elif _superfluous_gateway(wanted):
        yield _gateway(machine, wanted, None)


def _superfluous_gateway(wanted: WantedInterface) -> bool:
    """Whether there is a gateway that the file does not name, and that DHCP has not set."""
    return (
        wanted.gateway is None
        and wanted.current.gateway is not None
        and not (wanted.shared or wanted.current.dhcp)
    )


def _addresses_text(current: IPInterfaceState) -> str:
    address = ", ".join(map(str, current.ip_addresses)) or "no address"
    return f"{address}, gateway {current.gateway}" if current.gateway else address


def _static_others(wanted: WantedInterface) -> list[IPv4Interface]:
    """Return the other addresses that were set by hand, which are removed.

    Those of DHCP and automatic ones disappear by themselves.
    """
    current = wanted.current
    return (
        []
        if current.dhcp
        else [a for a in current.ip_addresses if a != wanted.ip_address and not a.ip.is_link_local]
    )


def _address(machine: PlannedMachine, wanted: WantedInterface, address: IPv4Interface) -> Step:
    others, current, alias = _static_others(wanted), wanted.current, wanted.alias
    replaced = _replaced_gateway(wanted, others)
    # A second default gateway on an adapter is refused; one that is right is kept.
    is_kept = current.gateway is not None and not current.dhcp and replaced is None
    new_gateway = None if is_kept else wanted.gateway
    do = [
        *(_remove_address(alias, other) for other in others),
        *([_remove_default(alias, replaced)] if replaced else []),
    ]
    if current.dhcp and not wanted.may_carry_session:
        # New-NetIPAddress ends DHCP by itself, and fails where that does not reach the persistent
        # setting. On the adapter that the session may use it has to do both at once: without any
        # address the session would end in between.
        do.append(_set_dhcp(alias, "Disabled", has_link=wanted.has_link))
    undo = [
        _remove_address(alias, address),
        *([_remove_default(alias, new_gateway)] if new_gateway else []),
    ]
    if current.dhcp:
        undo.append(_set_dhcp(alias, "Enabled"))
    undo += restored_addresses(alias, others, None if _may_be_from_dhcp(current) else replaced)
    with_gateway = f" and the gateway {wanted.gateway}" if new_gateway else ""
    return machine.step(
        Action.SET_ADDRESS,
        wanted.label,
        f"Assign the address {address}{with_gateway} to {alias}",
        f"it has {_addresses_text(current)}",
        *do,
        _add_address(alias, address, new_gateway),
        target=wanted.target,
        undo=tuple(undo),
        hazard=_hazard(wanted),
        needs=needs_of(machine, wanted),
    )


def _replaced_gateway(wanted: WantedInterface, others: list[IPv4Interface]) -> IPv4Address | None:
    """Return the gateway that has to be removed before an address is set.

    On an adapter that uses DHCP, one that was set by hand outlives DHCP. A gateway from DHCP is
    left where the session may use it: New-NetIPAddress removes it when it ends DHCP.
    """
    current = wanted.current
    if current.dhcp:
        is_left = wanted.may_carry_session and _may_be_from_dhcp(current)
        return None if is_left else current.gateway
    if wanted.gateway == current.gateway and not others:
        return None
    return current.gateway if wanted.gateway or _superfluous_gateway(wanted) else None


def _may_be_from_dhcp(current: IPInterfaceState) -> bool:
    """Whether DHCP may have given a gateway: it is in the network of an address that DHCP gave."""
    return current.dhcp and any(
        current.gateway in address.network
        for address in current.ip_addresses
        if current.gateway and not address.ip.is_link_local
    )


def restored_addresses(
    alias: str, addresses: list[IPv4Interface], gateway: IPv4Address | None
) -> Iterator[Cmdlet]:
    """Yield the cmdlets that set addresses and a gateway again.

    New-NetIPAddress accepts a gateway in the network of its address only.
    """
    with_gateway = next((a for a in addresses if gateway and gateway in a.network), None)
    for address in addresses:
        yield _add_address(alias, address, gateway if address is with_gateway else None)
    if gateway and with_gateway is None:
        yield _add_default(alias, gateway)


def _hazard(wanted: WantedInterface) -> Hazard:
    return Hazard.MAY_CUT_CONNECTION if wanted.may_carry_session else Hazard.NONE


def _add_address(alias: str, address: IPv4Interface, gateway: IPv4Address | None) -> Cmdlet:
    parameters: dict[str, object] = {
        "InterfaceAlias": alias,
        "IPAddress": str(address.ip),
        "PrefixLength": address.network.prefixlen,
    }
    if gateway:
        parameters["DefaultGateway"] = str(gateway)
    return Cmdlet("New-NetIPAddress", parameters)


def _set_dhcp(alias: str, setting: str, *, has_link: bool = True) -> Cmdlet:
    # Without a link the setting reaches the persistent store only where that is named.
    store: dict[str, object] = {} if has_link else {"PolicyStore": "PersistentStore"}
    return Cmdlet(
        "Set-NetIPInterface",
        {"InterfaceAlias": alias, "AddressFamily": "IPv4", "Dhcp": setting, **store},
    )


def _remove_address(alias: str, address: IPv4Interface) -> Cmdlet:
    return Cmdlet(
        "Remove-NetIPAddress",
        {"InterfaceAlias": alias, "IPAddress": str(address.ip), "Confirm": SwitchParameter.OFF},
    )


def _remove_default(alias: str, gateway: IPv4Address) -> Cmdlet:
    return Cmdlet(
        "Remove-NetRoute",
        {
            "InterfaceAlias": alias,
            "DestinationPrefix": DEFAULT_ROUTE,
            "NextHop": str(gateway),
            "Confirm": SwitchParameter.OFF,
        },
    )


def _add_default(alias: str, gateway: IPv4Address) -> Cmdlet:
    return Cmdlet(
        "New-NetRoute",
        {"InterfaceAlias": alias, "DestinationPrefix": DEFAULT_ROUTE, "NextHop": str(gateway)},
    )


def _gateway(machine: PlannedMachine, wanted: WantedInterface, gateway: IPv4Address | None) -> Step:
    old, alias = wanted.current.gateway, wanted.alias
    return machine.step(
        Action.SET_GATEWAY if gateway else Action.REMOVE_GATEWAY,
        wanted.label,
        f"Set the gateway of {alias} to {gateway}"
        if gateway
        else f"Remove the gateway {old} from {alias}",
        f"it has {old or 'none'}" if gateway else "the file has none for it",
        *([_remove_default(alias, old)] if old else []),
        *([_add_default(alias, gateway)] if gateway else []),
        target=wanted.target,
        undo=(
            *([_remove_default(alias, gateway)] if gateway else []),
            *([_add_default(alias, old)] if old else []),
        ),
        hazard=_hazard(wanted),
        needs=needs_of(machine, wanted),
    )


def _remove_other(machine: PlannedMachine, wanted: WantedInterface, other: IPv4Interface) -> Step:
    return machine.step(
        Action.REMOVE_ADDRESS,
        f"{wanted.label}/{other.ip}",
        f"Remove the address {other} from {wanted.alias}",
        f"the file has only {wanted.ip_address} for it",
        _remove_address(wanted.alias, other),
        target=wanted.target,
        undo=(_add_address(wanted.alias, other, None),),
        hazard=_hazard(wanted),
        needs=needs_of(machine, wanted),
    )


def _dhcp(machine: PlannedMachine, wanted: WantedInterface) -> Step:
    alias, others, gateway = wanted.alias, _static_others(wanted), wanted.current.gateway
    return machine.step(
        Action.SET_DHCP,
        wanted.label,
        f"Use DHCP on {alias}",
        f"it has {_addresses_text(wanted.current)}, set by hand"
        + ("" if wanted.dhcp else ", and the file has no address for it"),
        *(_remove_address(alias, other) for other in others),
        *([_remove_default(alias, gateway)] if gateway else []),
        _set_dhcp(alias, "Enabled"),
        target=wanted.target,
        # The adapter may have lost its link since.
        undo=(
            _set_dhcp(alias, "Disabled"),
            *([_set_dhcp(alias, "Disabled", has_link=False)] if others else []),
            *restored_addresses(alias, others, gateway),
        ),
        hazard=_hazard(wanted),
        needs=needs_of(machine, wanted),
    )
