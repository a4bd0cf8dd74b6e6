"""Rules about the network of a host: its NATs and who may own them, its Default Switch, its adapters, its MAC addresses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from nestlab.constants import (
    AZURE_WIRE,
    DEFAULT_SWITCH_ID,
    MTU_FORUM,
    NAT_FORUM,
    NAT_NETWORK,
    NAT_SEVERAL,
    NETWORK_PLAN,
    ORDINARY_MTU,
    PRODUCT_WORKSTATION,
    SET_ADAPTER,
    SEVERAL_NATS_BUILD_MINIMUM,
    VIRTUAL_SWITCH,
)
from nestlab.model.cmdlet import Cmdlet, SwitchParameter
from nestlab.model.finding import Finding
from nestlab.model.state import HostState
from nestlab.rules.evidence import read, refused, said, vms_of
from nestlab.rules.host.hypervisor_detection import is_azure

_WIRELESS = 9  # NdisPhysicalMedium


def nat_slot(state: HostState) -> Iterator[Finding]:
    """Which NATs are there, and whether another one would be accepted."""
    refusals = [
        f"{item.what}: {item.error}" for item in state.unread if item.what.startswith("Get-NetNat")
    ]
    if refusals and state.hyper_v is not None:
        hint = 'New-NetNat needs a local Administrator; "Invalid class" means that this Windows has no NAT.'
        what = "NATs" if refused(state, "Get-NetNat") else "port forwards of the NATs"
        message = f"the {what} of the host could not be read"
        yield said(
            state,
            "nat-not-known",
            "warning",
            message,
            hint=hint,
            evidence="; ".join(refusals),
            source=NAT_NETWORK,
        )
    old = state.computer.build < SEVERAL_NATS_BUILD_MINIMUM
    rule = "the page says one NAT a host; from build 20348 on several were seen to work: sources disagree"
    for nat in state.nats:
        end = (
            "before build 20348 a second one is refused"
            if old
            else "a second one is not documented as supported"
        )
        message = f"NAT {nat.name} translates {nat.internal_prefix}; {end}"
        hint = (
            "Put NAT into the nested hosts, or choose inner networks that do not overlap this one."
        )
        evidence = read(
            "Get-NetNat",
            Name=nat.name,
            InternalIPInterfaceAddressPrefix=nat.internal_prefix,
            BuildNumber=state.computer.build,
        )
        fix = (Cmdlet("Remove-NetNat", {"Name": nat.name, "Confirm": SwitchParameter.OFF}),)
        source = NAT_NETWORK if old else NAT_SEVERAL
        yield said(
            state,
            "nat-present",
            "warning" if old else "info",
            message,
            hint=hint,
            evidence=evidence,
            rule=rule,
            source=source,
            fix=fix,
        )


def nat_may_be_hidden(state: HostState) -> Iterator[Finding]:
    """Containers, WSL and connection sharing keep NATs that Get-NetNat does not show."""
    if state.nats or state.hyper_v is None or refused(state, "Get-NetNat"):
        return
    running = state.security.running_services
    owners = [name for name in ("hns", "SharedAccess") if name in (running or ())]
    if "Containers" in state.features:
        owners.append("Containers")
    shown = (
        "not known"
        if running is None
        else ", ".join(owners) or "none of hns, SharedAccess, Containers"
    )
    evidence = (
        f"{read('Get-Service, Get-WindowsFeature', Running=shown)}; {read('Get-NetNat', Count=0)}"
    )
    if owners:
        message = "no NAT is shown, and yet the Host Network Service may hold one for Docker, WSL or connection sharing: New-NetNat can be refused with error 87"
        hint = "If New-NetNat is refused: choose another prefix, or stop what holds the NAT (docker network ls; wsl --shutdown)."
        yield said(
            state,
            "nat-may-be-hidden",
            "warning",
            message,
            hint=hint,
            evidence=evidence,
            source=NAT_FORUM,
        )
    elif running is None:
        message = (
            "no NAT is shown; whether containers, WSL or connection sharing hold one is not known"
        )
        yield said(
            state, "nat-owners-not-known", "info", message, evidence=evidence, source=NAT_FORUM
        )
    else:
        message = "no NAT is there, and nothing that keeps one hidden: the slot is free"
        yield said(state, "nat-free", "info", message, evidence=evidence, source=NAT_NETWORK)


def default_switch(state: HostState) -> Iterator[Finding]:
    """The client's own switch changes its range at every boot."""
    for switch in state.hyper_v.switches if state.hyper_v else ():
        named_so = (
            switch.name == "Default Switch" and state.computer.product_type == PRODUCT_WORKSTATION
        )
        if switch.id.casefold() == DEFAULT_SWITCH_ID or named_so:
            message = "the Default Switch changes its addresses at every restart and cannot be modified or removed"
            hint = "Make an Internal switch of your own with a NAT for static addresses."
            evidence = read("Get-VMSwitch", Name=switch.name, Id=switch.id)
            yield said(
                state,
                "default-switch",
                "info",
                message,
                subject=f"switch {switch.name}",
                hint=hint,
                evidence=evidence,
                source=NAT_NETWORK,
            )


