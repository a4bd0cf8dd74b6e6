"""A state file in which anything was changed by hand: it works, or is one clear error; never another exception, then or later."""

import copy
import json
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.errors import NestlabError, StateFileError
from nestlab.model import Cmdlet
from nestlab.observe import observe
from nestlab.simulator.scenarios import scenario_names
from nestlab.topology_file import loads

LAB = r"""
name: lab
switches:
  - name: S
    switch_type: Internal
    ip_address: 10.70.1.1/24
    nat: 10.70.1.0/24
    dhcp: {range: 10.70.1.100-10.70.1.150}
    port_forwards: [{protocol: tcp, external_port: 8080, to: 10.70.1.9:80}]
  - {name: X, switch_type: External, net_adapter: Ethernet}
vms:
  - name: HV
    memory_startup: 8GB
    disk: {parent: 'D:\images\ws2022.vhdx'}
    guest: {os: windows, credential: c}
    network_adapters:
      - {name: One, switch: S, dhcp: true, vlan: {access: 10}}
      - {name: Two, switch: X, ip_address: 192.0.2.77/24, mac_address_spoofing: true}
    nested:
      switches: [{name: N, switch_type: Internal, ip_address: 10.71.0.1/24, nat: 10.71.0.0/24}]
      vms:
        - name: in
          memory_startup: 1GB
          disk: {size: 10GB}
          guest: {os: linux}
          network_adapters: [{switch: N, ip_address: 10.71.0.5/24, vlan: {trunk: [10, 20], native: 1}}]
"""
TEXTS = [
    "",
    "x",
    "S",
    "::1",
    "10.0.0.300",
    "999.1.1.1/24",
    "Off",
    "\0",
    "\ud800",
    "\u202e",
    "00155D000001",
    "C:\\x",
    "-1",
    "1e400",
    "é" * 5,
]
VALUES = [
    None,
    -1,
    0,
    1,
    33,
    10**9,
    10**30,
    -(10**30),
    2**63,
    1.5,
    1e308,
    float("nan"),
    True,
    False,
    [],
    {},
    ["x"],
    {"a": 1},
    [[]],
    [{}],
]
LATER = [
    Cmdlet("Get-VM"),
    Cmdlet("Get-VMSnapshot", {"VMName": "*"}),
    Cmdlet("Get-VHD", {"Path": r"D:\images\ws2022.vhdx"}),
    Cmdlet("Get-NetIPConfiguration"),
    Cmdlet("Get-DhcpServerv4Lease", {"ScopeId": "10.70.1.0"}),
    Cmdlet("Stop-VM", {"Name": "HV", "Force": True, "TurnOff": True}),
    Cmdlet("Start-VM", {"Name": "HV"}),
    Cmdlet("Start-VM", {"Name": "dc-archive"}),
    Cmdlet("Restore-VMSnapshot", {"VMName": "dc-archive", "Name": "one", "Confirm": False}),
    Cmdlet("New-VMSwitch", {"Name": "Y", "SwitchType": "Internal"}),
    Cmdlet(
        "New-NetIPAddress",
        {"InterfaceAlias": "vEthernet (Y)", "IPAddress": "10.99.0.1", "PrefixLength": 24},
    ),
    Cmdlet("New-NetNat", {"Name": "q", "InternalIPInterfaceAddressPrefix": "10.99.0.0/24"}),
    Cmdlet("Test-NetConnection", {"ComputerName": "10.70.1.1"}),
    Cmdlet("Test-NetConnection", {"ComputerName": "1.1.1.1"}),
    Cmdlet("Checkpoint-VM", {"Name": "dc-archive"}),
    Cmdlet("Restart-Computer", {"Force": True}),
    Cmdlet("Remove-VM", {"Name": "HV", "Force": True}),
    Cmdlet("Remove-VMSwitch", {"Name": "X", "Force": True}),
]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    host = nestlab.connect(f"sim:ws2022-intel?state={folder / 'host.json'}")
    assert [
        str(result)
        for result in nestlab.Lab(loads(LAB), host, folder / "journal.jsonl").apply()
        if not result.ok
    ] == []
    host.run(Cmdlet("Checkpoint-VM", {"Name": "dc-archive", "SnapshotName": "one"}))
    return json.loads((folder / "host.json").read_text(encoding="utf-8"))


