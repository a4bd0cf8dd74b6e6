"""Host states made by hand, for plans without any session."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.model import Size
from nestlab.model.state import (
    BUILT_IN_ECHO_RULE,
    ComputerState,
    FirewallRuleState,
    HostState,
    HyperVState,
    IPInterfaceState,
    NetAdapterState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
    VMHostState,
)

ANYWHERE = IPv4Network("0.0.0.0/0")
BOOTED = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MAC = "00155D020A01"


def interface(alias, *addresses, gateway=None, **more):
    routes = ((ANYWHERE, IPv4Address(gateway)),) if gateway else ()
    more = {"dhcp": not addresses, **more}  # Windows asks DHCP unless an address is set by hand
    return IPInterfaceState(
        interface_alias=alias,
        ip_addresses=tuple(map(IPv4Interface, addresses)),
        routes=routes,
        **more,
    )


def machine(path=(), *, switches=(), vms=(), disks=(), interfaces=(), adapters=(), **more):
    hyper_v = HyperVState(
        vm_host=VMHostState(virtual_hard_disk_path=r"D:\VHD"),
        switches=switches,
        vms=vms,
        existing_disks=frozenset(disks),
    )
    data = {
        "machine": path,
        "host": "sim:test",
        "computer": ComputerState(name="HV01", last_boot_up_time=BOOTED),
        "features": frozenset({"Hyper-V"}),
        "hyper_v": hyper_v,
        "net_adapters": adapters,
        "ip_interfaces": interfaces,
    }
    return HostState(**{**data, **more})


def host(**more):
    nic = NetAdapterState(
        name="Ethernet", interface_description="Intel X710", mac_address="B4-96-91-A0-0C-01"
    )
    uplink = interface("Ethernet", "192.0.2.10/24", gateway="192.0.2.1")
    return machine(**{"adapters": (nic,), "interfaces": (uplink,), **more})


def guest(path=("HV1",), *, mac=MAC, address=None, role=False, **more):
    """A Windows in a VM with one adapter."""
    nic = NetAdapterState(
        name="Ethernet 2",
        interface_description="Microsoft Hyper-V Network Adapter",
        mac_address="-".join(mac[i : i + 2] for i in range(0, 12, 2)),
    )
    own = interface("Ethernet 2", *([address] if address else ()))
    data = {
        "adapters": (nic,),
        "interfaces": (own,),
        "firewall_rules": (FirewallRuleState(name=BUILT_IN_ECHO_RULE),),
    }
    state = machine(path, **{**data, **more})
    return state if role else replace(state, hyper_v=None, features=frozenset())


def switch(name, switch_type="Internal", topology="lab", **more):
    return SwitchState(
        id=f"id-of-{name}",
        name=name,
        switch_type=switch_type,
        notes=f"nestlab:{topology}" if topology else "",
        **more,
    )


def vm(name, state="Running", topology="lab", *, adapters=None, **more):
    data = {
        "id": f"id-of-{name}",
        "name": name,
        "state": state,
        "notes": f"nestlab:{topology}" if topology else "",
        "processor_count": 2,
        "memory_startup": Size.parse("1GB"),
        "network_adapters": (NetworkAdapterState(id="a", name="Network Adapter", mac_address=MAC),)
        if adapters is None
        else adapters,
        "hard_disks": (),
    }
    return VirtualMachineState(**{**data, **more})
