"""A switch of a lab that was renamed by hand: its own adapter is no adapter of others."""

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet

FILE = """
name: lab
switches: [{name: N, switch_type: Internal, ip_address: 10.9.0.1/24, nat: 10.9.0.0/24}]
vms: [{name: c1, network_adapters: [{switch: N}]}]
"""


@pytest.fixture
def lab():
    lab = nestlab.Lab(nestlab.loads(FILE), nestlab.connect())
    assert all(result.ok for result in lab.apply())
    lab.host.run(Cmdlet("Rename-VMSwitch", {"Name": "N", "NewName": "BobsNet"}))
    return lab


def switches(host):
    return [record["Name"] for record in host.run(Cmdlet("Get-VMSwitch"))]


def test_the_plan_says_to_rename_it_back(lab):
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    (finding,) = refused.value.findings.errors
    assert finding.code == "remainder-conflict"
    assert "connected to it" not in finding.message
    assert finding.hint == (
        "If BobsNet is switch N under a new name, rename it back (`Rename-VMSwitch`) or change the "
        "name in the file; else remove it with `--prune`."
    )
    lab.host.run(Cmdlet("Rename-VMSwitch", {"Name": "BobsNet", "NewName": "N"}))
    assert lab.plan().is_empty


def test_the_name_in_the_file_can_be_changed_instead(lab):
    lab = nestlab.Lab(
        nestlab.loads(FILE.replace("N,", "BobsNet,").replace("N}", "BobsNet}")), lab.host
    )
    assert all(result.ok for result in lab.apply(lab.plan(prune=True)))
    plan = lab.plan()
    assert (plan.is_empty, plan.remainder) == (True, ())
    assert lab.plan_destroy().unchanged == ()


def test_destroy_removes_it_with_its_nat(lab):
    before = set(switches(lab.host)) - {"BobsNet"}
    assert lab.plan_destroy().unchanged == ()
    assert all(result.ok for result in lab.destroy())
    assert set(switches(lab.host)) == before
    assert lab.plan_destroy().is_empty


def test_prune_replaces_it(lab):
    assert all(result.ok for result in lab.apply(lab.plan(prune=True)))
    assert lab.plan().is_empty
    assert "BobsNet" not in switches(lab.host)


def test_an_adapter_of_others_on_it_still_keeps_it(lab):
    lab.host.run(
        Cmdlet(
            "Add-VMNetworkAdapter", {"ManagementOS": True, "Name": "Bob", "SwitchName": "BobsNet"}
        )
    )
    kept = {item.subject: item.why for item in lab.plan_destroy().unchanged}
    assert kept["switch BobsNet"] == (
        "kept: management adapter Bob is connected to it; `--disconnect-others` removes it anyway"
    )
    assert kept["NAT nestlab.lab.N"].startswith(
        "kept: it also translates 10.9.0.0/24 on switch BobsNet"
    )