def _places(data, path=()):
    for key, value in (
        data.items()
        if isinstance(data, dict)
        else enumerate(data)
        if isinstance(data, list)
        else ()
    ):
        yield (*path, key)
        yield from _places(value, (*path, key))


def _at(data, path):
    for key in path:
        data = data[key]
    return data


def _damaged(whole, chance):
    """Return the state with one place deleted, doubled, replaced by something of another place, or by any value."""
    data = copy.deepcopy(whole)
    places = [path for path in _places(whole) if path[0] not in ("format", "version")]
    *path, key = chance.choice(places)
    parent, how = _at(data, path), chance.random()
    if how < 0.1:
        del parent[key]
    elif how < 0.2 and isinstance(parent, list):
        parent.append(copy.deepcopy(parent[key]))
    elif how < 0.4:
        parent[key] = copy.deepcopy(_at(whole, chance.choice(places)))
    else:
        parent[key] = chance.choice(TEXTS + VALUES)
    return data


def _error_of(look):
    """Return the error of nestlab that a look ends in; any other is none of those that may be."""
    try:
        look()
    except NestlabError as error:
        return error
    return None


@given(st.integers(0, 10**9))
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_whatever_is_changed_in_the_file_it_works_or_is_one_clear_error(whole, tmp_path, seed):
    path = tmp_path / "damaged.json"
    path.write_text(json.dumps(_damaged(whole, random.Random(seed))), encoding="utf-8")  # noqa: S311  # what to damage need not be secret
    address = f"sim:ws2022-intel?state={path}"
    refused = _error_of(lambda: nestlab.connect(address))
    if refused is not None:
        assert isinstance(refused, StateFileError)
        assert refused.message.startswith(f"{path}: ")
        assert refused.hint
        return
    host = nestlab.connect(address)
    looks = (lambda: observe(host), *(lambda cmdlet=cmdlet: host.run(cmdlet) for cmdlet in LATER))
    assert [error for error in map(_error_of, looks) if isinstance(error, StateFileError)] == []
    nestlab.connect(address)  # what it wrote can be read


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("host", "hyper_v", "vms", 0, "state"), "x", "hyper_v.vms[0].state, found 'x'"),
        (("host", "hyper_v", "vms", 0, "id"), "x", "expected an Id at host.hyper_v.vms[0].id"),
        (("host", "hyper_v", "vms", 0, "created"), 10**30, "seconds from 0 to"),
        (
            ("host", "adapters", 0, "ip"),
            {"addresses": [{"address": "10.0.0.1", "prefix_length": -1}]},
            "prefix_length",
        ),
        (
            ("host", "adapters", 0, "ip"),
            {"addresses": [{"address": "10.0.0.300", "prefix_length": 8}]},
            "expected an IPv4 address",
        ),
        (
            ("host", "dhcp_scopes", 0, "start"),
            "10.99.0.1",
            "host.dhcp_scopes[0] is not a DHCP scope",
        ),
        (("clock", "now"), float("nan"), "seconds from 0 to"),
        (("clock", "nat_changes"), "x", "expected numbers at clock.nat_changes"),
        (("clock", "fault_call_counts"), ["x"], "expected numbers at clock.fault_call_counts"),
        (("clock", "seen"), ["x"], "expected numbers at clock.seen"),
    ],
)
def test_a_value_that_the_simulator_never_writes_is_named_with_its_place(
    whole, tmp_path, path, value, says
):
    data = copy.deepcopy(whole)
    *above, key = path
    _at(data, above)[key] = value
    file = tmp_path / "damaged.json"
    file.write_text(json.dumps(data), encoding="utf-8")
    with pytest.raises(StateFileError) as caught:
        nestlab.connect(f"sim:ws2022-intel?state={file}")
    assert says in caught.value.message


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_is_kept_and_read_again(name, tmp_path):
    address = f"sim:{name}?state={tmp_path / 'host.json'}"
    nestlab.connect(address)
    nestlab.connect(address)