def wireless_adapters(state: HostState) -> Iterator[Finding]:
    """A wireless adapter carries its own MAC address only: VMs behind VMs cannot be bridged over it."""
    physical = [adapter for adapter in state.net_adapters if not adapter.virtual]
    if physical and not any(adapter.ndis_physical_medium == _WIRELESS for adapter in physical):
        evidence = read(
            "Get-NetAdapter",
            NdisPhysicalMedium=", ".join(
                f"{item.ndis_physical_medium} ({item.name})" for item in physical
            ),
        )
        yield said(
            state,
            "adapters-wired",
            "info",
            "no physical adapter is wireless",
            evidence=evidence,
            source=VIRTUAL_SWITCH,
        )
    for adapter in physical:
        if adapter.ndis_physical_medium == _WIRELESS:
            message = "is wireless: it carries frames of its own MAC address only, so L2 VMs cannot be bridged over it"
            hint = "Give the nested hosts an Internal switch with NAT, or use a wired adapter."
            evidence = read(
                "Get-NetAdapter",
                Name=adapter.name,
                NdisPhysicalMedium=f"{_WIRELESS} (Native 802.11)",
                Status=adapter.status,
            )
            yield said(
                state,
                "adapter-wireless",
                "warning",
                message,
                subject=f"adapter {adapter.name}",
                hint=hint,
                evidence=evidence,
                source=VIRTUAL_SWITCH,
            )


def bridging_is_possible(state: HostState) -> Iterator[Finding]:
    """In Azure the fabric drops frames of other MAC addresses, so NAT is the only way for the VMs."""
    if is_azure(state) and state.hyper_v is not None:
        message = "VMs here reach the world through NAT only: Azure's network drops frames of any other MAC address than this VM's own"
        hint = "Use an Internal switch with New-NetNat; an External switch carries nothing for the VMs."
        evidence = read("Get-DnsClientServerAddress", ServerAddresses="168.63.129.16")
        yield said(
            state, "nat-only", "warning", message, hint=hint, evidence=evidence, source=AZURE_WIRE
        )


def mac_address_pool(state: HostState) -> Iterator[Finding]:
    """Dynamic MAC addresses come from a pool; clones of a machine have the same one."""
    host = state.hyper_v.vm_host if state.hyper_v else None
    if host is None:
        return
    if not host.mac_address_minimum or not host.mac_address_maximum:
        evidence = read(
            "Get-VMHost",
            MacAddressMinimum=host.mac_address_minimum,
            MacAddressMaximum=host.mac_address_maximum,
        )
        message = "from which pool dynamic MAC addresses come is not known"
        yield said(
            state,
            "mac-address-pool-not-known",
            "info",
            message,
            evidence=evidence,
            source=NETWORK_PLAN,
        )
        return
    size = int(host.mac_address_maximum, 16) - int(host.mac_address_minimum, 16) + 1
    evidence = read(
        "Get-VMHost",
        MacAddressMinimum=host.mac_address_minimum,
        MacAddressMaximum=host.mac_address_maximum,
    )
    macs = Counter(
        adapter.mac_address.upper()
        for vm in vms_of(state)
        for adapter in vm.network_adapters
        if adapter.mac_address.strip("0")
    )
    twice = sorted(mac for mac, count in macs.items() if count > 1)
    if twice:
        message = f"several adapters have the MAC address {', '.join(twice)}: their traffic gets lost at random"
        hint = "Give one of them another address while its VM is off: Set-VMNetworkAdapter -DynamicMacAddress."
        yield said(
            state,
            "mac-address-twice",
            "warning",
            message,
            hint=hint,
            evidence=evidence,
            source=SET_ADAPTER,
        )
    message = f"{size} dynamic MAC addresses, {len(macs)} in use; a clone of this machine hands out the same ones"
    hint = "Before cloning a nested host, give each its own range: Set-VMHost -MacAddressMinimum … -MacAddressMaximum …."
    yield said(
        state,
        "mac-address-pool",
        "info",
        message,
        hint=hint,
        evidence=evidence,
        source=NETWORK_PLAN,
        runs_on="each of the clones",
    )


def jumbo_frames(state: HostState) -> Iterator[Finding]:
    """Jumbo frames on one hop and not on the next make traffic of nested VMs hang."""
    for interface in state.ip_interfaces:
        if interface.nl_mtu > ORDINARY_MTU and interface.nl_mtu < 1 << 16:
            message = f"has an MTU of {interface.nl_mtu}: unless every hop down to the L2 VMs has it, large packets hang"
            evidence = read(
                "Get-NetIPInterface",
                InterfaceAlias=interface.interface_alias,
                NlMtu=interface.nl_mtu,
            )
            fix = (
                Cmdlet(
                    "Set-NetIPInterface",
                    {"InterfaceAlias": interface.interface_alias, "NlMtuBytes": ORDINARY_MTU},
                ),
            )
            yield said(
                state,
                "jumbo-mtu",
                "warning",
                message,
                subject=f"adapter {interface.interface_alias}",
                hint=f"Use {ORDINARY_MTU} everywhere, or the larger MTU on every hop.",
                evidence=evidence,
                rule=f"{ORDINARY_MTU} bytes unless all hops agree",
                source=MTU_FORUM,
                fix=fix,
            )
