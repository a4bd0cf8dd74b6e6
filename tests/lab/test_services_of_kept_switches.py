"""The NAT and the address of a switch that others connect to while a run removes it: they stay."""

from __future__ import annotations

from pathlib import Path

import pytest

import nestlab
from nestlab.model import Cmdlet

NAT_LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"
FILE = """
name: lab
switches:
  - {name: S, switch_type: Internal, ip_address: 10.9.0.1/24, nat: 10.9.0.0/24}
vms:
  - {name: c1, memory_startup: 1GB, disk: {size: 20GB}, network_adapters: [{switch: S}]}
"""
ELSEWHERE = FILE.replace("S,", "T,").replace("switch: S", "switch: T")
KEPT = "kept: it serves the switch S, which others are connected to"


@pytest.fixture
def lab(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    built = nestlab.Lab(nestlab.loads(FILE), nestlab.connect("sim:ws2022-intel"))
    assert all(result.ok for result in built.apply())
    return built


def connect_vm(host):
    host.run(Cmdlet("New-VM", {"Name": "theirs", "NoVHD": True, "SwitchName": "S"}))
    host.run(Cmdlet("Start-VM", {"Name": "theirs"}))


def connect_adapter(host):
    host.run(Cmdlet("Add-VMNetworkAdapter", {"ManagementOS": True, "SwitchName": "S", "Name": "x"}))


def before(start, host, act=connect_vm):
    """A confirmation during which others connect, before the first step whose id has `start`."""
    acted = []

    def confirm(step):
        if step.id.startswith(f"host:{start}") and not acted:
            acted.append(step)
            act(host)
        return True

    return confirm


def has(host):
    addresses = host.run(Cmdlet("Get-NetIPAddress", {"AddressFamily": "IPv4"})).records
    return (
        [record["Name"] for record in host.run(Cmdlet("Get-NetNat")).records],
        [str(each["IPAddress"]) for each in addresses if each["InterfaceAlias"] == "vEthernet (S)"],
        "S" in [record["Name"] for record in host.run(Cmdlet("Get-VMSwitch")).records],
    )


def skipped(results):
    messages = {each.step.id: each.message for each in results if each.status == "skipped"}
    return {step: message.removeprefix("Not done: ") for step, message in messages.items()}


@pytest.mark.parametrize("act", [connect_vm, connect_adapter])
@pytest.mark.parametrize("start", ["remove-vm", "remove-nat"])
def test_destroy_keeps_both_and_says_so(lab, start, act):
    found = skipped(lab.destroy(confirm=before(start, lab.host, act)))
    assert found["host:remove-nat:nestlab.lab.S"] == KEPT
    assert found["host:remove-address:vEthernet (S)/10.9.0.1"] == KEPT
    assert has(lab.host) == (["nestlab.lab.S"], ["10.9.0.1"], True)


def test_others_that_connect_after_the_nat_is_gone_keep_the_address(lab):
    found = skipped(lab.destroy(confirm=before("remove-address", lab.host)))
    assert found["host:remove-address:vEthernet (S)/10.9.0.1"] == KEPT
    assert has(lab.host) == ([], ["10.9.0.1"], True)


@pytest.mark.parametrize("act", [connect_vm, connect_adapter])
def test_with_consent_both_are_taken_from_those_that_were_there(lab, act):
    act(lab.host)
    assert skipped(lab.destroy(disconnect_others=True)) == {}
    assert has(lab.host) == ([], [], False)


def test_prune_keeps_both_and_says_so(lab):
    moved = nestlab.Lab(nestlab.loads(ELSEWHERE.replace("10.9.0", "10.8.0")), lab.host)
    plan = moved.plan(prune=True)
    found = skipped(moved.apply(plan, confirm=before("remove-nat", lab.host)))
    assert found["host:remove-nat:nestlab.lab.S"] == KEPT
    assert found["host:remove-address:vEthernet (S)/10.9.0.1"] == KEPT
    names, addresses, is_there = has(lab.host)
    assert "nestlab.lab.S" in names
    assert (addresses, is_there) == (["10.9.0.1"], True)


def test_a_file_without_the_nat_keeps_it_too(lab):
    without = nestlab.loads(FILE.replace(", nat: 10.9.0.0/24", ""))
    later = nestlab.Lab(without, lab.host)
    found = skipped(later.apply(later.plan(), confirm=before("remove-nat", lab.host)))
    assert found == {"host:remove-nat:nestlab.lab.S": KEPT}
    assert has(lab.host)[0] == ["nestlab.lab.S"]


def test_undo_keeps_both_and_says_so(lab):
    results = []
    for result in lab.undo():
        results.append(result)
        if len(results) == 1:
            connect_vm(lab.host)
    found = skipped(results)
    assert found["host:create-nat:S"] == KEPT
    assert found["host:set-address:vEthernet (S)"] == KEPT
    assert has(lab.host) == (["nestlab.lab.S"], ["10.9.0.1"], True)


def test_the_adapters_of_the_file_keep_nothing(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    own = FILE.replace("24}", "24, management_adapters: [{name: extra}]}", 1)
    lab = nestlab.Lab(nestlab.loads(own), nestlab.connect("sim:ws2022-intel"))
    for remove in (lab.destroy, lab.undo):
        assert all(result.ok for result in lab.apply())
        assert skipped(remove()) == {}
        assert has(lab.host) == ([], [], False)


def test_a_destroy_that_keeps_a_vm_keeps_its_switch_with_what_serves_it(monkeypatch, tmp_path):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path / "journals"))
    lab = nestlab.Lab(nestlab.load(NAT_LAB), nestlab.connect("sim:ws2022-intel"))
    assert all(result.ok for result in lab.apply())

    def confirm(step):
        if step.id == "host:remove-vm:HV1":
            inner = lab.host.guest("HV1", "lab-admin")
            inner.run(Cmdlet("New-VM", {"Name": "theirs", "NoVHD": True}))
        return True

    results = list(lab.destroy(confirm=confirm))
    assert all(result.ok for result in results)
    switch = next(each.step.target.name for each in results if each.step.action == "remove-switch")
    serves = f"kept: it serves the switch {switch}, which VM HV1, which is kept, is connected to"
    found = {step.split(":")[1]: why for step, why in skipped(results).items()}
    assert found["remove-nat"] == serves
    assert found["remove-address"] == serves
    assert found["remove-switch"] == "kept: VM HV1, which is kept, is connected to it"
