"""What is captured can be loaded, whatever a host has; what no file can say is listed, object by object."""

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nestlab
from nestlab.cli import main
from nestlab.lab.capture import capture_all
from nestlab.model import Cmdlet
from nestlab.observe import observe
from nestlab.simulator.scenarios import scenario_names
from nestlab.topology_file import dumps, load, loads, save

ODD = [
    "<script>alert(5)</script>",
    "web\x1b]0;x\x07",
    "a\u202egnp",
    "host",
    "Internet",
    " padded ",
    "x" * 100,
    "a*b",
    "it's",
    "no",
    "#x",
    "ü: y",
    "web",
    "WEB",
]
_names = st.sampled_from(ODD) | st.text(min_size=1, max_size=12)
_notes = st.sampled_from(
    ["", "two\r\nlines", "\x1b[2Jgone", "nestlab:other", "a: b # c"]
) | st.text(max_size=20)
_vlans = st.sampled_from(
    [
        {"Untagged": True},
        {"Access": True, "VlanId": 10},
        {"Trunk": True, "AllowedVlanIdList": "1-20,30", "NativeVlanId": 0},
        {"Promiscuous": True, "PrimaryVlanId": 10, "SecondaryVlanIdList": "11-12"},
    ]
)


def _try(host, name, **parameters):
    """Run a cmdlet; a host may refuse what was drawn."""
    try:
        host.run(Cmdlet(name, parameters))
    except nestlab.NestlabError:
        return


@given(
    st.lists(st.tuples(_names, _notes, _names, _vlans), max_size=4),
    st.lists(st.tuples(_names, _notes), max_size=3),
)
@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_the_capture_of_any_host_loads_and_lists_what_it_lacks(tmp_path, vms, switches):
    host = nestlab.connect("sim:ws2022-intel")
    for name, notes in switches:
        _try(host, "New-VMSwitch", Name=name, SwitchType="Internal", Notes=notes)
    for number, (name, notes, adapter, vlan) in enumerate(vms):
        _try(host, "New-VM", Name=f"v{number}", MemoryStartupBytes=1 << 30, NoVHD=True)
        _try(host, "Rename-VMNetworkAdapter", VMName=f"v{number}", NewName=adapter)
        _try(host, "Add-VMNetworkAdapter", VMName=f"v{number}", Name=adapter)
        _try(host, "Set-VMNetworkAdapterVlan", VMName=f"v{number}", **vlan)
        if switches:
            _try(host, "Connect-VMNetworkAdapter", VMName=f"v{number}", SwitchName=switches[0][0])
        _try(host, "Set-VM", Name=f"v{number}", Notes=notes)
        _try(host, "Rename-VM", Name=f"v{number}", NewName=name)
    found = capture_all(host)
    topology, losses = found.topology, found.losses
    save(topology, tmp_path / "captured.yml")
    text = (tmp_path / "captured.yml").read_text(encoding="utf-8")
    assert load(tmp_path / "captured.yml") == topology
    assert nestlab.validate(topology).errors == ()
    assert all(f"# - {loss}\n" in text for loss in losses)
    left_out = sum(bool(re.match(r"VM .*\(Id [-0-9a-f]{36}\): left out", loss)) for loss in losses)
    assert len(observe(host).hyper_v.vms) == len(topology.vms) + left_out


@pytest.mark.parametrize("name", scenario_names())
def test_every_scenario_with_hyper_v_is_captured_into_a_file_that_loads(name):
    try:
        topology = capture_all(nestlab.connect(f"sim:{name}")).topology
    except nestlab.NestlabError as error:
        assert "Hyper-V" in str(error)  # noqa: PT017  # not every scenario has it
        return
    assert loads(dumps(topology)) == topology
    assert nestlab.validate(topology).errors == ()


def test_two_vms_of_one_name_are_said_with_the_way_out(tmp_path, capsys):
    assert main(["capture", "--host", "sim:busy-host", "-o", str(tmp_path / "x.yml")]) == 0
    said = capsys.readouterr().err
    assert "VM web (Id " in said
    assert "Rename-VM -NewName" in said
    assert main(["validate", str(tmp_path / "x.yml")]) == 0
    assert "left out, because another VM has this name" in (tmp_path / "x.yml").read_text(
        encoding="utf-8"
    )


def test_comments_stay_where_the_topology_gets_another_name(tmp_path):
    found = capture_all(nestlab.connect("sim:busy-host"))
    topology, losses = found.topology, found.losses
    assert losses
    save(replace(topology, name="mine"), tmp_path / "x.yml")
    text = (tmp_path / "x.yml").read_text(encoding="utf-8")
    assert text.startswith("# On the host, and not in this file:")
    assert "name: mine" in text


def test_what_a_switch_has_beyond_the_file_is_said(tmp_path):
    scenario = tmp_path / "two.json"
    scenario.write_text(
        '{"description": "two adapters", "based_on": "ws2022-intel", "net_adapters": ['
        '{"name": "NIC1", "interface_description": "Intel I350", "mac_address": "B49691A00C11", "wire": "lan", "ip_address": "192.0.2.10/24"},'
        '{"name": "NIC2", "interface_description": "Intel I350 #2", "mac_address": "B49691A00C12", "wire": "lan"}]}',
        encoding="utf-8",
    )
    host = nestlab.connect(f"sim:{scenario}")
    host.run(
        Cmdlet(
            "New-VMSwitch",
            {"Name": "Team", "NetAdapterName": ("NIC1", "NIC2"), "EnableEmbeddedTeaming": True},
        )
    )
    host.run(Cmdlet("New-VMSwitch", {"Name": "Mgmt", "SwitchType": "Internal"}))
    host.run(
        Cmdlet(
            "Set-VMNetworkAdapterVlan",
            {"ManagementOS": True, "VMNetworkAdapterName": "Mgmt", "Access": True, "VlanId": 10},
        )
    )
    losses = capture_all(host).losses
    assert losses == ()
