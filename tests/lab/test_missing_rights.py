"""A session in Hyper-V Administrators only: a plan says first what needs a local Administrator."""

from __future__ import annotations

import json

import pytest

import nestlab
from nestlab.constants.administrator_cmdlets import needs_administrator
from nestlab.constants.commands import COMMANDS
from nestlab.errors import PlanRefused, UndoRefused
from nestlab.simulator.cmdlets.registry import handlers
from nestlab.simulator.restricted_accounts import hyper_v_administrator_handlers

SWITCH = "name: lab\nswitches: [{name: S, switch_type: Internal, ip_address: 10.9.0.1/24%s}]\n"
IMAGE = r"images: {ws: {path: 'D:\images\ws2022.vhdx', os: windows, prepared: false}}"
GUEST = "memory_startup: 1GB, disk: {image: ws}, guest: {os: windows, credential: lab-admin}"
NEEDS_ADMINISTRATOR = {
    "address": (SWITCH % "", "Assign the address 10.9.0.1/24"),
    "nat": (SWITCH % ", nat: 10.9.0.0/24", "NAT"),
    "dhcp": (SWITCH % ", dhcp: {range: 10.9.0.100-10.9.0.120}", "DHCP"),
    "route": (
        "name: lab\nroutes: [{to: 10.99.0.0/24, via: 192.0.2.7}]\nswitches: [{name: P, switch_type: Private}]",
        "10.99.0.0/24",
    ),
    "external": (
        "name: lab\nswitches: [{name: E, switch_type: External, net_adapter: Ethernet}]",
        "External switch E",
    ),
    "answer file": (f"name: lab\n{IMAGE}\nvms: [{{name: a, {GUEST}}}]", "answer file"),
}
NEEDS_NONE = (
    "name: lab\nswitches: [{name: P, switch_type: Private}, {name: I, switch_type: Internal}]\n"
    "vms: [{name: a, memory_startup: 1GB, disk: {size: 10GB}, network_adapters: [{switch: P}]}]"
)


def lab_on(text, host="sim:hyperv-admin-only", **journal):
    return nestlab.Lab(nestlab.loads(text), nestlab.connect(host), **journal)


def the_finding(findings):
    (finding,) = [each for each in findings if each.code == "rights-missing"]
    assert finding.severity == "error"
    assert "a local Administrator of the host" in finding.message
    assert "member of the host's Administrators" in finding.hint
    assert "Get-WindowsOptionalFeature" in finding.evidence
    return finding


@pytest.mark.parametrize("kind", NEEDS_ADMINISTRATOR)
def test_a_plan_and_a_check_name_what_needs_an_administrator(kind):
    text, named = NEEDS_ADMINISTRATOR[kind]
    lab = lab_on(text)
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    assert named in the_finding(refused.value.findings).message
    assert named in the_finding(lab.check()).message
    lab.host.simulated_host.world.quirks.administrator = True
    assert lab.plan().steps


def test_what_an_existing_switch_has_is_said_where_the_way_out_is_that_it_exists():
    with_switch = the_finding(lab_on(NEEDS_ADMINISTRATOR["nat"][0]).check())
    assert "existing: true" in with_switch.hint
    assert "existing: true" not in the_finding(lab_on(NEEDS_ADMINISTRATOR["route"][0]).check()).hint


def test_vms_and_switches_without_addresses_need_none(tmp_path):
    lab = lab_on(NEEDS_NONE, journal=tmp_path / "j.jsonl")
    assert all(result.ok for result in lab.apply())
    assert all(result.ok for result in lab.undo())


@pytest.fixture
def administered(tmp_path):
    """A host on which an administrator has created a switch with an address, NAT and mark."""
    data = {
        "description": "made by an administrator",
        "based_on": "hyperv-admin-only",
        "switches": [
            {
                "name": "S",
                "switch_type": "Internal",
                "ip_address": "10.9.0.1/24",
                "notes": "nestlab:lab",
            }
        ],
        "nats": [{"name": "nestlab.lab.S", "internal_prefix": "10.9.0.0/24"}],
    }
    path = tmp_path / "administered.json"
    path.write_text(json.dumps(data), encoding="utf-8")
    return f"sim:{path}"


