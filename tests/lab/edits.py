"""Small topologies that a simulated host can carry, and any edit of them."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from hypothesis import strategies as st

from nestlab.model import Size
from nestlab.model.topology import (
    VM,
    DataDisk,
    DhcpRange,
    DhcpReservation,
    Disk,
    DvdDrive,
    DynamicMemory,
    Guest,
    GuestNat,
    Image,
    ManagementAdapter,
    Nested,
    NetworkAdapter,
    PortForward,
    Route,
    SecureBoot,
    Switch,
    SwitchType,
    Topology,
    Vlan,
    VMState,
)
from nestlab.topology_file.keys import ADAPTER_SETTINGS, VM_SETTINGS
from tests.plain_keys import values_by_field

IMAGES = (
    Image(name="ws2022", path=r"D:\images\ws2022.vhdx"),
    Image(name="ubuntu", path=r"D:\images\ubuntu2404.vhdx", os="linux"),
)
COPIES = {image.path: image.path.replace(".vhdx", "-copy.vhdx") for image in IMAGES}
"""A second file of each image on the host."""
EXISTING = r"D:\own\existing.vhdx"
BRIDGE = "Bridge"
"""The External switch of a nested host."""
CORP = "Corp"
"""An Internal switch of the host that is not the topology's."""
WINDOWS = {
    "disk": Disk(image="ws2022"),
    "guest": Guest(os="windows", credential="lab-admin"),
}
KINDS = [
    WINDOWS,
    WINDOWS,
    {"disk": Disk(image="ubuntu"), "guest": Guest(os="linux")},
    {"disk": Disk(size=Size.parse("20GB")), "guest": Guest()},
    {"disk": Disk(size=Size.parse("40GB")), "guest": Guest()},
    {"disk": None, "guest": Guest()},
    {"disk": WINDOWS["disk"], "guest": Guest(os="windows")},
    {"disk": Disk(path=EXISTING), "guest": Guest()},
]
EMPTY, LARGER, LARGEST = (DataDisk(size=Size.parse(size)) for size in ("1GB", "2GB", "3GB"))
DATA_DISKS = [(), (EMPTY,), (EMPTY, EMPTY), (EMPTY, LARGER), (LARGER,), (LARGEST, EMPTY, LARGER)]
ISO = r"D:\own\setup.iso"
INSERTED = DvdDrive(path=ISO)
NETWORKS = {"A": "10.1.0", "B": "10.2.0", "C": "10.3.0"}
CLIENTS = {"A": 11, "B": 12, "C": 13}


def _further(switch, number):
    """An adapter of the machine with a VLAN, in a network of its own for each switch."""
    third = sum(map(ord, switch.name)) % 200
    address = IPv4Interface(f"10.{number + 20}.{third}.1/24")
    name = f"{switch.name} more"
    return (ManagementAdapter(name=name, ip_address=address, vlan=Vlan(access=number)),)


def _full_scope(net, last, servers, hosts):
    """A scope with options, and a reservation for each of two MAC addresses."""
    return DhcpRange(
        first=IPv4Address(f"{net}.100"),
        last=IPv4Address(f"{net}.{last}"),
        router=IPv4Address(f"{net}.11"),
        dns_servers=tuple(map(IPv4Address, servers)),
        reservations=tuple(
            DhcpReservation(
                ip_address=IPv4Address(f"{net}.{host}"), mac_address=f"00155DAA00{number:02X}"
            )
            for number, host in enumerate(hosts, 11)
        ),
    )


def _served(net, last, servers):
    """A scope of a guest, with one address."""
    address = IPv4Address(f"{net}.{last}")
    return DhcpRange(first=address, last=address, dns_servers=tuple(map(IPv4Address, servers)))


