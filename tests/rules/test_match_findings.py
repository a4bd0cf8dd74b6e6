"""Does a topology fit on a host? Word for word."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest

from nestlab.model import Size
from nestlab.model.ownership import owner_mark
from nestlab.model.state import (
    DEFAULT_SWITCH_ID,
    OTHERS_ON_SWITCHES,
    DhcpScopeState,
    DiskFileState,
    DiskUseState,
    IPInterfaceState,
    NatState,
    NetAdapterState,
    NetworkAdapterState,
    SwitchState,
    Unread,
    VlanState,
)
from nestlab.rules import match_findings, validate
from nestlab.rules.rule_registry import REGISTRY
from nestlab.topology_file import load, loads
from tests.rules.states import (
    AMD,
    GB,
    HOSTS,
    READY,
    VERSIONS,
    vm,
    with_computer,
    with_hyper_v,
    with_versions,
)
from tests.rules.wording import check_wording

CASES = Path(__file__).parents[1] / "cases"
NAT_LAB = load(CASES / "topologies" / "nat-lab.yml")
BRIDGED = load(CASES / "topologies" / "bridged-lab.yml")
MARK = owner_mark("nat-lab")


def interface(alias, address, *routes):
    return IPInterfaceState(
        interface_alias=alias,
        ip_addresses=(IPv4Interface(address),),
        routes=tuple((IPv4Network(to), IPv4Address("192.0.2.1")) for to in routes),
    )


ON_ETHERNET = "switches: [{name: A, switch_type: External, net_adapter: Ethernet, %s}]"


def with_ways_out(*aliases):
    """A host with a default gateway, 192.0.2.1, over each of these adapters."""
    ways = tuple(interface(alias, "192.0.2.10/24", "0.0.0.0/0") for alias in aliases)
    return replace(READY, ip_interfaces=ways)


def duplicated(interface):
    """The interface with its addresses marked Duplicate."""
    return replace(
        interface, address_states=tuple((each, "Duplicate") for each in interface.ip_addresses)
    )


def switch(name, notes="", *descriptions):
    return SwitchState(
        id=f"id-{name}",
        name=name,
        switch_type="Internal",
        notes=notes,
        net_adapter_interface_descriptions=descriptions,
    )


def nat(name, prefix):
    return NatState(name=name, internal_prefix=IPv4Network(prefix))


def topology(body):
    return loads(f"name: nat-lab\n{body}")


ONE_VM = "vms: [{name: a, %s}]"
ROUTES = "routes: [{to: 10.7.0.0/16, via: 10.9.0.2}, {to: 10.8.0.0/16, via: 10.9.0.3}]"
OLD = with_computer(build=17763)
TRANSLATING = ", ".join(
    f"{{name: {name}, switch_type: Internal, ip_address: {net}.1/24, nat: {net}.0/24}}"
    for name, net in (("A", "10.3.0"), ("B", "10.4.0"))
)
FORWARDING = "{name: A, switch_type: Internal, ip_address: 10.3.0.1/24, nat: 10.3.0.0/24, port_forwards: [{protocol: tcp, external_port: 8080, to: '10.3.0.5:80'}]}"
SERVING = "switches: [{name: A, switch_type: Internal, ip_address: 10.3.0.1/24, dhcp: {range: 10.3.0.100-10.3.0.200}}]"
NINE = ", ".join(f"{{name: n{number}}}" for number in range(9))
BY_PATH = topology(ONE_VM % r"disk: {path: 'D:\VMs\theirs.vhdx'}")


NEW = r"""
images: {ws2022: {path: 'D:\images\ws2022.vhdx'}}
vms: [{name: HV9, memory_startup: 8GB, disk: {size: 60GB}, guest: {os: windows, credential: c}, nested: {%s}}]"""
EXISTING = """
switches: [{name: %s}]
vms:
  - name: a
    network_adapters: [{switch: Office, ip_address: 10.0.0.5/24}, {switch: Default Switch, ip_address: 10.1.0.5/24}, {switch: Standardswitch, ip_address: 10.2.0.5/24}]"""
SHARED = topology(
    "switches: [{name: Corp, existing: true}]\n"
    + ONE_VM % "network_adapters: [{switch: Corp, ip_address: 10.0.0.5/24}]"
)
WITH_MAC = topology(
    "switches: [{name: Corp, existing: true}]\n"
    + ONE_VM % "network_adapters: [{switch: Corp, mac_address: 00-15-5D-02-99-A1}]"
)
ASKING = topology(
    "switches: [{name: Corp, existing: true}]\n"
    + ONE_VM % "network_adapters: [{switch: Corp, dhcp: true}]"
)
CORP = SwitchState(id="corp", name="Corp", switch_type="Internal")
OWN_ON_CORP = NetworkAdapterState(id="own", name="Corp", switch_id="corp", switch_name="Corp")


def on_corp(*addresses, notes="", vlan=0, mac=""):
    """A host with a VM of others on the switch Corp."""
    mode = VlanState(operation_mode="Access", access_vlan_id=vlan) if vlan else VlanState()
    adapter = NetworkAdapterState(
        id="theirs",
        name="LAN",
        switch_id="corp",
        switch_name="Corp",
        mac_address=mac,
        ip_addresses=addresses,
        vlan=mode,
    )
    theirs = vm("their-vm", notes=notes, state="Running", network_adapters=(adapter,))
    return with_hyper_v(vms=(theirs,), switches=(CORP,), management_adapters=(OWN_ON_CORP,))


def disabled_on_corp(name):
    """A host whose External switch Corp has a disabled adapter: its own one, or that below it."""
    adapters = (
        NetAdapterState(name="Ethernet", interface_description="Intel(R) X710"),
        NetAdapterState(name="vEthernet (Corp)"),
        NetAdapterState(name="Wi-Fi", status="Disabled"),
    )
    external = replace(
        CORP, switch_type="External", net_adapter_interface_descriptions=("Intel(R) X710",)
    )
    return replace(
        with_hyper_v(switches=(external,), management_adapters=(OWN_ON_CORP,)),
        net_adapters=tuple(
            replace(each, status="Disabled") if each.name == name else each for each in adapters
        ),
    )


def with_own_adapter(*addresses):
    """A host with the VM of the topology, its adapter LAN on the switch Corp."""
    state = on_corp(*addresses, notes=MARK)
    (own,) = state.hyper_v.vms
    return replace(state, hyper_v=replace(state.hyper_v, vms=(replace(own, name="a"),)))


def in_a_domain(**values):
    """A host that is a member of a domain."""
    return replace(READY, computer=replace(READY.computer, domain="contoso.com"), **values)


DEFAULT = SwitchState(id=DEFAULT_SWITCH_ID, name="Standardswitch", switch_type="Internal")


def running(state):
    vms = tuple(replace(there, state="Running") for there in state.hyper_v.vms)
    return replace(state, hyper_v=replace(state.hyper_v, vms=vms))


def used(name, *files, notes):
    """A host on which a VM has a disk, with the disks that it stands on."""
    use = DiskUseState(path=files[0], vm_id=f"id-{name}", vm_name=name, parents=files[1:])
    return with_hyper_v(
        vms=(vm(name, notes=notes),),
        disk_uses=(use,),
        existing_disks=frozenset({r"d:\vms\theirs.vhdx"}),
    )


FITS = {
    "nat-lab-on-a-ready-host": (NAT_LAB, READY),
    "bridged-lab-on-a-ready-host": (BRIDGED, READY),
    "again-where-everything-is-made": (
        NAT_LAB,
        replace(
            with_hyper_v(
                vms=(vm("HV1", notes=MARK, state="Running", memory_assigned=Size(60 * GB)),),
                switches=(switch("LabNet", MARK),),
            ),
            nats=(nat("nestlab.nat-lab.LabNet", "192.168.100.0/24"),),
            ip_interfaces=(
                *READY.ip_interfaces,
                interface("vEthernet (LabNet)", "192.168.100.1/24", "192.168.100.0/24"),
            ),
        ),
    ),
    "platform-cannot-nest": (NAT_LAB, HOSTS["ws2019-amd"]),
    "platform-not-known": (NAT_LAB, HOSTS["no-rights"]),
    "hyper-v-missing": (topology("switches: [{name: A, switch_type: Private}]"), HOSTS["no-role"]),
    "name-clash": (
        NAT_LAB,
        with_hyper_v(
            vms=(vm("hv1", notes="CI builds"),), switches=(switch("LabNet", owner_mark("other")),)
        ),
    ),
    "name-clash-with-two-of-ours": (
        NAT_LAB,
        with_hyper_v(vms=(vm("HV1", notes=MARK), vm("HV1", notes=MARK))),
    ),
    "memory-not-enough": (NAT_LAB, HOSTS["full"]),
    "processors-not-enough": (topology(ONE_VM % "processor_count: 64"), READY),
    "processors-not-enough-below-server-2022": (
        topology(ONE_VM % "processor_count: 226, guest: {os: windows, credential: c}, nested: {}"),
        with_hyper_v(vm_host=replace(READY.hyper_v.vm_host, logical_processor_count=256)),
    ),
    "version-not-supported": (topology(ONE_VM % "version: 12.0"), READY),
    "version-too-old-on-amd": (
        topology(ONE_VM % "version: 9.0, guest: {os: windows, credential: c}, nested: {}"),
        replace(READY, processors=(AMD,)),
    ),
    "version-disputed-on-amd": (
        topology(ONE_VM % "guest: {os: windows, credential: c}, nested: {}"),
        with_versions(replace(READY, processors=(AMD,)), *VERSIONS[:-1]),
    ),
    "disk-missing": (NAT_LAB, with_hyper_v(existing_disks=frozenset())),
    "iso-file-missing": (
        topology(ONE_VM % r"dvd_drives: [{}, {path: 'D:\iso\a.iso'}, {path: 'd:/iso/B.iso'}]"),
        with_hyper_v(dvd_images=frozenset({r"d:\iso\b.iso"})),
    ),
    "disk-in-use": (BY_PATH, used("theirs", r"D:\vms\theirs.vhdx", notes="CI builds")),
    "disk-in-use-below-one-of-the-file": (
        topology(
            r"vms: [{name: a, disk: {path: 'D:\vms\theirs.vhdx'}}, {name: b, disk: {parent: 'D:\VMs\theirs.vhdx'}}]"
        ),
        with_hyper_v(existing_disks=frozenset({r"d:\vms\theirs.vhdx"})),
    ),
    "disk-in-use-below-another": (
        BY_PATH,
        used("theirs", r"D:\vms\child.vhdx", r"D:\vms\theirs.vhdx", notes="CI builds"),
    ),
    "disk-in-use-below-its-own": (
        BY_PATH,
        used("a", r"D:\vms\child.vhdx", r"D:\vms\theirs.vhdx", notes=MARK),
    ),
    "parent-in-use": (
        topology(r"vms: [{name: a, disk: {parent: 'D:\vms\theirs.vhdx'}}]"),
        used("golden", r"D:\VMs\theirs.vhdx", notes=""),
    ),
    "parent-in-use-inside-a-nested-host": (
        topology(
            r"""images: {theirs: {path: 'D:\vms\theirs.vhdx'}}