def test_removals_need_an_administrator_as_well(administered):
    lab = lab_on("name: lab\nswitches: [{name: S, switch_type: Internal}]", administered)
    for plan in (lab.plan, lab.plan_destroy, lambda: list(lab.destroy())):
        with pytest.raises(PlanRefused) as refused:
            plan()
        assert "NAT" in the_finding(refused.value.findings).message
    emptied = lab_on("name: lab\nswitches: []", administered)
    with pytest.raises(PlanRefused) as refused:
        emptied.plan(prune=True)
    assert "NAT" in the_finding(refused.value.findings).message


WITH_NAT = SWITCH % ", nat: 10.9.0.0/24"
OTHERWISE = {
    "removed": "name: lab\nswitches: [{name: S, switch_type: Internal}]",
    "changed": WITH_NAT.replace("10.9.0.0/24", "10.9.0.0/16"),
    "another address": WITH_NAT.replace("10.9.0.1", "10.9.0.2"),
}


@pytest.mark.parametrize("kind", OTHERWISE)
def test_what_is_there_may_stay_where_the_file_removes_or_changes_it(administered, kind):
    lab = lab_on(OTHERWISE[kind], administered)
    hint = the_finding(lab.check()).hint
    assert "existing: true" not in hint
    assert hint.endswith("or write into the file what the host has, so that nothing is changed.")
    same = lab_on(WITH_NAT, administered)
    assert "rights-missing" not in same.check().codes
    assert [*same.plan().steps] == []


def test_what_a_prune_removes_may_be_left_over(administered):
    lab = lab_on("name: lab\nswitches: []", administered)
    with pytest.raises(PlanRefused) as refused:
        lab.plan(prune=True)
    hint = the_finding(refused.value.findings).hint
    assert hint.endswith("or leave out `--prune`, so that it stays and is listed.")
    assert [*lab.plan().steps] == []


def test_undo_refuses_before_it_changes_anything(tmp_path):
    lab = lab_on(
        SWITCH % ", nat: 10.9.0.0/24" + "vms: [{name: a, state: 'Off'}]",
        "sim:ws2022-intel",
        journal=tmp_path / "j.jsonl",
    )
    world = lab.host.simulated_host.world
    assert all(result.ok for result in lab.apply())
    world.quirks.administrator = False
    with pytest.raises(UndoRefused) as refused:
        list(lab.undo())
    assert "local Administrator" in str(refused.value)
    assert "NAT" in str(refused.value)
    assert "member of the host's Administrators" in refused.value.hint
    assert "a" in {vm.name for vm in world.host.hyper_v.vms}
    world.quirks.administrator = True
    assert all(result.ok for result in lab.undo())


def test_a_plan_that_an_administrator_made_is_refused_as_well(tmp_path):
    lab = lab_on(SWITCH % "", "sim:ws2022-intel", journal=tmp_path / "j.jsonl")
    plan = lab.plan()
    lab.host.simulated_host.world.quirks.administrator = False
    with pytest.raises(PlanRefused) as refused:
        list(lab.apply(plan))
    assert the_finding(refused.value.findings)
    assert not lab.host.simulated_host.world.host.hyper_v.switches


def test_drift_needs_no_administrator(administered):
    lab = lab_on(SWITCH % ", nat: 10.9.0.0/24, dhcp: {range: 10.9.0.100-10.9.0.120}", administered)
    assert "rights-missing" not in nestlab.drift(lab.topology, lab.host).codes


def test_the_table_and_the_simulated_host_agree():
    limited, full = hyper_v_administrator_handlers(), handlers()
    changing = [
        name
        for name in sorted(COMMANDS)
        if name in full and name.partition("-")[0] not in ("Get", "Test", "Confirm")
    ]
    refused = {name for name in changing if limited[name] is not full[name]}
    uplinks = {"New-VMSwitch", "Set-VMSwitch"}
    assert refused - uplinks == {name for name in changing if needs_administrator(name)}
    assert {name for name in uplinks if needs_administrator(name, {"NetAdapterName"})} == uplinks
