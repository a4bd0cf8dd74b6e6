"""Every key of the topology file is in the form, captured, seen in drift, simulated and documented."""

from pathlib import Path

import pytest

import nestlab
from nestlab.model.plain import Declared, written_fields
from nestlab.simulator.scenarios.scenario_keys import SCENARIO
from nestlab.topology_file.key_types import ListOf, Shape
from nestlab.topology_file.keys import ADAPTER_SETTINGS, TOPOLOGY, VM_SETTINGS
from nestlab.topology_file.reference import reference, shapes_of
from nestlab.topology_file.writing import render
from tests.plain_keys import samples
from tests.strategies import DRAWN, topologies

PAGE = Path(__file__).parents[2] / "docs" / "topology-file.md"
SHAPES = {shape.model.__name__: shape for shape in shapes_of(TOPOLOGY)}

# Two values for each key: what is built, and what the file says then.
SAMPLES = {
    "Switch": {
        "name": ("Lab", "Lab2"),
        "switch_type": ("Internal", "Private"),
        "ip_address": ("192.168.100.1/24", "192.168.100.2/24"),
        "gateway": ("192.168.100.250", "192.168.100.251"),
        "dns_servers": (["1.1.1.1"], ["8.8.8.8"]),
        "interface_metric": (20, 30),
        "vlan": ({"access": 10}, {"access": 20}),
        "management_adapters": (
            [{"name": "Further", "ip_address": "10.8.0.1/24"}],
            [{"name": "Further", "ip_address": "10.8.0.2/24"}],
        ),
        "nat": ("192.168.100.0/24", None),
        "port_forwards": (
            [{"protocol": "tcp", "external_port": 8080, "to": "192.168.100.11:80"}],
            [{"protocol": "tcp", "external_port": 8081, "to": "192.168.100.11:80"}],
        ),
    },
    "ManagementAdapter": {
        "name": ("Own", "Own2"),
        "ip_address": ("10.8.0.1/24", "10.8.0.2/24"),
        "gateway": ("10.8.0.250", "10.8.0.251"),
        "dns_servers": (["1.1.1.1"], ["8.8.8.8"]),
        "interface_metric": (40, 50),
        "vlan": ({"access": 10}, {"access": 20}),
    },
    "VM": {
        "name": ("a", "b"),
        "processor_count": (2, 4),
        "memory_startup": ("2GB", "3GB"),
        "dynamic_memory": ({"minimum": "1GB", "maximum": "4GB"}, None),
        "version": ("9.0", "10.0"),
        "state": ("Off", "Running"),
        **samples(VM_SETTINGS),
        "secure_boot": (False, "MicrosoftUEFICertificateAuthority"),
        "tpm": (True, False),
        "checkpoints": (["clean"], ["clean", "tested"]),
        "disk": ({"size": "20GB"}, {"size": "30GB"}),
        "disks": ([{"size": "4TB"}, {"size": "1GB"}], [{"size": "5TB"}, {"size": "1GB"}]),
        "dvd_drives": ([{}], []),
        "network_adapters": ([{"switch": "Lab"}], [{"switch": "Lab", "vlan": {"access": 10}}]),
        "notes": ("first", "second"),
        "expose_virtualization_extensions": (True, False),
    },
    "NetworkAdapter": {
        "name": ("Nic", "Nic2"),
        "switch": ("Lab", "Other"),
        "mac_address": ("00-15-5D-00-00-01", "00-15-5D-00-00-02"),
        "mac_address_spoofing": (True, False),
        "allow_teaming": (True, False),
        **samples(ADAPTER_SETTINGS),
        "vlan": ({"access": 10}, {"access": 20}),
        "connected": (True, False),
    },
    "Vlan": {
        "access": (10, 20),
        "trunk": (["1-10", 20], ["1-10", 30]),
        "native": (1, 2),
    },
}

_INSIDE = "part of the value of the key above it"
_LAYER = "drawn as a box of its own"
_FILE = "says something of the file or of the outside, not of an object on the host"
_GUEST = "needs a guest; the law of the honest plan in tests/lab changes it"
_ONCE = "fixed when the VM is created: a finding says so, and no step"


def _initial(each):
    return f"VMs of a scenario have Hyper-V's default; {each.setting.cmdlet} changes it"


