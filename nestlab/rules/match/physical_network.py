"""Does this topology fit on that host?

Adapters, bridges, DHCP, uplinks; and all rules of fitting in one table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from nestlab.constants import ENABLE_NESTED, INSTALL, PRODUCT_WORKSTATION, VIRTUAL_SWITCH
from nestlab.model.finding import Finding, Findings
from nestlab.model.machine_path import MachinePath
from nestlab.model.origin import Keys
from nestlab.model.ownership import is_marked
from nestlab.model.state import HostState, NetAdapterState
from nestlab.model.topology import Switch, SwitchType, Topology
from nestlab.rules.host.hypervisor_detection import is_azure
from nestlab.rules.host.verdict import unread_about
from nestlab.rules.match.account_rights import rights_missing
from nestlab.rules.match.disk_conflicts import disk_in_use
from nestlab.rules.match.host_match import FIT_RULES, Fit, fits
from nestlab.rules.match.nat_conflicts import address_overlap, nat_incomplete, nat_refused, switches
from nestlab.rules.topology.topology_index import Survey, SwitchPlace


def net_adapter_missing(fit: Fit) -> Iterator[Finding]:
    """An External switch of the host on an adapter that the host does not have, or that is taken."""
    if fit.place.path or unread_about(fit.state, "netadapter"):
        # the adapters of a nested host are the topology's own, and get their names when they are
        # made
        return
    physical = [adapter for adapter in fit.state.net_adapters if not adapter.virtual]
    for place in fit.place.switches:
        name = place.switch.net_adapter
        if place.switch.switch_type is not SwitchType.EXTERNAL or name is None:
            continue
        keys: Keys = (*place.keys, "net_adapter")
        found = next(
            (adapter for adapter in physical if adapter.name.casefold() == name.casefold()), None
        )
        if found is None:
            known = ", ".join(adapter.name for adapter in physical)
            message = f"is bound to adapter {name!r}, which the host does not have"
            hint = (
                f"Physical adapters of the host: {known}."
                if known
                else "The host has no physical adapter."
            )
            yield fit.finding(
                "net-adapter-missing",
                "error",
                place.subject,
                keys,
                message,
                hint=hint,
                source=VIRTUAL_SWITCH,
            )
        else:
            yield from _state_of(fit, place, found, keys)


def _state_of(
    fit: Fit, place: SwitchPlace, adapter: NetAdapterState, keys: Keys
) -> Iterator[Finding]:
    owner = next(
        (
            switch
            for switch in switches(fit)
            if adapter.interface_description in switch.net_adapter_interface_descriptions
        ),
        None,
    )
    if owner is not None and not is_marked(owner.notes, fit.name):
        message = f"is bound to adapter {adapter.name!r}, which switch {owner.name!r} of the host already has"
        yield fit.finding(
            "net-adapter-in-use",
            "error",
            place.subject,
            keys,
            message,
            hint="Choose another adapter.",
            evidence=adapter.interface_description,
            source=VIRTUAL_SWITCH,
        )
    if any(
        word in adapter.interface_description.casefold() for word in ("wi-fi", "wireless", "802.11")
    ):
        message = f"is bound to {adapter.name!r}, a wireless adapter: it carries only its own MAC address, so bridged VMs get no answer"
        yield fit.finding(
            "wireless-uplink",
            "warning",
            place.subject,
            keys,
            message,
            hint="Use a wired adapter, or an Internal switch with nat.",
            evidence=adapter.interface_description,
            source=VIRTUAL_SWITCH,
        )
    if adapter.status.casefold() != "up":
        message = f"is bound to adapter {adapter.name!r}, which is {adapter.status}"
        yield fit.finding(
            "net-adapter-down",
            "warning",
            place.subject,
            keys,
            message,
            hint="Connect its cable, or enable it.",
            evidence=f"Status {adapter.status}",
            source=VIRTUAL_SWITCH,
        )


def bridge_in_azure(fit: Fit) -> Iterator[Finding]:
    """An External switch of an Azure VM carries nothing for the VMs on it: no setting of theirs lets their MAC addresses through."""
    if fit.place.path or not is_azure(fit.state):
        return
    for place in fit.place.switches:
        on_it = [
            vm.name
            for vm, _, _ in fit.vms
            if any(
                _same(adapter.switch or "", place.switch.name) for adapter in vm.network_adapters
            )
        ]
        if place.switch.switch_type is SwitchType.EXTERNAL and on_it:
            message = f"would bridge {', '.join(on_it)} to the network of an Azure VM, which drops every MAC address but that VM's own"
            yield fit.finding(
                "bridge-in-azure",
                "error",
                place.subject,
                (*place.keys, "switch_type"),
                message,
                hint="Use an Internal switch with nat; MAC address spoofing does not work in a public cloud.",
                evidence="Get-DnsClientServerAddress: Azure's own DNS server 168.63.129.16",
                source=ENABLE_NESTED,
            )


def dhcp_needs_server(fit: Fit) -> Iterator[Finding]:
    """The DHCP server role exists on Windows Server only."""
    for place in fit.place.switches:
        if place.switch.dhcp and fit.state.computer.product_type == PRODUCT_WORKSTATION:
            message = f"serves DHCP, and {fit.machine} is {fit.state.computer.caption or 'a Windows client'}, which has no DHCP server role"
            hint = "Use static addresses, or let a Windows Server VM serve DHCP."
            yield fit.finding(
                "dhcp-needs-server",
                "error",
                place.subject,
                (*place.keys, "dhcp"),
                message,
                hint=hint,
                source=INSTALL,
            )


def uplink_differs(fit: Fit) -> Iterator[Finding]:
    """An uplink that says something else than the host's adapter has."""
    if fit.place.path:
        return
    interfaces = {
        interface.interface_alias.casefold(): interface for interface in fit.state.ip_interfaces
    }
    takers = {
        place.switch.net_adapter.casefold(): place.switch
        for place in fit.place.switches
        if place.switch.net_adapter
    }
    for index, uplink in enumerate(fit.survey.topology.uplinks):
        interface = interfaces.get(_alias(uplink.net_adapter, takers)) or interfaces.get(
            uplink.net_adapter.casefold()
        )
        if interface is None or not interface.ip_addresses or uplink.network is None:
            continue
        if not any(address in uplink.network for address in interface.ip_addresses):
            seen = ", ".join(map(str, interface.ip_addresses))
            message = f"is said to be in {uplink.network}; the host has {seen} there"
            keys: Keys = ("uplinks", index, "network")
            yield fit.finding(
                "uplink-differs",
                "warning",
                f"uplink {uplink.net_adapter}",
                keys,
                message,
                hint="Correct uplinks, or name another adapter.",
                evidence=f"{interface.interface_alias}: {seen}",
            )


def _same(one: str, other: str) -> bool:
    return one.casefold() == other.casefold()


def _alias(net_adapter: str, takers: Mapping[str, Switch]) -> str:
    switch = takers.get(net_adapter.casefold())
    return switch.management_adapter.casefold() if switch else net_adapter.casefold()


NETWORK_FIT_RULES: tuple[Callable[[Fit], Iterator[Finding]], ...] = (
    net_adapter_missing,
    bridge_in_azure,
    nat_refused,
    address_overlap,
    nat_incomplete,
    dhcp_needs_server,
    uplink_differs,
)


def fit_findings(topology: Topology, states: Mapping[MachinePath, HostState]) -> Findings:
    """Return what stands between a topology and the machines that were observed.

    Machines without a state are passed over: a nested host that does not answer yet is looked at
    when it does. The states are to be observed with the topology's disk paths, so that a missing
    parent is seen.
    """
    survey = Survey(topology)
    rules = (*FIT_RULES, disk_in_use, *NETWORK_FIT_RULES, rights_missing)
    return Findings(
        finding for fit in fits(survey, states) for rule in rules for finding in rule(fit)
    )
