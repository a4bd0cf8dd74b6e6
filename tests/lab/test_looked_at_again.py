"""What others did after a plan was made: a checkpoint of a VM that is removed, a static MAC address of the file."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import StalePlan
from nestlab.lab.journal_folder import journals_of
from nestlab.model import Cmdlet
from tests.lab.beside_others import applied, coming, host_of, run

LAB = """
name: one
switches: [{name: L1, switch_type: Internal}]
vms:
  - {name: a, state: Off, memory_startup: 1GB, disk: {size: 10GB}, checkpoints: [clean], network_adapters: [{name: A, switch: L1}]}
"""
OTHER = LAB.replace("name: a,", "name: a, generation: 1,")
WAYS = ["recreate", "prune", "destroy"]
KEPT = (
    "kept: its checkpoints that are not this topology's, and that the plan does not name, would be "
    "removed with it: mine"
)


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


def take(host, name="mine"):
    take = Cmdlet("Checkpoint-VM", {"SnapshotName": name})
    host.run(Cmdlet("Get-VM", {"Name": "a"}, take))


def checkpoints(host):
    return sorted(each["Name"] for each in run(host, "Get-VMSnapshot", VMName="a"))


def removal(host, way):
    """The lab and its plan that removes the VM."""
    lab = nestlab.Lab(nestlab.loads({"recreate": OTHER, "prune": "name: one"}.get(way, LAB)), host)
    if way == "destroy":
        return lab, lab.plan_destroy()
    return lab, lab.plan(recreate=["a"]) if way == "recreate" else lab.plan(prune=True)


@pytest.mark.parametrize("way", WAYS[:2])
def test_a_checkpoint_of_others_taken_after_a_plan_was_saved_makes_it_stale(host, way, tmp_path):
    applied(host, LAB)
    lab, plan = removal(host, way)
    plan.save(tmp_path / "plan.json")
    take(host)
    with pytest.raises(StalePlan) as stale:
        run_plan(lab, nestlab.load_plan(tmp_path / "plan.json"))
    assert "its checkpoints that are not this topology's are removed with it: mine" in str(stale)
    assert checkpoints(host) == ["mine", "nestlab.one.clean"]


@pytest.mark.parametrize("way", WAYS)
def test_a_checkpoint_of_others_taken_during_a_run_keeps_the_vm(host, way):
    applied(host, LAB)
    lab, plan = removal(host, way)
    results = run_plan(lab, plan, coming(host, take))
    removed = next(each for each in results if each.step.action == "remove-vm")
    assert (removed.status, removed.message) == ("skipped", f"Not done: {KEPT}")
    assert checkpoints(host) == ["mine", "nestlab.one.clean"]


@pytest.mark.parametrize("way", WAYS)
def test_a_checkpoint_of_others_that_the_plan_names_is_removed_with_the_vm(host, way):
    applied(host, LAB)
    take(host)
    lab, plan = removal(host, way)
    assert [str(each) for each in run_plan(lab, plan) if not each.ok] == []


def run_plan(lab, plan, confirm=None):
    destroys = all(step.action.startswith(("remove", "delete")) for step in plan)
    act = lab.destroy if destroys and lab.topology.vms else lab.apply
    return [*act(plan, confirm=confirm)]


MAC = "00-15-5D-00-00-79"
TAKEN = "the VM guest has the MAC address 00-15-5D-00-00-79 on the switch L1, which {} was to have there"
WITH_MAC = LAB.replace("name: A,", f"name: A, mac_address: {MAC},")
TWO = LAB.replace("{name: A, switch: L1}", f"{{name: A, switch: L1}}, {{name: B, switch: L1, mac_address: {MAC}}}")  # fmt: skip


def take_mac(host):
    run(host, "New-VM", Name="guest", NoVHD=True, SwitchName="L1")
    run(host, "Set-VMNetworkAdapter", VMName="guest", StaticMacAddress=MAC.replace("-", ""))


@pytest.mark.parametrize(
    ("text", "action"), [(WITH_MAC, "set-mac-address"), (TWO, "add-adapter")], ids=["set", "add"]
)
def test_a_mac_address_that_others_took_since_the_plan_is_not_given_twice(host, text, action, tmp_path):  # fmt: skip
    applied(host, LAB)
    lab = nestlab.Lab(nestlab.loads(text), host)
    plan = lab.plan()
    plan.save(tmp_path / "plan.json")
    results = [*lab.apply(plan, confirm=coming(host, take_mac))]
    (result,) = (each for each in results if each.step.action == action)
    assert result.status == "failed"
    assert result.message == f"Not done: {TAKEN.format('VM a')}"
    with pytest.raises(StalePlan, match="already has that MAC address"):
        list(lab.apply(nestlab.load_plan(tmp_path / "plan.json")))
    found = run(host, "Get-VMNetworkAdapter", VMName="*")
    assert [e["VMName"] for e in found if e["MacAddress"] == MAC.replace("-", "")] == ["guest"]


def test_a_new_vm_is_not_connected_where_others_have_its_mac_address_by_now(host):
    applied(host, LAB[: LAB.index("vms:")])
    lab = nestlab.Lab(nestlab.loads(WITH_MAC), host)
    results = {each.step.action: each for each in lab.apply(confirm=coming(host, take_mac))}
    assert results["connect-adapter"].status == "failed"
    assert results["connect-adapter"].message == f"Not done: {TAKEN.format('VM a')}"


def test_an_undo_does_not_restore_a_mac_address_that_others_have_by_now(host):
    applied(host, WITH_MAC)
    applied(host, WITH_MAC.replace("79", "78"))
    take_mac(host)
    journal = journals_of(host)[0].path
    (result,) = nestlab.undo(host, journal)
    assert (result.status, result.message) == ("skipped", TAKEN.format("VM a"))


def test_a_mac_address_on_another_vlan_is_given(host):
    applied(host, LAB)
    lab = nestlab.Lab(nestlab.loads(WITH_MAC), host)

    def take_on_vlan(host):
        take_mac(host)
        vlan = {"VMName": "guest", "Access": True, "VlanId": 7}
        run(host, "Set-VMNetworkAdapterVlan", **vlan)

    results = [*lab.apply(lab.plan(), confirm=coming(host, take_on_vlan))]
    assert [str(each) for each in results if not each.ok] == []