EXCEPTIONS = {
    "form": {
        "Topology": dict.fromkeys(("uplinks", "switches", "vms"), _LAYER)
        | {"images": "written in the file"},
        "Image": dict.fromkeys(("path", "os", "prepared", "generation"), "written in the file"),
        "VM": {"network_adapters": _LAYER, "nested": _LAYER}
        | dict.fromkeys(("disk", "guest"), "its keys are fields of their own"),
        "Nested": dict.fromkeys(("switches", "vms"), _LAYER),
        "Switch": {"management_adapters": "written in the file"},
        "ManagementAdapter": dict.fromkeys(
            ("name", "ip_address", "gateway", "dns_servers", "interface_metric", "vlan"),
            "written in the file",
        ),
    },
    "capture": {
        "Topology": {"answers_ping": "nestlab does not set the firewall of the host"}
        | dict.fromkeys(("checks",), _FILE),
        "Switch": {
            "existing": "of others, or the Default Switch: tests/lab/test_existing_switches.py",
        },
        "VM": {"generation": "2 is the default"},
        "NetworkAdapter": {
            "connected": "an adapter without a switch is captured without one",
        },
        "Vlan": dict.fromkeys(
            ("trunk", "native"), "one mode at a time: tests/lab/test_capturing.py"
        ),
        "Uplink": {"routes": "only the gateway on that wire knows them"},
        "Image": dict.fromkeys(
            ("path", "os", "prepared", "generation"), f"{_INSIDE}; tests/lab/test_capture_law.py"
        ),
        "Disk": {"parent": "a prepared image of the host: tests/lab/test_capture_law.py"},
        "DataDisk": dict.fromkeys(
            ("image", "parent", "path"), f"{_INSIDE}; tests/lab/test_data_disks.py"
        ),
        "DvdDrive": {"path": "an ISO file of the host: tests/lab/test_dvd_drives.py"},
        "Check": dict.fromkeys(("from", "to", "expect"), _FILE),
    },
    "sample": {
        "Topology": dict.fromkeys(("forwarding", "routes", "answers_ping"), _GUEST)
        | dict.fromkeys(("checks", "images"), _FILE),
        "Image": dict.fromkeys(("path", "os", "prepared", "generation"), _FILE),
        "Switch": dict.fromkeys(
            ("net_adapter", "allow_management_os"), "only External switches have it"
        )
        | {"existing": "nestlab does not change it", "dhcp": "needs the DHCP role on the host"},
        "VM": dict.fromkeys(
            ("guest", "nested", "forwarding", "routes", "answers_ping", "nat"), _GUEST
        )
        | {"generation": _ONCE},
        "Disk": dict.fromkeys(("image", "parent", "size"), _ONCE),
        "DataDisk": dict.fromkeys(("image", "parent", "size", "path"), _INSIDE),
        "DvdDrive": {"path": _INSIDE},
        "Guest": dict.fromkeys(
            (
                "os",
                "credential",
                "computer_name",
                "cloud_init",
                "language",
                "time_zone",
                "features",
            ),
            _GUEST,
        ),
        "GuestNat": dict.fromkeys(("inside", "outside"), _GUEST),
        "NetworkAdapter": dict.fromkeys(
            ("gateway", "dns_servers", "interface_metric", "dhcp", "dhcp_server", "ip_address"),
            _GUEST,
        ),
        "Vlan": dict.fromkeys(("trunk", "native"), "one mode at a time"),
        "Nested": dict.fromkeys(("switches", "vms"), _GUEST),
        "Uplink": {"routes": "only the gateway on that wire knows them"},
        "Route": dict.fromkeys(("to", "via"), _GUEST),
        "DhcpRange": dict.fromkeys(
            ("range", "router", "dns_servers", "reservations"), "needs the DHCP role on the host"
        ),
        "DhcpReservation": dict.fromkeys(
            ("ip_address", "mac_address"), "needs the DHCP role on the host"
        ),
        "Check": dict.fromkeys(("from", "to", "expect"), _FILE),
    },
    "drift": {},
    "scenario": {
        "Switch": {
            "existing": "every switch of a scenario is there",
            "vlan": "own adapters of a scenario are untagged; Set-VMNetworkAdapterVlan changes it",
            "interface_metric": "the machine's own adapter has an automatic one",
            "management_adapters": "Add-VMNetworkAdapter -ManagementOS adds them",
            "nat": "a scenario has `nats`",
            "port_forwards": "the `nats` of a scenario have them",
            "dhcp": "scenarios have no DHCP role",
        },
        "VM": dict.fromkeys(
            ("guest", "forwarding", "routes", "answers_ping", "nat", "nested"),
            "VMs of a scenario have no system that answers",
        )
        | {each.key.name: _initial(each) for each in VM_SETTINGS}
        | {
            "dvd_drives": "VMs of a scenario have Hyper-V's; Add-VMDvdDrive adds more",
            "disks": "VMs of a scenario have one disk; Add-VMHardDiskDrive adds more",
            "secure_boot": "the template follows from the disk's image",
            "tpm": "VMs of a scenario have none; Enable-VMTPM gives them one",
        },
        "NetworkAdapter": dict.fromkeys(
            ("ip_address", "gateway", "dns_servers", "interface_metric", "dhcp", "dhcp_server"),
            "VMs of a scenario have no system that answers",
        )
        | {each.key.name: _initial(each) for each in ADAPTER_SETTINGS}
        | {
            "connected": "an adapter without a switch is not connected",
            "allow_teaming": "VMs of a scenario have Hyper-V's default; Set-VMNetworkAdapter changes it",
        },
    },
}


