"""Hypothesis strategies for values of the model; import with `from tests.strategies import topologies`."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from hypothesis import strategies as st

from nestlab.model import Size
from nestlab.model.topology import (
    VM,
    Check,
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
    Uplink,
    Vlan,
    VMState,
)
from nestlab.topology_file.keys import ADAPTER_SETTINGS, VM_SETTINGS
from tests.plain_keys import values_by_field

DRAWN: dict[type, set[str]] = {}
"""The fields of each class of the model that these strategies draw."""


def _built(kind, **fields):
    """Return the strategy of a class, and record which of its fields are drawn."""
    DRAWN.setdefault(kind, set()).update(fields)
    return st.builds(kind, **fields)


def _settings(settings):
    return {name: st.sampled_from(values) for name, values in values_by_field(settings).items()}


# Words that YAML 1.1 takes for something else, and signs that need quotes, come first.
_TRICKY = [
    "no",
    "on",
    "y",
    "null",
    "~ x",
    "9.0",
    "0x1F",
    "1_000",
    "12:30:45",
    "2026-01-01",
    "it's",
    "a: b",
    "a #b",
    "- x",
    "{x}",
    "'q'",
    '"q"',
    "D:\\x",
    "Ünï",
    "<<",
    "=",
    "%",
    "@",
    "`",
    "!x",
    "&a",
    "|",
    ">",
]
_letters = st.characters(
    codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="*?[]`/"
)
names = st.one_of(
    st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,9}", fullmatch=True),
    st.sampled_from([word for word in _TRICKY if not set(word) & set("*?[]`/")]),
    st.text(_letters, min_size=1, max_size=12).map(str.strip).filter(bool),
).filter(
    lambda name: (
        name.casefold() not in ("host", "internet") and name not in ("~", "null", "Null", "NULL")
    )
)
lines = st.one_of(
    names, st.sampled_from(_TRICKY), st.just("two\nlines\t\"quoted\" \\ 'both'"), st.just("")
)
sizes = st.one_of(
    st.integers(1, 512).map(lambda n: Size(n << 30)), st.integers(1, (1 << 63) - 1).map(Size)
)
addresses = st.integers(0x0A000001, 0x0AFFFFFE).map(IPv4Address)
interfaces = st.builds(
    lambda address, prefix: IPv4Interface(f"{address}/{prefix}"), addresses, st.integers(8, 32)
)
networks = interfaces.map(lambda interface: IPv4Network(interface.network))
macs = st.integers(1, (1 << 40) - 1).map(lambda n: f"{n:012X}")
_metrics = st.none() | st.integers(1, 9999)
_servers = st.lists(addresses, max_size=2).map(tuple)

routes = st.lists(_built(Route, to=networks, via=addresses), max_size=2).map(tuple)
vlans = st.one_of(
    _built(Vlan, access=st.integers(0, 5000)),
    _built(
        Vlan,
        access=st.none() | st.integers(1, 9),
        trunk=st.lists(st.integers(1, 4094), min_size=1, max_size=3).map(tuple),
        native=st.none() | st.integers(0, 9),
    ),
)
port_forwards = _built(
    PortForward,
    protocol=st.sampled_from(["tcp", "udp"]),
    external_port=st.integers(1, 65535),
    to_address=addresses,
    to_port=st.integers(1, 65535),
)
dhcp_ranges = _built(
    DhcpRange,
    first=addresses,
    last=addresses,
    router=st.none() | addresses,
    dns_servers=_servers,
    reservations=st.lists(
        _built(DhcpReservation, ip_address=addresses, mac_address=macs), max_size=2
    ).map(tuple),
).map(
    lambda drawn: replace(
        drawn, first=min(drawn.first, drawn.last), last=max(drawn.first, drawn.last)
    )
)
management_adapters = _built(
    ManagementAdapter,
    name=names,
    ip_address=st.none() | interfaces,
    gateway=st.none() | addresses,
    dns_servers=_servers,
    interface_metric=_metrics,
    vlan=st.none() | vlans,
)
_switch_types = st.sampled_from(SwitchType)
_switch_settings = {
    "name": names,
    "net_adapters": st.lists(names, max_size=3, unique=True).map(tuple),
    "allow_management_os": st.booleans(),
    "ip_address": st.none() | interfaces,
    "gateway": st.none() | addresses,
    "dns_servers": _servers,
    "interface_metric": _metrics,
    "vlan": st.none() | vlans,
    "management_adapters": st.just(()) | st.lists(management_adapters, max_size=2).map(tuple),
    "nat": st.none() | networks,
    "port_forwards": st.lists(port_forwards, max_size=2).map(tuple),
    "dhcp": st.none() | dhcp_ranges,
}
switches = st.one_of(
    _built(Switch, switch_type=_switch_types, **_switch_settings),
    _built(
        Switch, existing=st.just(True), switch_type=st.none() | _switch_types, **_switch_settings
    ),
)
adapters = _built(
    NetworkAdapter,
    name=st.just("Network Adapter") | names,
    switch=st.none() | names,
    ip_address=st.none() | interfaces,
    gateway=st.none() | addresses,
    dns_servers=_servers,
    interface_metric=_metrics,
    dhcp=st.booleans(),
    dhcp_server=st.none() | dhcp_ranges,
    mac_address=st.none() | macs,
    mac_address_spoofing=st.booleans(),
    allow_teaming=st.none() | st.booleans(),
    **_settings(ADAPTER_SETTINGS),
    vlan=st.none() | vlans,
    connected=st.booleans(),
)


def _disks(kind):
    images = st.sampled_from(["ws2022", "Win.11", "no", "12"])
    return st.one_of(
        _built(kind, parent=st.just(r"D:\images\ws2022.vhdx") | names),
        _built(kind, size=sizes),
        _built(kind, image=images, size=st.none() | sizes),
        _built(kind, parent=names, size=sizes),
        _built(kind, path=names),
    )


disks = _disks(Disk)
data_disks = _disks(DataDisk)
_memory = _built(DynamicMemory, minimum=sizes, maximum=sizes).filter(
    lambda drawn: drawn.minimum <= drawn.maximum
)


def _vms(children):
    nested = _built(
        Nested,
        switches=st.lists(switches, max_size=2).map(tuple),
        vms=st.lists(children, max_size=2).map(tuple),
    )
    return _built(
        VM,
        name=names,
        generation=st.sampled_from([1, 2]),
        processor_count=st.integers(1, 64),
        memory_startup=sizes,
        dynamic_memory=st.none() | _memory,
        version=st.none() | st.sampled_from(["5.0", "8.0", "9.3", "10.0"]),
        state=st.sampled_from(VMState),
        **_settings(VM_SETTINGS),
        checkpoints=st.lists(names, max_size=2, unique_by=str.casefold).map(tuple),
        disk=st.none() | disks,
        disks=st.lists(data_disks, max_size=2).map(tuple),
        dvd_drives=st.none()
        | st.lists(_built(DvdDrive, path=st.none() | names), max_size=2).map(tuple),
        guest=_built(
            Guest,
            os=st.sampled_from(["none", "windows", "linux"]),
            credential=st.none() | names,
            cloud_init=st.booleans(),
            language=st.none() | st.sampled_from(["es-ES", "sr-Latn-RS"]),
            time_zone=st.none() | st.sampled_from(["UTC", "Romance Standard Time"]),
            features=st.lists(
                st.sampled_from(["DNS", "RSAT-AD-Tools", "no"]), max_size=2, unique=True
            ).map(tuple),
            computer_name=st.none() | st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,14}", fullmatch=True),
        ),
        network_adapters=st.lists(adapters, max_size=2).map(tuple),
        notes=lines,
        secure_boot=st.none() | st.sampled_from(SecureBoot),
        tpm=st.none() | st.booleans(),
        nested=st.none() | nested,
        expose_virtualization_extensions=st.none() | st.booleans(),
        forwarding=st.booleans(),
        routes=routes,
        answers_ping=st.booleans(),
        nat=st.none() | _built(GuestNat, inside=networks, outside=names),
    )


vms = st.recursive(_built(VM, name=names), _vms, max_leaves=4)
uplinks = _built(
    Uplink,
    net_adapter=names,
    network=st.none() | networks,
    gateway=st.none() | addresses,
    ip_address=st.none() | interfaces,
    routes=routes,
)
checks = _built(Check, source=names, target=names, reachable=st.booleans())
images = st.lists(
    _built(
        Image,
        name=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,9}[A-Za-z0-9]", fullmatch=True)
        | st.sampled_from(["no", "12", "1.0", "y"]),
        path=st.just(r"D:\images\ws2022.vhdx") | names,
        os=st.sampled_from(["windows", "linux"]),
        prepared=st.booleans(),
        generation=st.sampled_from([None, 1, 2]),
    ),
    max_size=2,
    unique_by=lambda image: image.name,
).map(tuple)
topologies = _built(
    Topology,
    name=st.from_regex(r"[A-Za-z0-9-]{1,40}", fullmatch=True),
    description=lines,
    switches=st.lists(switches, max_size=2).map(tuple),
    vms=st.lists(vms, max_size=3).map(tuple),
    uplinks=st.lists(uplinks, max_size=1).map(tuple),
    images=images,
    checks=st.lists(checks, max_size=2).map(tuple),
    forwarding=st.booleans(),
    routes=routes,
    answers_ping=st.booleans(),
)
"""Any topology the file can say, sensible or not."""