def _switch_values(switch):
    net = NETWORKS.get(switch.name, "10.9.0")
    return {
        "switch_type": [SwitchType.INTERNAL, SwitchType.PRIVATE],
        "ip_address": [None, IPv4Interface(f"{net}.1/24"), IPv4Interface(f"{net}.2/24")],
        "gateway": [None, IPv4Address(f"{net}.254")],
        "dns_servers": [
            (),
            (IPv4Address("1.1.1.1"),),
            (IPv4Address("9.9.9.9"), IPv4Address("1.1.1.1")),
        ],
        "interface_metric": [None, 20, 30],
        "vlan": [None, Vlan(access=20), Vlan(trunk=(20, 30), native=20)],
        "management_adapters": [(), _further(switch, 7), _further(switch, 8)],
        "nat": [None, IPv4Network(f"{net}.0/24")],
        "port_forwards": [
            (),
            (
                PortForward(
                    protocol="tcp",
                    external_port=8080,
                    to_address=IPv4Address(f"{net}.11"),
                    to_port=80,
                ),
            ),
        ],
        "dhcp": [
            None,
            DhcpRange(first=IPv4Address(f"{net}.100"), last=IPv4Address(f"{net}.120")),
            _full_scope(net, 110, ("1.1.1.1",), (0x40, 0x41)),
            _full_scope(net, 120, ("9.9.9.9", "1.1.1.1"), (0x42, 0x41)),
        ],
    }


def _adapter_values(adapter, number):
    net = NETWORKS.get(adapter.switch or "", "10.9.0")
    return {
        "ip_address": [
            None,
            IPv4Interface(f"{net}.{number}/24"),
            IPv4Interface(f"{net}.{number + 50}/24"),
        ],
        "gateway": [None, IPv4Address(f"{net}.1"), IPv4Address(f"{net}.2")],
        "dns_servers": [(), (IPv4Address("1.1.1.1"),)],
        "interface_metric": [None, 25],
        "dhcp": [False, True],
        "dhcp_server": [
            None,
            # One address, which is in no range of a switch and the same as of no other adapter.
            _served(net, number + 150, ()),
            _served(net, number + 150, ("1.1.1.1",)),
        ],
        "mac_address": [None, f"00155DAA00{number:02X}", f"00155DAB00{number:02X}"],
        "mac_address_spoofing": [False, True],
        "allow_teaming": [None, True, False],
        **values_by_field(ADAPTER_SETTINGS),
        "vlan": [None, Vlan(access=10), Vlan(trunk=(10, 20), native=1)],
        "connected": [True, False],
        "switch": [None, *NETWORKS],
    }


def _nats(vm):
    """The NATs from the network of one adapter to another."""
    return [
        GuestNat(inside=inside.ip_address.network, outside=outside.name)
        for inside in vm.network_adapters
        for outside in vm.network_adapters
        if inside.ip_address and outside is not inside and vm.nested is None
    ]


def _vm_values(vm, path):
    of_host = [(INSERTED,), (INSERTED, DvdDrive())] if len(path) == 1 else []
    return {
        "generation": [2, 1],
        "processor_count": [1, 2, 4],
        "memory_startup": [Size.parse("1GB"), Size.parse("2GB")]
        if vm.nested is None
        else [Size.parse("6GB"), Size.parse("8GB")],
        "dynamic_memory": [
            None,
            DynamicMemory(minimum=Size.parse("512MB"), maximum=Size.parse("10GB")),
        ],
        "version": [None, "9.0", "10.0"],
        "disks": DATA_DISKS,
        "dvd_drives": [None, (), (DvdDrive(),), (DvdDrive(), DvdDrive()), *of_host],
        "checkpoints": [(), ("clean",), ("clean", "tested")],
        "tpm": [None, True, False] if vm.generation == 2 else [None, False],
        "secure_boot": [None, *SecureBoot] if vm.guest.os != "windows" else [None, SecureBoot.OFF],
        "state": [VMState.RUNNING, VMState.OFF],
        "notes": ["", "seat 3", "two\nlines"],
        "expose_virtualization_extensions": [None, True, False],
        "answers_ping": [True, False],
        **values_by_field(VM_SETTINGS),
        "nat": [None, *_nats(vm)],
        "guest": [
            replace(vm.guest, computer_name=name, features=features)
            for features in ((), ("DNS",), ("Failover-Clustering",))
            if not features or vm.guest.os == "windows"
            for name in (None, "PC-1", "PC-" + re.sub(r"[^A-Za-z0-9-]", "", vm.name)[:12])
        ],
    }


def _machine_values():
    hops = [f"{net}.9" for net in NETWORKS.values()] + ["192.0.2.9"]
    one, other = (
        [Route(to=IPv4Network(to), via=IPv4Address(hop)) for hop in hops]
        for to in ("10.77.0.0/16", "10.78.0.0/16")
    )
    routes = [*((route,) for route in one), *((a, b) for a in one for b in other)]
    return {"forwarding": [False, True], "routes": [(), *routes]}