def reason(where, shape, key):
    return EXCEPTIONS[where].get(shape, {}).get(key, "")


def missing(where, found, shapes=None):
    """Return the keys that are not found and have no reason, and reasons that are not needed."""
    keys = [(shape, key.name) for shape in shapes or SHAPES for key in SHAPES[shape].keys]
    lost = [pair for pair in keys if pair not in found and not reason(where, *pair)]
    stale = [pair for pair in keys if pair in found and reason(where, *pair)]
    return lost, stale


def keys_in(data, shape):
    """Yield every key that plain data has, with the model it belongs to."""
    for name, value in data.items():
        yield shape.model.__name__, name
        kind = shape.by_name[name].value_kind
        if isinstance(kind, Shape):
            yield from keys_in(value, kind)
        elif isinstance(kind, ListOf) and isinstance(kind.item, Shape):
            for item in value:
                yield from keys_in(item, kind.item)


def topology(changed=None):
    """Return the lab of the first samples, with one key as its second sample says."""
    parts = {name: {key: pair[0] for key, pair in keys.items()} for name, keys in SAMPLES.items()}
    parts["NetworkAdapter"]["vlan"] = {"access": 10}
    if changed:
        shape, key = changed
        second = SAMPLES[shape][key][1]
        parts[shape] = {**parts[shape], key: second}
        if second is None:
            del parts[shape][key]
        if (shape, key) == ("Switch", "switch_type"):
            parts[shape] = {"name": "Lab", "switch_type": second}
    if changed != ("Switch", "management_adapters") and "management_adapters" in parts["Switch"]:
        parts["Switch"]["management_adapters"] = [parts["ManagementAdapter"]]
    vm, adapter = parts["VM"], parts["NetworkAdapter"]
    if changed == ("Switch", "name"):
        adapter = {**adapter, "switch": parts["Switch"]["name"]}
    if changed != ("VM", "network_adapters"):
        vm = {**vm, "network_adapters": [adapter]}
    if changed and changed[0] == "Vlan":
        vlan = parts["Vlan"]
        vlan = (
            {"access": vlan["access"]}
            if changed[1] == "access"
            else {"trunk": vlan["trunk"], "native": vlan["native"]}
        )
        vm = {**vm, "network_adapters": [{**adapter, "vlan": vlan}]}
    other = {"name": "Other", "switch_type": "Private"}
    return nestlab.loads(render({"name": "lab", "switches": [parts["Switch"], other], "vms": [vm]}))


@pytest.fixture(scope="module")
def host():
    host = nestlab.connect()
    lab = nestlab.Lab(topology(), host)
    failed = [str(result) for result in lab.apply(lab.plan()) if not result.ok]
    assert failed == [], "the lab with the first samples cannot be built"
    left = [f"{step.title}: {step.why}" for step in lab.plan().steps]
    assert left == [], "the lab with the first samples was built and is planned again"
    return host


def test_every_key_is_in_the_designers_form_or_says_why_not():
    found = {
        (shape.model.__name__, key.name)
        for shape in SHAPES.values()
        for key in shape.keys
        if key.label or shape.line
    }
    assert missing("form", found) == ([], [])


