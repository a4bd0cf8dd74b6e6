"""The networks of others that a NAT translates.

A NAT of Windows translates whatever is sent from its prefix, from any internal switch
(https://learn.microsoft.com/virtualization/hyper-v/setup-nat-network), and Windows Server before
2022 takes only one: several labs may depend on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network, ip_address

from nestlab.model.ownership import is_marked, owners_of
from nestlab.model.spelling import same_name
from nestlab.model.state import HostState, SwitchState, VirtualMachineState, management_alias
from nestlab.plan.in_use import kept_text, other_vms_by_switch
from nestlab.texts import tr


def networks_of_others(
    state: HostState,
    prefix: IPv4Network,
    topology: str,
    own_switch: str,
    *,
    stays: Callable[[SwitchState], bool] = lambda _switch: False,
) -> list[str]:
    """Return the networks in a prefix, other than that of `own_switch`, each with its switch.

    These are the networks of switches without the mark of the topology, and of its own switches
    for which `stays` is true. The networks of a switch are those of the machine's addresses on it.
    """
    found = []
    for switch in state.hyper_v.switches if state.hyper_v else ():
        own = is_marked(switch.notes, topology)
        if (own and same_name(switch.name, own_switch)) or (own and not stays(switch)):
            continue
        networks = (each for each in _networks_on(state, switch) if each.overlaps(prefix))
        owners = "" if own else ", ".join(owners_of(switch.notes))
        found += [_network_text(each, switch.name, owners) for each in dict.fromkeys(networks)]
    return found


def network_with(
    state: HostState, address: IPv4Address, topology: str
) -> tuple[IPv4Network, SwitchState] | None:
    """Return the network on a switch of others that has an address, and the switch; or None."""
    for switch in state.hyper_v.switches if state.hyper_v else ():
        if not is_marked(switch.notes, topology):
            for network in _networks_on(state, switch):
                if address in network:
                    return network, switch
    return None


def vms_of_others(state: HostState, topology: str, switch: str) -> list[str]:
    """Return phrases about what the VMs of others send on a switch that a NAT serves."""
    return sent_by(other_vms_by_switch(state.hyper_v, switch, topology))


def sent_by(vms: Iterable[tuple[SwitchState, VirtualMachineState]]) -> list[str]:
    """Return phrases about what VMs send, each on a switch."""
    return [_sent_by(vm, on) for on, vm in vms]


def vms_left_out(
    state: HostState, topology: str, switch: str, current: IPv4Network, new: IPv4Network
) -> list[str]:
    """Return the VMs of others on a switch that its NAT would not translate with another prefix.

    A VM whose addresses are not known may have any of the networks of the switch.
    """

    def is_left_out(vm: VirtualMachineState, on: SwitchState) -> bool:
        networks = [each for each in _networks_on(state, on) if each.overlaps(current)]
        return any(
            each.overlaps(current) and not each.subnet_of(new)
            for each in _addresses_on(vm, on) or networks or [current]
        )

    found = other_vms_by_switch(state.hyper_v, switch, topology)
    return [_sent_by(vm, on) for on, vm in found if is_left_out(vm, on)]


def _addresses_on(vm: VirtualMachineState, switch: SwitchState) -> list[IPv4Network]:
    """Return the IPv4 addresses that a VM has on a switch, each as a network of one address."""
    adapters = (each for each in vm.network_adapters if each.switch_id == switch.id)
    parsed = (ip_address(text) for adapter in adapters for text in adapter.ip_addresses)
    own = (each for each in parsed if isinstance(each, IPv4Address) and not each.is_link_local)
    return [IPv4Network(each) for each in own]


def _sent_by(vm: VirtualMachineState, switch: SwitchState) -> str:
    return tr("what VM {vm} on switch {switch} sends", vm=vm.name, switch=switch.name)


def _network_text(network: IPv4Network, switch: str, owners: str) -> str:
    if not owners:
        return tr("{network} on switch {switch}", network=network, switch=switch)
    return tr(
        "{network} on switch {switch} of {owners}", network=network, switch=switch, owners=owners
    )


def _networks_on(state: HostState, switch: SwitchState) -> Iterator[IPv4Network]:
    adapters = state.hyper_v.management_adapters if state.hyper_v else ()
    own = [adapter for adapter in adapters if adapter.switch_id == switch.id]
    aliases = {management_alias(state, switch.name, adapter.name) for adapter in own}
    for interface in state.ip_interfaces:
        if interface.interface_alias in aliases:
            yield from (
                address.network for address in interface.ip_addresses if not address.is_link_local
            )


def why_nat_is_kept(networks: list[str]) -> str:
    """Return why a NAT is kept that translates these networks; empty if there are none."""
    if not networks:
        return ""
    return kept_text(
        tr(
            "it also translates {networks}; `--disconnect-others` removes it anyway",
            networks=_joined(networks),
        )
    )


def why_nat_is_not_changed(networks: list[str]) -> str:
    """Return why what ends a NAT that translates these networks is not done; empty without any."""
    if not networks:
        return ""
    return kept_text(
        tr(
            "it also translates {networks}; `--disconnect-others` changes it anyway",
            networks=_joined(networks),
        )
    )


def also_translates(networks: list[str]) -> str:
    """Return a clause about networks and VMs of others that a NAT translates; empty without any."""
    if not networks:
        return ""
    return tr(
        "; it also translates {networks}, which nothing translates after that",
        networks=_joined(networks),
    )


def _joined(networks: list[str]) -> str:
    """Return networks as text, joined by *and*."""
    first, *others = networks
    for each in others:
        first = tr("{words} and {last}", words=first, last=each)
    return first