# -- edits: each takes a topology and a way to draw, and returns another topology
# ---------------------------------------


def edit_switch(topology, draw):
    machine, path = _some_host(topology, draw)
    if not machine.switches:
        return topology
    index = draw(st.integers(0, len(machine.switches) - 1))
    switch = machine.switches[index]
    key, value = _one(_switch_values(switch), switch, draw)
    return _with_switches(
        topology, path, _put(machine.switches, index, replace(switch, **{key: value}))
    )


def add_switch(topology, draw):
    machine, path = _some_host(topology, draw)
    free = [name for name in NETWORKS if name not in {switch.name for switch in machine.switches}]
    if not free:
        return topology
    name = draw(st.sampled_from(free))
    address = draw(st.sampled_from([None, IPv4Interface(f"{NETWORKS[name]}.1/24")]))
    new = Switch(name=name, switch_type=SwitchType.INTERNAL, ip_address=address)
    return _with_switches(topology, path, (*machine.switches, new))


def bridge_nested_host(topology, draw):
    """Give a nested host an External switch on its first adapter, or edit or remove the one that it has."""
    hosts = [(p, vm) for p, vm in topology.machines() if p and vm.nested and vm.network_adapters]
    if not hosts:
        return topology
    path, vm = draw(st.sampled_from(hosts))
    others = tuple(s for s in vm.switches if s.switch_type is not SwitchType.EXTERNAL)
    first = replace(vm.network_adapters[0], mac_address_spoofing=True)
    vm = replace(vm, network_adapters=(first, *vm.network_adapters[1:]))
    switch = Switch(
        name=BRIDGE,
        switch_type=SwitchType.EXTERNAL,
        net_adapters=(first.name,),
        **draw(
            st.sampled_from(
                [
                    {},
                    {},
                    {"allow_management_os": False},
                    {"ip_address": IPv4Interface("10.1.0.60/24")},
                    {
                        "ip_address": IPv4Interface("10.1.0.60/24"),
                        "gateway": IPv4Address("10.1.0.1"),
                    },
                    {"dns_servers": (IPv4Address("1.1.1.1"),), "vlan": Vlan(access=20)},
                ]
            )
        ),
    )
    is_removed = len(others) < len(vm.switches) and draw(st.booleans())
    changed = _with_vm(topology, path, vm)
    return _with_switches(changed, path, others if is_removed else (*others, switch))


def use_existing_switch(topology, draw):  # there is one of them
    if any(switch.name == CORP for switch in topology.switches):
        return topology
    return replace(topology, switches=(*topology.switches, Switch(name=CORP, existing=True)))


def edit_image(topology, draw):
    """Name an image otherwise, or take another file for it."""
    if not topology.images:
        return topology
    index = draw(st.integers(0, len(topology.images) - 1))
    image = topology.images[index]
    if draw(st.booleans()):
        path = COPIES.get(image.path) or next(p for p, copy in COPIES.items() if copy == image.path)
        return replace(topology, images=_put(topology.images, index, replace(image, path=path)))
    name = f"{image.name}-b"
    renamed = replace(topology, images=_put(topology.images, index, replace(image, name=name)))
    for path, vm in topology.machines():
        if path and vm.disk and vm.disk.image == image.name:
            now = renamed.machine(path)
            disk = replace(vm.disk, image=name)
            renamed = _with_vm(renamed, path, replace(now, disk=disk))
    return renamed


def drop_switch(topology, draw):
    machine, path = _some_host(topology, draw)
    if not machine.switches:
        return topology
    gone = draw(st.sampled_from(machine.switches))
    left = tuple(switch for switch in machine.switches if switch is not gone)
    vms = tuple(_off_switch(vm, gone.name) for vm in machine.vms)
    return _with_vms(_with_switches(topology, path, left), path, vms)


def edit_adapter(topology, draw):
    found = [(path, vm) for path, vm in topology.machines() if path and vm.network_adapters]
    if not found:
        return topology
    path, vm = draw(st.sampled_from(found))
    index = draw(st.integers(0, len(vm.network_adapters) - 1))
    adapter = vm.network_adapters[index]
    # A short file has VMs with many adapters, and no last octet of the values may pass 254.
    values = _adapter_values(adapter, _number(path) + 20 * (index % 3))
    values["switch"] = [None, *(switch.name for switch in topology.machine(path[:-1]).switches)]
    key, value = _one(values, adapter, draw)
    changed = replace(adapter, **{key: value})
    if key == "switch":
        changed = replace(changed, ip_address=None, gateway=None)
    return _with_vm(
        topology, path, replace(vm, network_adapters=_put(vm.network_adapters, index, changed))
    )