DEEP = r"""
name: deep
images:
  ws2022: {path: 'D:\images\ws2022.vhdx', prepared: false}
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
forwarding: true
routes: [{to: 10.7.0.0/24, via: 10.1.0.10}]
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.1.0.1/24, nat: 10.1.0.0/24, dhcp: {range: 10.1.0.100-10.1.0.120, router: 10.1.0.10, dns_servers: [1.1.1.1], reservations: [{ip_address: 10.1.0.50, mac_address: 00-15-5D-0A-00-50}]}}
vms:
  - name: HV1
    processor_count: 4
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin, language: es-ES, time_zone: Romance Standard Time}
    answers_ping: false
    forwarding: true
    routes: [{to: 10.8.0.0/24, via: 10.1.0.1}]
    network_adapters:
      - {name: one, switch: Lab, ip_address: 10.1.0.10/24, gateway: 10.1.0.1, dns_servers: [10.1.0.1], interface_metric: 25, mac_address_spoofing: true}
      - {name: two, switch: Lab, mac_address_spoofing: true}
      - {name: three, switch: Lab, dhcp: true}
    nested:
      switches:
        - {name: Wan, switch_type: External, net_adapter: two, allow_management_os: false}
        - {name: Inner, switch_type: Private}
      vms:
        - name: gw
          disk: {image: ws2022}
          guest: {os: windows, credential: lab-admin, features: [DNS]}
          nat: {inside: 10.9.0.0/24, outside: out}
          network_adapters:
            - {name: out, switch: Wan, ip_address: 10.1.0.12/24, gateway: 10.1.0.1}
            - {name: in, switch: Inner, ip_address: 10.9.0.1/24, dhcp_server: {range: 10.9.0.100-10.9.0.120}}
        - name: app
          disk: {image: ubuntu}
          guest: {os: linux, credential: lab-linux, cloud_init: true}
          network_adapters: [{switch: Wan, ip_address: 10.1.0.11/24, gateway: 10.1.0.1}]
"""


def test_every_key_is_captured_or_says_why_not(host):
    found = set(keys_in(nestlab.capture(host).to_dict(), TOPOLOGY))
    deep = nestlab.connect("sim:ws2022-generalized")
    assert [
        str(result) for result in nestlab.Lab(nestlab.loads(DEEP), deep).apply() if not result.ok
    ] == []
    credentials = {"HV1": "lab-admin", "HV1/gw": "lab-admin", "HV1/app": "lab-linux"}
    captured = nestlab.capture(deep, of_topology="deep", credential=credentials)
    assert nestlab.Lab(captured, deep).plan().is_empty
    found |= set(keys_in(captured.to_dict(), TOPOLOGY))
    assert missing("capture", found) == ([], [])


def test_every_key_with_a_sample_is_seen_where_the_host_differs(host):
    seen = set()
    for shape, keys in SAMPLES.items():
        for key in keys:
            try:
                differs = nestlab.Lab(topology((shape, key)), host).plan().steps
            except nestlab.NestlabError as refused:  # a finding says that it differs
                differs = refused
            if differs:
                seen.add((shape, key))
    sampled = {(shape, key) for shape, keys in SAMPLES.items() for key in keys}
    lost = [pair for pair in sampled - seen if not reason("drift", *pair)]
    stale = [pair for pair in seen if reason("drift", *pair)]
    assert (lost, stale) == ([], [])


def test_every_key_of_an_object_on_a_host_has_a_sample_or_says_why_not():
    unsampled = [
        (shape, key.name)
        for shape in SAMPLES
        for key in SHAPES[shape].keys
        if key.name not in SAMPLES[shape] and not reason("sample", shape, key.name)
    ]
    assert unsampled == []


def test_scenarios_have_every_key_of_an_object_on_a_host_or_say_why_not():
    tables = {
        "Switch": SCENARIO.by_name["switches"].value_kind.item,
        "VM": SCENARIO.by_name["vms"].value_kind.item,
    }
    tables["NetworkAdapter"] = tables["VM"].by_name["network_adapters"].value_kind.item
    found = {(name, key) for name, shape in tables.items() for key in shape.by_name}
    assert missing("scenario", found, tables) == ([], [])


def test_the_reference_page_is_current(request):
    if request.config.getoption("--update-cases"):
        PAGE.write_text(reference(), encoding="utf-8", newline="\n")
    assert PAGE.read_text(encoding="utf-8") == reference(), "run the test with --update-cases"


def test_strategies_draw_every_field_of_the_model():
    topologies.validate()  # strategies are made when they are first used
    forgotten = [
        f"{shape.model.__name__}.{item.attribute}"
        for shape in SHAPES.values()
        if issubclass(shape.model, Declared)
        for item in written_fields(shape.model)
        if item.attribute not in DRAWN.get(shape.model, ())
    ]
    assert forgotten == []


def test_the_model_and_the_key_table_agree():
    for shape in SHAPES.values():
        keys = [key.field for key in shape.keys]
        fields = [name for name in shape.model.__dataclass_fields__ if name != "origin"]
        if shape.build is None:
            assert keys == fields
