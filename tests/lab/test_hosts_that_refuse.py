"""What a host refuses and the file or the host tells before is said by `check`, and refused by the simulated host."""

import json

import pytest

import nestlab
from nestlab.errors import CmdletError, PlanRefused
from nestlab.model import Cmdlet
from nestlab.topology_file import loads

TEAM = {
    "description": "A NIC team",
    "based_on": "ws2022-intel",
    "net_adapters": [
        {
            "name": "Team1",
            "interface_description": "Microsoft Network Adapter Multiplexor Driver",
            "mac_address": "B49691A00C01",
            "wire": "lan",
            "ip_address": "192.0.2.10/24",
            "gateway": "192.0.2.1",
        }
    ],
}
ON_A_TEAM = """
name: on-a-team
switches: [{name: LabExt, switch_type: External, net_adapter: Team1}]
vms: [{name: PC1, disk: {size: 10GB}, network_adapters: [{switch: LabExt}]}]
"""
GOLDEN = {
    "description": "The image is a VM's own disk",
    "based_on": "ws2022-intel",
    "vms": [
        {
            "name": "golden",
            "state": "Running",
            "memory_startup": "2GB",
            "disk": {"path": "D:\\vms\\golden.vhdx", "size": "60GB"},
            "network_adapters": [],
        }
    ],
}
CHILD = """
name: child-of-a-vm
vms: [{name: S2D1, memory_startup: 4GB, disk: {parent: 'D:\\vms\\golden.vhdx'}, guest: {os: windows, credential: lab-admin}}]
"""


def host(tmp_path, scenario):
    path = tmp_path / "host.json"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    return nestlab.connect(f"sim:{path}?language=en")


def refused_codes(text, session, tmp_path):
    with pytest.raises(PlanRefused) as caught:
        nestlab.Lab(loads(text), session, tmp_path / "j.jsonl").plan()
    return {finding.code for finding in caught.value.findings if finding.severity == "error"}


def test_a_switch_on_an_lbfo_team_is_refused_by_check_and_by_server_2022(tmp_path):
    session = host(tmp_path, TEAM)
    assert refused_codes(ON_A_TEAM, session, tmp_path) == {"uplink-is-a-team"}
    new = {"Name": "LabExt", "NetAdapterName": "Team1"}
    with pytest.raises(CmdletError) as caught:
        session.run(Cmdlet("New-VMSwitch", new))
    assert nestlab.explain(caught.value.message).code == "lbfo-team"


def test_server_2019_still_takes_a_team(tmp_path):
    older = {**TEAM, "computer": {"operating_system": "ws2019"}}
    session = host(tmp_path, older)
    assert nestlab.Lab(loads(ON_A_TEAM), session, tmp_path / "j.jsonl").plan().steps
    session.run(Cmdlet("New-VMSwitch", {"Name": "LabExt", "NetAdapterName": "Team1"}))


@pytest.mark.parametrize("state", ["Running", "Off"])
def test_a_child_of_a_vm_s_own_disk_is_refused_before_anything_is_made(state, tmp_path):
    scenario = json.loads(json.dumps(GOLDEN))
    scenario["vms"][0]["state"] = state
    session = host(tmp_path, scenario)
    assert refused_codes(CHILD, session, tmp_path) == {"parent-in-use"}
    disk = {"Path": "D:\\x.vhdx", "ParentPath": "D:\\vms\\golden.vhdx", "Differencing": True}
    if state == "Running":
        with pytest.raises(CmdletError, match="0x80070020"):
            session.run(Cmdlet("New-VHD", disk))
