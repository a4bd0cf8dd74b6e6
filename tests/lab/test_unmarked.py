"""Objects that nestlab did not create: as the file says they are kept, otherwise refused, and never touched."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, Size, SwitchParameter
from nestlab.topology_file import dumps
from tests.lab.foreign_hosts import foreign_host, run, unmark, world

NAT_LAB = Path(__file__).parents[1] / "cases" / "topologies" / "nat-lab.yml"
KEPT = "nestlab did not create it, and it is as the file says; it is kept as it is"


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """A foreign host with a nested host and a NAT at both levels: its capture, and its state file."""
    state = tmp_path_factory.mktemp("foreign") / "host.json"
    host = foreign_host(nestlab.load(NAT_LAB), f"sim:ws2022-intel?state={state}")
    return nestlab.capture(host, credential="lab-admin"), state


@pytest.fixture
def host(found, tmp_path):
    shutil.copy(found[1], tmp_path / "host.json")
    return nestlab.connect(f"sim:ws2022-intel?state={tmp_path / 'host.json'}")


def refusal(topology, host):
    before = world(host)
    with pytest.raises(PlanRefused) as refused:
        nestlab.Lab(topology, host).plan()
    assert world(host) == before
    return {item.subject: item for item in refused.value.findings if item.code == "name-clash"}


def test_the_capture_of_a_foreign_host_plans_nothing_there_at_any_level(found, host):
    captured, _ = found
    assert [path for path, _ in captured.machines()][-2:] == [("HV1", "web1"), ("HV1", "db1")]
    before = world(host)
    plan = nestlab.Lab(captured, host).plan()
    assert (plan.steps, plan.deferred, plan.remainder) == ((), (), ())
    why = {item.subject: item.why for item in plan.unchanged}
    for subject in (
        "host: switch LabNet",
        "host: NAT of LabNet",
        "host: VM HV1",
        "HV1: switch NestedNat",
        "HV1: NAT of NestedNat",
        "HV1: VM web1",
    ):
        assert why[subject].endswith(KEPT), subject
    assert world(host) == before


@pytest.mark.parametrize("way", ["destroy", "apply"])
def test_neither_apply_nor_destroy_touches_them(found, host, way):
    before = world(host)
    assert list(getattr(nestlab.Lab(found[0], host), way)()) == []
    assert world(host) == before


def test_the_check_of_a_foreign_capture_finds_no_clash(found, host):
    findings = nestlab.Lab(found[0], host).check()
    assert [str(item) for item in findings if item.severity == "error"] == []


CHANGES = {
    "VM HV1: Set the processor count of HV1 to 4 (it has 8)": lambda host: (
        run(host, "Stop-VM", Name="HV1", Force=SwitchParameter.ON),
        run(host, "Set-VMProcessor", VMName="HV1", Count=8),
    ),
    "VM HV1: Disable MAC address spoofing on HV1's adapter Ethernet": lambda host: run(
        host, "Set-VMNetworkAdapter", VMName="HV1", MacAddressSpoofing="On"
    ),
    "VM HV1: Set the VLAN of HV1's adapter Ethernet: untagged": lambda host: run(
        host, "Set-VMNetworkAdapterVlan", VMName="HV1", Access=SwitchParameter.ON, VlanId=7
    ),
    "VM HV1: Connect HV1's adapter Ethernet to LabNet": lambda host: run(
        host, "Disconnect-VMNetworkAdapter", VMName="HV1"
    ),
    "VM HV1: Remove the adapter more from HV1": lambda host: run(
        host, "Add-VMNetworkAdapter", VMName="HV1", Name="more"
    ),
    "VM HV1: Start HV1": lambda host: run(host, "Stop-VM", Name="HV1", TurnOff=SwitchParameter.ON),
    "VM build-agent: Set the memory": lambda host: (
        run(host, "Stop-VM", Name="build-agent", TurnOff=SwitchParameter.ON),
        run(host, "Set-VMMemory", VMName="build-agent", StartupBytes=Size.parse("3GB")),
    ),
    "switch LabNet: Change the switch LabNet (LabNet is Private, and should be Internal)": lambda host: (
        run(host, "Set-VMSwitch", Name="LabNet", SwitchType="Private")
    ),
    "switch LabNet: Create the NAT": lambda host: run(
        host, "Remove-NetNat", Name="Nat of LabNet", Confirm=SwitchParameter.OFF
    ),
    "switch LabNet: Stop forwarding tcp port 80 of host": lambda host: run(
        host,
        "Add-NetNatStaticMapping",
        NatName="Nat of LabNet",
        Protocol="TCP",
        ExternalIPAddress="0.0.0.0",  # noqa: S104  # every address of the host
        ExternalPort=80,
        InternalIPAddress="192.168.100.11",
        InternalPort=80,
    ),
    "switch LabNet: Remove the address 10.9.9.1/24 from vEthernet (LabNet)": lambda host: run(
        host,
        "New-NetIPAddress",
        InterfaceAlias="vEthernet (LabNet)",
        IPAddress="10.9.9.1",
        PrefixLength=24,
    ),
    "VM HV1/web1: Set the processor count of web1": lambda host: (
        run(host.guest("HV1", "lab-admin"), "Stop-VM", Name="web1", TurnOff=SwitchParameter.ON),
        run(host.guest("HV1", "lab-admin"), "Set-VMProcessor", VMName="web1", Count=1),
    ),
    "switch HV1/NestedNat: Change the switch": lambda host: run(
        host.guest("HV1", "lab-admin"), "Set-VMSwitch", Name="NestedNat", SwitchType="Private"
    ),
}


@pytest.mark.parametrize("text", CHANGES)
def test_one_that_differs_is_refused_with_the_difference_and_left_alone(found, host, text):
    subject, difference = text.split(": ", 1)
    CHANGES[text](host)
    clashes = refusal(found[0], host)
    # What is in a nested host belongs to it: a difference there is one of the outermost VM.
    outer = subject if "/" not in subject else "VM HV1"
    assert difference in clashes[outer].message
    assert "that nestlab did not create and that differs from the file" in clashes[outer].message
    assert "nestlab adopt" in clashes[outer].hint


def edited(found, old, new):
    text = dumps(found[0])
    assert old in text
    return nestlab.loads(text.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("name: sql-test", "name: sql-test\n    generation: 1", "cannot change from 2 to 1"),
        ("memory_startup: 2GB", "memory_startup: 3GB", "dynamic memory"),
        ("team Turing", "team Hopper", "Set the notes of build-agent"),
        ("LabNet, ip_address: 192.168.100.11/24", "LabNet, ip_address: 192.168.100.12/24", "192."),
        ("nat: 192.168.100.0/24", "", "Remove the NAT Nat of LabNet"),
    ],
)
def test_an_edit_of_the_file_is_a_difference(found, host, old, new, message):
    assert message in " ".join(
        item.message for item in refusal(edited(found, old, new), host).values()
    )


def test_a_restart_that_another_difference_needs_is_no_difference(found, host):
    """The VM is Running in the file and on the host: that it is Off in between differs nowhere."""
    topology = edited(found, "memory_startup: 8GB", "memory_startup: 6GB")
    (clash,) = refusal(topology, host).values()
    assert "Set the memory of HV1" in clash.message
    assert "Stop HV1" not in clash.message
    assert "Off" not in clash.message
    found = [str(item) for item in nestlab.drift(topology, host)]
    assert any("Set the memory of HV1" in text for text in found)
    assert [text for text in found if "Start HV1" in text or "Stop HV1" in text] == []


def test_a_power_state_that_differs_beside_another_difference_is_told(found, host):
    topology = edited(found, "memory_startup: 8GB", "memory_startup: 6GB")
    run(host, "Stop-VM", Name="HV1", TurnOff=SwitchParameter.ON)
    (clash,) = refusal(topology, host).values()
    assert "Set the memory of HV1" in clash.message
    assert "Start HV1 (it is Off, and should be Running)" in clash.message


def test_notes_that_differ_are_shown_as_they_are_without_a_mark(found, host):
    topology = edited(found, "team Turing", "team Hopper")
    (clash,) = refusal(topology, host).values()
    assert "its notes are 'CI builds, team Turing')" in clash.message
    assert "nestlab:" not in clash.message


def test_a_guest_that_does_not_answer_is_not_known_to_be_equal(found, host):
    run(host, "Stop-VM", Name="HV1", Force=SwitchParameter.ON)
    run(host, "Start-VM", Name="HV1")
    (clash,) = refusal(found[0], host).values()
    assert "does not answer over PowerShell Direct yet" in clash.message


NEW_VM = """
name: hv01
switches: [{name: %s, switch_type: Private%s}]
vms: [{name: mine, state: Off, network_adapters: [{switch: %s}]}]
"""


def test_nothing_of_the_topology_is_connected_to_a_switch_that_only_looks_the_same():
    host = nestlab.connect()
    run(host, "New-VMSwitch", Name="Theirs", SwitchType="Private")
    (clash,) = refusal(nestlab.loads(NEW_VM % ("Theirs", "", "Theirs")), host).values()
    assert "Connect" in clash.message or "which needs it" in clash.message
    assert "existing: true" in clash.hint
    agreed = NEW_VM.replace("switch_type: Private%s", "existing: true") % ("Theirs", "Theirs")
    assert nestlab.Lab(nestlab.loads(agreed), host).plan().steps


def test_what_belongs_to_another_topology_is_a_clash_also_where_it_is_equal(found):
    host = nestlab.connect()
    lab = nestlab.loads("name: one\nswitches: [{name: Lan, switch_type: Private}]")
    list(nestlab.Lab(lab, host).apply())
    (clash,) = refusal(
        nestlab.loads("name: two\nswitches: [{name: Lan, switch_type: Private}]"), host
    ).values()
    assert "belongs to the topology one" in clash.message


def test_own_and_unmarked_objects_of_one_file_are_planned_side_by_side(found, host):
    topology = edited(found, "vms:", "vms:\n  - {name: own, state: Off}")
    lab = nestlab.Lab(topology, host)
    before = world(host)
    plan = lab.plan()
    assert {step.target.name for step in plan.steps} == {"own"}
    assert [str(result) for result in lab.apply(plan) if not result.ok] == []
    assert nestlab.Lab(topology, host).plan().is_empty
    list(lab.destroy())
    after = world(host)
    assert after["host"]["hyper_v"]["vms"] == before["host"]["hyper_v"]["vms"]


def test_two_vms_of_one_name_that_nobody_marked_are_kept_too():
    host = nestlab.connect("sim:busy-host")
    captured = nestlab.capture(host)
    before = world(host)
    assert nestlab.Lab(captured, host).plan().is_empty
    assert world(host) == before


def test_a_vm_that_stops_with_a_nested_host_of_ours_is_compared_as_it_was(tmp_path):
    topology = nestlab.load(NAT_LAB)
    host = nestlab.connect()
    lab = nestlab.Lab(topology, host, tmp_path / "1.jsonl")
    list(lab.apply())
    inside = host.guest("HV1", "lab-admin")
    run(inside, "Get-VM", Cmdlet("Set-VM", {"Notes": "Ada's"}), Name="web1")
    bigger = replace(topology, vms=(replace(topology.vms[0], processor_count=6),))
    results = list(nestlab.Lab(bigger, host, tmp_path / "2.jsonl").apply())
    assert [str(result) for result in results if not result.ok] == []
    states = {vm["Name"]: str(vm["State"]) for vm in run(inside, "Get-VM")}
    assert states["web1"] == "Running"
    assert nestlab.Lab(bigger, host).plan().is_empty


def test_unmarking_a_lab_leaves_it_alone(tmp_path):
    topology = nestlab.load(NAT_LAB)
    host = nestlab.connect()
    lab = nestlab.Lab(topology, host, tmp_path / "1.jsonl")
    list(lab.apply())
    unmark(topology, host)
    before = world(host)
    list(lab.undo())
    list(lab.destroy())
    assert world(host)["host"]["hyper_v"] == before["host"]["hyper_v"]