vms: [{name: HV1, nested: {vms: [{name: a, disk: {image: theirs}}]}}]"""
        ),
        running(used("golden", r"D:\VMs\theirs.vhdx", notes="")),
    ),
    "disk-missing-inside-a-nested-host": (
        topology(
            r"""images: {gone: {path: 'D:\vms\gone.vhdx'}}
vms: [{name: HV1, nested: {vms: [{name: a, disk: {image: gone}}]}}]"""
        ),
        READY,
    ),
    "disk-smaller-than-image": (
        topology(
            r"""images: {ws: {path: 'D:\images\ws2022.vhdx'}}
vms: [{name: a, disk: {image: ws, size: 20GB}}, {name: b, disk: {image: ws, size: 200GB}}, {name: c, disk: {parent: 'D:\images\ws2022.vhdx', size: 20GB}}]"""
        ),
        with_hyper_v(
            existing_disks=frozenset({r"d:\images\ws2022.vhdx"}),
            disk_files=(DiskFileState(path=r"D:\images\ws2022.vhdx", size=Size(127 * GB)),),
        ),
    ),
    "parent-in-use-while-it-runs": (
        topology(r"vms: [{name: a, disk: {parent: 'D:\vms\theirs.vhdx'}}]"),
        running(used("golden", r"D:\VMs\theirs.vhdx", notes="")),
    ),
    "uplink-is-a-team": (
        BRIDGED,
        replace(
            READY,
            net_adapters=(
                NetAdapterState(
                    name="Ethernet",
                    interface_description="Microsoft Network Adapter Multiplexor Driver",
                    status="Up",
                ),
            ),
        ),
    ),
    "net-adapter-missing": (BRIDGED, replace(READY, net_adapters=(NetAdapterState(name="LAN"),))),
    "net-adapter-in-use": (BRIDGED, with_hyper_v(switches=(switch("Corp", "", "Intel(R) X710"),))),
    "host-loses-network": (
        topology(ON_ETHERNET % "allow_management_os: false"),
        with_ways_out("Ethernet"),
    ),
    "host-loses-network-by-an-address": (
        topology(ON_ETHERNET % "ip_address: 10.3.0.1/24"),
        with_ways_out("Ethernet"),
    ),
    "host-loses-network-by-a-vlan": (
        topology(ON_ETHERNET % "vlan: {access: 12}"),
        with_ways_out("Ethernet"),
    ),
    "host-keeps-another-network": (
        topology(ON_ETHERNET % "allow_management_os: false"),
        with_ways_out("Ethernet", "Ethernet 2"),
    ),
    "host-keeps-its-address": (
        topology(ON_ETHERNET % "ip_address: 192.0.2.20/24, gateway: 192.0.2.1"),
        with_ways_out("Ethernet"),
    ),
    "wireless-uplink": (
        BRIDGED,
        replace(
            READY,
            net_adapters=(
                NetAdapterState(
                    name="Ethernet", interface_description="Intel(R) Wi-Fi 6", status="Disconnected"
                ),
            ),
        ),
    ),
    "bridge-in-azure": (BRIDGED, HOSTS["azure-with-vms"]),
    "nat-taken": (NAT_LAB, replace(READY, nats=(nat("DockerNAT", "192.168.0.0/16"),))),
    "nat-taken-on-an-old-build": (NAT_LAB, replace(OLD, nats=(nat("DockerNAT", "10.9.0.0/24"),))),
    "nat-taken-overlapping-on-an-old-build": (
        NAT_LAB,
        replace(OLD, nats=(nat("DockerNAT", "192.168.0.0/16"),)),
    ),
    "nat-may-be-hidden": (NAT_LAB, replace(OLD, features=OLD.features | {"Containers"})),
    "nat-incomplete-where-a-nat-may-be-hidden": (
        NAT_LAB,
        replace(
            with_hyper_v(OLD, switches=(switch("LabNet", MARK),)),
            features=OLD.features | {"Containers"},
        ),
    ),
    "nat-incomplete-where-another-is-there": (
        NAT_LAB,
        replace(
            with_hyper_v(OLD, switches=(switch("LabNet", MARK),)),
            nats=(nat("DockerNAT", "10.9.0.0/24"),),
        ),
    ),
    "nat-beside-another": (NAT_LAB, replace(READY, nats=(nat("DockerNAT", "10.9.0.0/24"),))),
    "nat-not-known": (NAT_LAB, HOSTS["no-winnat"]),
    "address-overlap": (
        NAT_LAB,
        replace(READY, ip_interfaces=(interface("vEthernet (Corp)", "192.168.100.7/25"),)),
    ),
    "address-overlap-inside-the-prefix": (
        NAT_LAB,
        replace(
            with_hyper_v(switches=(switch("Corp", ""),)),
            ip_interfaces=(interface("vEthernet (Corp)", "192.168.100.7/25"),),
        ),
    ),
    "route-overlap": (
        NAT_LAB,
        replace(
            READY, ip_interfaces=(interface("VPN", "10.8.0.2/24", "0.0.0.0/0", "192.168.0.0/16"),)
        ),
    ),
    "next-hop-outside-networks": (
        topology(
            "switches: [{name: A, switch_type: Internal, ip_address: 10.3.0.1/24}]\n" + ROUTES
        ),
        READY,
    ),
    "next-hop-outside-networks-but-for-dhcp": (
        topology("switches: [{name: A, switch_type: Internal}]\n" + ROUTES),
        READY,
    ),
    "next-hop-outside-networks-when-a-switch-is-removed": (
        topology(ROUTES),
        replace(
            with_hyper_v(switches=(switch("Old", MARK),)),
            ip_interfaces=(interface("vEthernet (Old)", "10.9.0.1/24"),),
        ),
    ),
    "address-overlap-of-the-same-address": (
        topology("switches: [{name: A, switch_type: Internal, ip_address: 10.3.0.7/24}]"),
        replace(READY, ip_interfaces=(interface("vEthernet (Corp)", "10.3.0.7/16"),)),
    ),
    "several-nats-on-an-old-build": (topology(f"switches: [{TRANSLATING}]"), OLD),
    "port-forward-taken": (
        topology(f"switches: [{FORWARDING}]"),
        replace(
            READY,
            nats=(
                replace(
                    nat("DockerNAT", "10.9.0.0/24"),
                    static_mappings=(("TCP", 8080, IPv4Address("10.9.0.5"), 80),),
                ),
            ),
        ),
    ),
    "dhcp-scope-taken": (
        topology(SERVING),
        replace(
            READY,
            dhcp_scopes=(
                DhcpScopeState(
                    scope_id=IPv4Address("10.3.0.0"),
                    name="Lab",
                    start_range=IPv4Address("10.3.0.10"),
                    end_range=IPv4Address("10.3.0.20"),
                ),
            ),
        ),
    ),
    "dhcp-not-authorized": (topology(SERVING), in_a_domain(dhcp_authorized=False)),
    "dhcp-not-authorized-before-the-role-is-installed": (topology(SERVING), in_a_domain()),
    "dhcp-not-authorized-where-it-is-not-read": (
        topology(SERVING),
        in_a_domain(unread=(Unread(what="Get-DhcpServerSetting", error="Access is denied."),)),
    ),
    "dhcp-not-served": (
        topology(SERVING),
        replace(
            READY,
            dhcp_server="Stopped",
            dhcp_scopes=(
                DhcpScopeState(
                    scope_id=IPv4Address("10.3.0.0"),
                    name="nestlab.lab.A",
                    start_range=IPv4Address("10.3.0.100"),
                    end_range=IPv4Address("10.3.0.200"),
                    state="Inactive",
                ),
            ),
        ),
    ),
    "dhcp-unanswered": (
        topology(
            "switches: [{name: Corp, existing: true}]\n"
            + ONE_VM
            % "network_adapters: [{name: LAN, switch: Corp, dhcp: true}, {name: Static, switch: Corp, ip_address: 10.0.0.5/24}]"
        ),
        with_own_adapter("169.254.17.4", "fe80::1"),
    ),
    "dhcp-reservation-in-use": (
        topology(
            "switches: [{name: Corp, switch_type: Internal, ip_address: 10.3.0.1/24, dhcp: {range: 10.3.0.100-10.3.0.200, "
            "reservations: [{ip_address: 10.3.0.101, mac_address: 00-15-5D-00-00-77}, {ip_address: 10.3.0.102, mac_address: 00-15-5D-00-00-78}]}}]"
        ),
        on_corp("10.3.0.101", "10.3.0.103", mac="00155D000099"),
    ),
    "static-address-missing": (
        topology(
            "switches: [{name: Corp, existing: true}]\n"
            + ONE_VM % "network_adapters: [{name: LAN, switch: Corp, ip_address: 10.0.0.5/24}]"
        ),
        with_own_adapter("169.254.17.4", "fe80::1"),
    ),
    "memory-not-possible-before-server-2025": (
        topology(ONE_VM % "memory_startup: 13TB, state: 'Off'"),
        READY,
    ),
    "too-many-processors-before-server-2025": (
        topology(ONE_VM % "processor_count: 241, state: 'Off'"),
        with_hyper_v(vm_host=replace(READY.hyper_v.vm_host, logical_processor_count=512)),
    ),
    "too-many-adapters-on-server-2016": (
        topology(ONE_VM % f"network_adapters: [{NINE}]"),
        with_hyper_v(vm_host=replace(READY.hyper_v.vm_host, default_version="8.0")),
    ),
    "tpm-not-possible-in-an-old-vm": (
        topology(ONE_VM % "tpm: true, state: 'Off'"),
        with_hyper_v(vms=(vm("a", notes=MARK, version="6.2"),)),
    ),
    "checkpoint-type-not-possible-where-it-is-disabled": (
        topology(ONE_VM % "checkpoints: [clean], state: 'Off'"),
        with_hyper_v(
            vms=(replace(vm("a", notes=MARK), settings=(("checkpoint_type", "Disabled"),)),)
        ),
    ),
    "checkpoint-type-not-possible-in-an-old-vm": (
        topology(ONE_VM % "checkpoint_type: Production, state: 'Off'"),
        with_hyper_v(vms=(vm("a", notes=MARK, version="5.0"),)),
    ),
    "nat-incomplete-without-an-address": (
        NAT_LAB,
        replace(
            with_hyper_v(switches=(switch("LabNet", MARK),)),
            nats=(nat("nestlab.nat-lab.LabNet", "192.168.100.0/24"),),
        ),
    ),
    "nat-incomplete-without-a-switch": (
        NAT_LAB,
        replace(READY, nats=(nat("nestlab.nat-lab.LabNet", "192.168.100.0/24"),)),
    ),
    "nat-incomplete-with-an-old-network": (
        NAT_LAB,
        replace(
            with_hyper_v(switches=(switch("LabNet", MARK),)),
            nats=(nat("nestlab.nat-lab.LabNet", "192.168.50.0/24"),),
            ip_interfaces=(interface("vEthernet (LabNet)", "192.168.100.1/24"),),
        ),
    ),
    "nat-changed-in-the-file": (
        NAT_LAB,
        replace(
            with_hyper_v(switches=(switch("LabNet", MARK),)),
            nats=(nat("nestlab.nat-lab.LabNet", "192.168.50.0/24"),),
            ip_interfaces=(interface("vEthernet (LabNet)", "192.168.50.1/24"),),
        ),
    ),
    "nat-address-changed-in-the-file": (
        NAT_LAB,
        replace(
            with_hyper_v(switches=(switch("LabNet", MARK),)),
            nats=(nat("nestlab.nat-lab.LabNet", "192.168.100.0/24"),),
            ip_interfaces=(interface("vEthernet (LabNet)", "192.168.100.254/24"),),
        ),
    ),
    "address-duplicated": (
        topology("switches: [{name: A, switch_type: Internal, ip_address: 10.3.0.1/24}]"),
        replace(
            with_hyper_v(switches=(switch("A", MARK),)),
            ip_interfaces=(
                duplicated(interface("vEthernet (A)", "10.3.0.1/24")),
                duplicated(interface("Ethernet", "192.0.2.10/24")),
            ),
        ),
    ),
    "dhcp-needs-server": (
        topology(SERVING),
        with_computer(product_type=1, caption="Windows 11 Pro"),
    ),
    "uplink-differs": (
        BRIDGED,
        replace(READY, ip_interfaces=(interface("Ethernet", "198.51.100.4/24"),)),
    ),
    "address-in-use": (SHARED, on_corp("10.0.0.5", "fe80::1")),
    "address-in-use-by-another-topology": (SHARED, on_corp("10.0.0.5", notes="nestlab:other")),
    "address-in-use-by-the-machine": (
        SHARED,
        replace(
            on_corp(),
            ip_interfaces=(interface("vEthernet (Corp)", "10.0.0.5/24"),),
        ),
    ),
    "address-in-use-by-the-adapter-to-be-bound": (
        topology(
            "switches: [{name: Out, switch_type: External, net_adapter: Ethernet}]\n"
            + ONE_VM % "network_adapters: [{switch: Out, ip_address: 192.0.2.10/24}]"
        ),
        READY,
    ),
    "mac-address-in-use": (WITH_MAC, on_corp(mac="00155D0299A1")),
    "mac-address-in-use-by-another-topology": (
        WITH_MAC,
        on_corp(mac="00155D0299A1", notes="nestlab:other"),
    ),
    "mac-address-in-use-by-a-vm-left-over": (
        WITH_MAC,
        on_corp(mac="00155D0299A1", notes=owner_mark(WITH_MAC.name)),
    ),
    "mac-address-in-use-by-the-machine": (
        WITH_MAC,
        with_hyper_v(
            switches=(CORP,),
            management_adapters=(replace(OWN_ON_CORP, mac_address="00155D0299A1"),),
        ),
    ),
    "mac-address-in-use-from-inside-a-nested-host": (
        topology(
            "switches: [{name: Corp, existing: true}]\n"
            "vms: [{name: HV1, network_adapters: [{switch: Corp, mac_address_spoofing: true}], "
            "nested: {switches: [{name: Out, switch_type: External, net_adapter: Network Adapter}], "
            "vms: [{name: a, network_adapters: [{switch: Out, mac_address: 00-15-5D-02-99-A1}]}]}}]"
        ),
        on_corp(mac="00155D0299A1"),
    ),
    "others-not-read": (
        SHARED,
        replace(READY, unread=(Unread(what=OTHERS_ON_SWITCHES, error="Access is denied."),)),
    ),
    "route-conflict": (
        topology("routes: [{to: 10.99.0.0/24, via: 10.66.0.7}]"),
        replace(READY, ip_interfaces=(interface("LAN", "10.66.0.1/24", "10.99.0.0/24"),)),
    ),
    "adapter-disabled": (SHARED, disabled_on_corp("vEthernet (Corp)")),
    "adapter-disabled-below-the-switch": (SHARED, disabled_on_corp("Ethernet")),
    "existing-switch-missing": (topology(EXISTING % "Office, existing: true"), READY),
    "existing-switch-missing-of-several": (
        topology(EXISTING % "Office, existing: true"),
        with_hyper_v(switches=(switch("Office"), switch("office"))),
    ),
    "existing-switch-missing-on-a-server": (
        topology(EXISTING % "Default Switch, existing: true"),
        READY,
    ),
    "existing-switch-missing-in-a-new-nested-host": (
        topology(
            NEW % "switches: [{name: A, existing: true}, {name: Default Switch, existing: true}]"
        ),
        READY,
    ),
    "path-inside-nested-host": (
        topology(
            NEW
            % r"vms: [{name: d, dvd_drives: [{path: 'E:\d.iso'}, {path: 'C:\d.iso'}]}, {name: a, disk: {parent: 'E:\a.vhdx'}}, {name: b, disk: {path: 'd:/images/WS2022.vhdx'}}, {name: c, disk: {parent: 'C:\c.vhdx'}}]"
        ),
        with_hyper_v(existing_disks=frozenset({r"d:\images\ws2022.vhdx"})),
    ),
    "existing-switch-differs": (
        topology(EXISTING % "Office, existing: true, switch_type: External, nat: 10.0.0.0/24"),
        with_hyper_v(switches=(switch("Office"),)),
    ),
    "default-switch-declared": (
        topology(EXISTING % "Default Switch, switch_type: Internal"),
        with_hyper_v(switches=(DEFAULT,)),
    ),
    "default-switch-declared-by-its-own-name": (
        topology(EXISTING % "Standardswitch, switch_type: Private"),
        with_hyper_v(switches=(DEFAULT,)),
    ),
    "default-switch-static": (
        topology(EXISTING % "Default Switch, existing: true"),
        with_hyper_v(switches=(DEFAULT,)),
    ),
    "check-contradicted-by-the-host": (
        topology(
            EXISTING % "Office, existing: true"
            + "\nchecks: [{from: host, to: a, expect: reachable}]"
        ),
        with_hyper_v(switches=(replace(switch("Office"), switch_type="Private"),)),
    ),
    "net-adapter-missing-but-a-switch-has-the-name": (
        topology(
            "switches: [{name: A, switch_type: External, net_adapter: vEthernet (Corp)}, {name: B, switch_type: External, net_adapter: corp}]"
        ),
        with_hyper_v(switches=(switch("Corp"),)),
    ),
    "team-members-differ": (
        topology("switches: [{name: A, switch_type: External, net_adapter: [n1, n2]}]"),
        replace(
            READY,
            net_adapters=(
                NetAdapterState(name="n1", interface_description="Intel(R) X710"),
                NetAdapterState(name="n2", interface_description="Intel(R) I350 #2"),
            ),
        ),
    ),
    "subnet-mask-mismatch": (
        SHARED,
        replace(
            with_hyper_v(switches=(CORP,), management_adapters=(OWN_ON_CORP,)),
            ip_interfaces=(interface("vEthernet (Corp)", "10.0.0.1/25"),),
        ),
    ),
    "dhcp-without-server-on-an-existing-switch": (ASKING, with_own_adapter()),
    "dhcp-without-server-beside-a-vm-of-others": (ASKING, on_corp("10.0.0.6")),
    "dhcp-without-server-where-scopes-are-not-read": (
        ASKING,
        replace(
            with_own_adapter(),
            unread=(Unread(what="Get-DhcpServerv4Scope", error="Access is denied."),),
        ),
    ),
    "adapters-not-read": (
        BRIDGED,
        replace(
            READY,
            net_adapters=(),
            unread=(Unread(what="Get-NetAdapter", error="Access is denied."),),
        ),
    ),
}


@pytest.mark.parametrize("name", FITS)
def test_findings_are_word_for_word(name, update_cases):
    wanted, state = FITS[name]
    check_wording(
        CASES / "match" / f"{name}.txt",
        match_findings(replace(wanted, origin=None), {(): state}),
        update=update_cases,
    )


@pytest.mark.parametrize("name", FITS)
def test_the_case_is_named_by_its_finding(name):
    wanted, state = FITS[name]
    codes = match_findings(wanted, {(): state}).codes
    fine = name in (
        "nat-lab-on-a-ready-host",
        "bridged-lab-on-a-ready-host",
        "again-where-everything-is-made",
        "adapters-not-read",
        "nat-changed-in-the-file",
        "nat-address-changed-in-the-file",
        "host-keeps-another-network",
        "host-keeps-its-address",
    )
    assert codes == () if fine else any(name.startswith(code) for code in codes)


@pytest.mark.parametrize(
    "state",
    [
        on_corp("10.0.0.6"),
        on_corp("10.0.0.5", vlan=7),
        on_corp("10.0.0.5", notes=owner_mark(SHARED.name)),
        with_hyper_v(vms=(), switches=(replace(CORP, name="Other"),)),
    ],
    ids=["another address", "another VLAN", "its own VM", "another switch"],
)
def test_an_address_that_is_not_used_on_the_segment_is_no_finding(state):
    assert "address-in-use" not in match_findings(SHARED, {(): state}).codes


def test_each_address_in_use_is_given_another_free_one():
    wanted = topology(
        "switches: [{name: Corp, existing: true}]\n"
        "vms: [{name: a, network_adapters: [{switch: Corp, ip_address: 10.0.0.5/29}, "
        "{switch: Corp, ip_address: 10.0.0.6/29}]}]"
    )
    found = match_findings(wanted, {(): on_corp("10.0.0.5", "10.0.0.6", "10.0.0.1")})
    hints = [finding.hint for finding in found if finding.code == "address-in-use"]
    assert ["10.0.0.2/29 for example" in hints[0], "10.0.0.3/29 for example" in hints[1]] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    "state",
    [
        with_hyper_v(switches=(replace(CORP, switch_type="External"),)),
        with_hyper_v(switches=(replace(CORP, id=DEFAULT_SWITCH_ID),)),
        replace(
            with_hyper_v(switches=(CORP,), management_adapters=(OWN_ON_CORP,)),
            ip_interfaces=(interface("vEthernet (Corp)", "10.0.0.1/24"),),
            dhcp_scopes=(
                DhcpScopeState(
                    scope_id=IPv4Address("10.0.0.0"),
                    name="Corp",
                    start_range=IPv4Address("10.0.0.100"),
                    end_range=IPv4Address("10.0.0.200"),
                ),
            ),
        ),
    ],
    ids=["physical network", "Default Switch", "scope of the host"],
)
def test_an_existing_switch_on_which_dhcp_may_be_served_is_no_finding(state):
    assert "dhcp-without-server" not in match_findings(ASKING, {(): state}).codes


TWO_NETWORKS = topology(
    "switches: [{name: A, switch_type: Internal, ip_address: 10.3.0.1/24}, "
    "{name: B, switch_type: Internal, ip_address: 10.3.1.1/24, nat: 10.3.1.0/24}, "
    "{name: C, switch_type: Internal, ip_address: 10.3.2.1/24, nat: 10.3.2.0/24}]"
)


@pytest.mark.parametrize(
    ("code", "state"),
    [
        ("route-overlap", replace(READY, ip_interfaces=(interface("VPN", "10.9.0.2/24", "10.0.0.0/14"),))),
        ("address-overlap", replace(READY, ip_interfaces=(interface("VPN", "10.3.7.2/16"),))),
        ("nat-taken", replace(READY, nats=(nat("DockerNAT", "10.3.0.0/16"),))),
    ],
)  # fmt: skip
def test_no_two_switches_are_given_the_same_network(code, state):
    found = match_findings(TWO_NETWORKS, {(): state})
    hints = [finding.hint for finding in found if finding.code == code]
    offered = [word for hint in hints for word in re.findall(r"[\d.]+/\d+(?= for example)", hint)]
    assert len(offered) >= 2
    assert len(set(offered)) == len(offered)
    declared = {"10.3.0.0/24", "10.3.1.0/24", "10.3.2.0/24"}
    assert declared & set(offered) == set()


@pytest.mark.parametrize(
    ("used", "offered"),
    [
        (
            "192.0.2.10/24",
            "nat: 10.3.0.0/16 on switch A covers them all, without nat on the others",
        ),
        ("10.3.200.1/24", "one larger internal network."),
    ],
)
def test_a_second_nat_is_refused_with_the_network_that_serves_both(used, offered):
    """The host knows more than the file, and says what the file alone says as well."""
    wanted = topology(f"switches: [{TRANSLATING.replace('10.4.0', '10.3.128')}]")
    (alone,) = (item for item in validate(wanted) if item.code == "several-nats")
    assert "nat: 10.3.0.0/16 on switch A" in alone.hint
    found = match_findings(wanted, {(): replace(OLD, ip_interfaces=(interface("LAN", used),))})
    (finding,) = (item for item in found if item.code == "several-nats")
    assert offered in finding.hint


LEASED = "vms: [{name: a, network_adapters: [{name: LAN, switch: Corp, dhcp: true%s}]}]"


@pytest.mark.parametrize(
    ("switches", "vlan", "said", "unsaid"),
    [
        (
            "{name: Corp, switch_type: External, net_adapter: Ethernet}",
            "",
            "DHCP server of the physical network of switch Corp answers",
            "range",
        ),
        (
            "{name: Corp, switch_type: External, net_adapter: Ethernet}",
            ", vlan: {access: 30}",
            "the physical network of switch Corp, VLAN 30, answers",
            "range",
        ),
        ("{name: Corp, existing: true}", "", "on the existing switch Corp", "range"),
        ("{name: Corp, switch_type: Private}", "", "make switch Corp Internal", "physical"),
        (
            "{name: Corp, switch_type: Internal, ip_address: 10.0.0.1/24}",
            "",
            "add dhcp: {range: ...} to switch Corp",
            "physical",
        ),
        ("{name: Corp, switch_type: Internal}", "", "add ip_address and dhcp: {", "physical"),
        (
            "{name: Corp, switch_type: Internal, ip_address: 10.0.0.1/24, dhcp: {range: 10.0.0.9-10.0.0.20}}",
            "",
            "DHCP server of switch Corp (10.0.0.9-10.0.0.20) runs",
            "add dhcp",
        ),
    ],
)
def test_who_is_to_serve_dhcp_depends_on_the_network(switches, vlan, said, unsaid):
    """On a physical network, a range of the file would answer machines that are not of the lab."""
    wanted = topology(f"switches: [{switches}]\n{LEASED % vlan}")
    found = match_findings(wanted, {(): with_own_adapter("169.254.17.4")})
    (finding,) = (item for item in found if item.code == "dhcp-unanswered")
    assert said in finding.hint
    assert unsaid not in finding.hint


def test_a_linux_guest_and_a_windows_client_get_the_hint_that_fits():
    text = "switches: [{name: Corp, switch_type: Internal, ip_address: 10.0.0.1/24}]\n" + ONE_VM % (
        "guest: {os: linux}, network_adapters: [{name: LAN, switch: Corp, dhcp: true}]"
    )
    state = with_own_adapter("169.254.17.4")
    client = replace(state, computer=replace(state.computer, product_type=1))
    hints = []
    for each in (state, client):
        found = match_findings(topology(text), {(): each})
        (finding,) = (item for item in found if item.code == "dhcp-unanswered")
        hints.append(finding.hint)
    assert all("dhclient" in hint and "ipconfig" not in hint for hint in hints)
    assert ["dhcp: {range" in hint for hint in hints] == [True, False]


def test_every_rule_has_a_case():
    said = {
        finding.code
        for wanted, state in FITS.values()
        for finding in match_findings(wanted, {(): state})
    }
    declared = {rule.code for detector in REGISTRY.match for rule in detector.rules}
    assert declared - said == set()


def test_findings_name_the_line_of_the_file():
    assert match_findings(NAT_LAB, {(): FITS["disk-missing"][1]})[0].location.endswith(
        "nat-lab.yml:4:18"
    )


@pytest.mark.parametrize(
    ("name", "files"),
    [
        ("a", (r"D:\vms\theirs.vhdx",)),
        ("a", (r"D:\vms\theirs_1.avhdx", r"D:\vms\theirs.vhdx")),
        ("b", (r"D:\vms\theirs.vhdx",)),
        ("b", (r"D:\vms\other.vhdx",)),
    ],
)
def test_a_disk_of_the_topology_s_own_is_no_obstacle(name, files):
    wanted = topology(
        r"vms: [{name: a, disk: {path: 'D:\VMs\theirs.vhdx'}}, {name: b, disk: {size: 10GB}}]"
    )
    assert "disk-in-use" not in match_findings(wanted, {(): used(name, *files, notes=MARK)}).codes


def test_a_disk_of_a_vm_that_is_left_over_is_in_use():
    state = used("b", r"D:\vms\theirs.vhdx", notes=MARK)
    assert "disk-in-use" in match_findings(BY_PATH, {(): state}).codes


@pytest.mark.parametrize("name", ["azure-with-vms", "azure"])
def test_nat_is_the_way_out_in_azure_and_needs_no_bridge(name):
    external = topology(
        "switches: [{name: A, switch_type: External, net_adapter: Ethernet}]\n"
        + ONE_VM % "state: 'Off'"
    )
    assert "bridge-in-azure" not in match_findings(NAT_LAB, {(): HOSTS[name]}).codes
    assert "bridge-in-azure" not in match_findings(external, {(): HOSTS[name]}).codes


def test_a_nested_host_is_judged_by_its_own_state():
    inside = replace(with_hyper_v(vms=(vm("web1"),)), machine=("HV1",))
    assert [
        (finding.code, finding.subject) for finding in match_findings(NAT_LAB, {("HV1",): inside})
    ] == [("name-clash", "VM HV1/web1")]