def add_adapter(topology, draw):
    path, vm = _some_vm(topology, draw)
    if vm is None or len(vm.network_adapters) > 1:
        return topology
    switches = [switch.name for switch in topology.machine(path[:-1]).switches]
    name = "one" if not any(a.name == "one" for a in vm.network_adapters) else "two"
    new = NetworkAdapter(name=name, switch=draw(st.sampled_from([None, *switches])))
    return _with_vm(topology, path, replace(vm, network_adapters=(*vm.network_adapters, new)))


def drop_adapter(topology, draw):
    path, vm = _some_vm(topology, draw)
    if vm is None or not vm.network_adapters:
        return topology
    gone = draw(st.integers(0, len(vm.network_adapters) - 1))
    return _with_vm(
        topology,
        path,
        replace(vm, network_adapters=vm.network_adapters[:gone] + vm.network_adapters[gone + 1 :]),
    )


def rename_adapter(topology, draw):
    path, vm = _some_vm(topology, draw)
    if vm is None or not vm.network_adapters:
        return topology
    first = replace(vm.network_adapters[0], name="renamed")
    return _with_vm(topology, path, replace(vm, network_adapters=(first, *vm.network_adapters[1:])))


def edit_vm(topology, draw):
    path, vm = _some_vm(topology, draw)
    if vm is None:
        return topology
    key, value = _one(_vm_values(vm, path), vm, draw)
    return _with_vm(topology, path, replace(vm, **{key: value}))


def edit_kind(topology, draw):
    path, vm = _some_vm(topology, draw)
    if vm is None or vm.nested is not None:
        return topology
    return _with_vm(topology, path, replace(vm, **draw(st.sampled_from(KINDS))))


def edit_routing(topology, draw):
    paths = [path for path, _ in topology.machines()]
    path = draw(st.sampled_from(paths))
    machine = topology.machine(path)
    key, value = _one(_machine_values(), machine, draw)
    changed = replace(machine, **{key: value})
    return _with_vm(topology, path, changed) if path else changed


def add_vm(topology, draw):
    machine, path = _some_host(topology, draw)
    free = [name for name in ("v1", "v2", "v3") if name not in {vm.name for vm in machine.vms}]
    if len(machine.vms) > 1 or not free:
        return topology
    kind = draw(st.sampled_from(KINDS))
    switches = [switch.name for switch in machine.switches]
    adapter = NetworkAdapter(name="one", switch=draw(st.sampled_from([None, *switches])))
    vm = VM(
        name=draw(st.sampled_from(free)),
        memory_startup=Size.parse("1GB"),
        network_adapters=(adapter,),
        **kind,
    )
    return _with_vms(topology, path, (*machine.vms, vm))


def drop_vm(topology, draw):
    path, vm = _some_vm(topology, draw)
    if vm is None:
        return topology
    above = topology.machine(path[:-1])
    return _with_vms(
        topology, path[:-1], tuple(other for other in above.vms if other.name != vm.name)
    )


def rename_vm(topology, draw):
    path, vm = _some_vm(topology, draw)
    if vm is None:
        return topology
    taken = {other.name for other in topology.machine(path[:-1]).vms}
    name = draw(st.sampled_from(["v4", "v5"]))
    return topology if name in taken else _with_vm(topology, path, replace(vm, name=name))


def move_vm(topology, draw):
    path, vm = _some_vm(topology, draw)
    hosts = [
        there
        for there, machine in topology.hosts()
        if there != path[:-1] and there[: len(path)] != path
    ]
    if vm is None or vm.nested is not None or not hosts:
        return topology
    target = draw(st.sampled_from(hosts))
    if any(other.name == vm.name for other in topology.machine(target).vms):
        return topology
    switches = {switch.name for switch in topology.machine(target).switches}
    adapters = tuple(
        adapter if adapter.switch in switches else replace(adapter, switch=None)
        for adapter in vm.network_adapters
    )
    left = tuple(other for other in topology.machine(path[:-1]).vms if other.name != vm.name)
    without = _with_vms(topology, path[:-1], left)
    return _with_vms(
        without, target, (*without.machine(target).vms, replace(vm, network_adapters=adapters))
    )


def toggle_nested(topology, draw):
    path, vm = _some_vm(topology, draw)
    if vm is None or len(path) > 1:
        return topology
    if vm.nested is not None:
        return _with_vm(topology, path, replace(vm, nested=None))
    return _with_vm(
        topology,
        path,
        replace(vm, nested=Nested(), memory_startup=Size.parse("6GB"), generation=2, **WINDOWS),
    )


EDITS = [
    edit_switch, edit_switch, add_switch, use_existing_switch, bridge_nested_host, drop_switch, edit_adapter, edit_adapter, edit_adapter, add_adapter, drop_adapter, rename_adapter,
    edit_vm, edit_vm, edit_vm, edit_kind, edit_routing, edit_routing, edit_image, add_vm, drop_vm, rename_vm, move_vm, toggle_nested,
]  # fmt: skip


@st.composite
def small_topologies(draw):
    """A lab with one or two VMs, often a nested host, and whatever some edits make of it."""
    inner = VM(
        name="v1",
        memory_startup=Size.parse("1GB"),
        network_adapters=(NetworkAdapter(name="one", switch="B"),),
        **WINDOWS,
    )
    outer = VM(
        name="HV",
        processor_count=4,
        memory_startup=Size.parse("8GB"),
        network_adapters=(
            NetworkAdapter(
                name="one",
                switch="A",
                ip_address=IPv4Interface("10.1.0.10/24"),
                gateway=IPv4Address("10.1.0.1"),
            ),
        ),
        nested=Nested(
            switches=(
                Switch(
                    name="B",
                    switch_type=SwitchType.INTERNAL,
                    ip_address=IPv4Interface("10.2.0.1/24"),
                ),
            ),
            vms=draw(st.sampled_from([(), (inner,)])),
        ),
        **WINDOWS,
    )
    plain = VM(
        name="v1",
        memory_startup=Size.parse("1GB"),
        network_adapters=(NetworkAdapter(name="one", switch="A"),),
        **draw(st.sampled_from(KINDS)),
    )
    a = Switch(name="A", switch_type=SwitchType.INTERNAL, ip_address=IPv4Interface("10.1.0.1/24"))
    topology = Topology(
        name="law",
        images=IMAGES,
        switches=(a,),
        vms=draw(st.sampled_from([(plain,), (outer,), (outer, plain)])),
    )
    for edit in draw(st.lists(st.sampled_from(EDITS), max_size=4)):
        topology = edit(topology, draw)
    return topology


# -- helpers
# -----------------------------------------------------------------------------------------------------------


def _one(values, now, draw):
    key = draw(st.sampled_from(sorted(values)))
    return key, draw(
        st.sampled_from(
            [value for value in values[key] if value != getattr(now, key)] or values[key]
        )
    )


def _put(items, index, item):
    return (*items[:index], item, *items[index + 1 :])


def _number(path):
    return 30 + sum(map(ord, "".join(path))) % 20


def _off_switch(vm, switch):
    adapters = (
        replace(a, switch=None, ip_address=None, gateway=None) if a.switch == switch else a
        for a in vm.network_adapters
    )
    return replace(vm, network_adapters=tuple(adapters))


def _some_host(topology, draw):
    path, machine = draw(st.sampled_from(list(topology.hosts())))
    return machine, path


def _some_vm(topology, draw):
    found = [(path, vm) for path, vm in topology.machines() if path]
    return draw(st.sampled_from(found)) if found else ((), None)


def _with_switches(topology, path, switches):
    machine = topology.machine(path)
    if not path:
        return replace(topology, switches=switches)
    return _with_vm(
        topology, path, replace(machine, nested=replace(machine.nested, switches=switches))
    )


def _with_vms(topology, path, vms):
    machine = topology.machine(path)
    if not path:
        return replace(topology, vms=vms)
    return _with_vm(topology, path, replace(machine, nested=replace(machine.nested, vms=vms)))


def _with_vm(topology, path, vm):
    above = topology.machine(path[:-1])
    return _with_vms(
        topology, path[:-1], tuple(vm if other.name == path[-1] else other for other in above.vms)
    )
