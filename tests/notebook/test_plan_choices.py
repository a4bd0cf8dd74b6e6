"""What a plan leaves open, in the plan panel: left over, refused, out of reach, kept; and what is asked before data goes."""

import re

import pytest

import nestlab
from nestlab.html import escape
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.notebook import PlanPanel

WITH_TWO = """
name: lab
vms:
  - name: web1
    disk: {size: 10GB}
  - name: web2
    disk: {size: 10GB}
"""
WITH_ONE = """
name: lab
vms:
  - name: web1
    disk: {size: 10GB}
"""
GENERATION_1 = WITH_TWO.replace("size: 10GB}", "size: 10GB}\n    generation: 1")


def lab_of(text, host, folder):
    path = folder / "lab.yml"
    path.write_text(text, encoding="utf-8")
    return nestlab.Lab(nestlab.load(path), host, journal=folder / "lab.jsonl")


def plan_panel(lab):
    """Return a panel whose plan is made."""
    panel = PlanPanel(lab)
    assert panel.job.join(60)
    return panel


def press(button, panel):
    button.click()
    assert panel.job.join(60)


def tick(box, panel, *, value=True):
    box.value = value
    assert panel.job.join(60)


def shown(widget):
    return widget.layout.display != "none"


def vms(host):
    return {vm["Name"]: vm["Generation"] for vm in host.run(Cmdlet("Get-VM"))}


@pytest.fixture
def host(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    list(lab_of(WITH_TWO, host, tmp_path).apply())
    return host


def test_what_is_left_over_is_shown_with_what_it_holds_and_goes_after_a_question(host, tmp_path):
    panel = plan_panel(lab_of(WITH_ONE, host, tmp_path))
    assert "VM web2" in panel.remaining_work.value
    assert "web2" in panel.snapshot()
    assert not panel.choices.prune.disabled
    assert panel.buttons.apply.disabled
    tick(panel.choices.prune, panel)
    assert any("web2" in step["title"] for step in panel.steps.steps)
    assert "web2" in vms(host), "a tick changes nothing"
    panel.buttons.apply.click()
    assert shown(panel.deletion_question)
    assert "web2" in panel.deletion_question.question.value
    assert "web2" in vms(host)
    panel.deletion_question.no_button.click()
    assert not shown(panel.deletion_question)
    panel.buttons.next_step.click()
    assert "web2" in vms(host), "each way to apply asks"
    panel.buttons.apply.click()
    press(panel.deletion_question.yes_button, panel)
    assert panel.status.state == "done", panel.status.text
    assert "web2" not in vms(host)
    assert "web1" in vms(host)
    assert not panel.choices.prune.value


def test_next_step_asks_once_and_goes_on_one_step_at_a_time(host, tmp_path):
    panel = plan_panel(lab_of(WITH_ONE, host, tmp_path))
    tick(panel.choices.prune, panel)
    panel.buttons.next_step.click()
    press(panel.deletion_question.yes_button, panel)
    assert len(panel.results) == 1
    for _ in range(10):
        if panel.buttons.next_step.disabled:
            break
        press(panel.buttons.next_step, panel)
        assert not shown(panel.deletion_question)
    assert panel.status.state == "done", panel.status.text
    assert "web2" not in vms(host)


def test_code_deletes_nothing_to_which_nobody_has_agreed(host, tmp_path):
    panel = plan_panel(lab_of(WITH_ONE, host, tmp_path))
    tick(panel.choices.prune, panel)
    with pytest.raises(nestlab.NestlabError, match="would delete data"):
        panel.run_to_end()
    assert "web2" in vms(host)
    panel.apply_all(delete=True).join(60)
    assert "web2" not in vms(host)


def test_a_choice_is_taken_back_by_unticking(host, tmp_path):
    panel = plan_panel(lab_of(WITH_ONE, host, tmp_path))
    tick(panel.choices.prune, panel)
    panel.buttons.apply.click()
    tick(panel.choices.prune, panel, value=False)
    assert not shown(panel.deletion_question), "the question was about another plan"
    assert panel.plan.is_empty
    assert "web2" in panel.remaining_work.value


def test_with_nothing_left_over_the_box_is_disabled_and_says_why(host, tmp_path):
    panel = plan_panel(lab_of(WITH_TWO, host, tmp_path))
    assert panel.choices.prune.disabled
    assert "Nothing to remove: the file names" in panel.choices.why.value
    assert not shown(panel.choices.recreate)


def test_vms_that_cannot_change_are_recreated_after_a_question(host, tmp_path):
    panel = plan_panel(lab_of(GENERATION_1, host, tmp_path))
    assert panel.status.state == "failed"
    assert "--recreate" not in panel.report.value, "the page has no command line"
    assert (
        panel.choices.recreate.description
        == "Recreate web1 and web2 (deletes their disks and what is on them)"
    )
    tick(panel.choices.recreate, panel)
    assert {step["effect"] for step in panel.steps.steps} == {"recreate"}
    assert "recreates the VM" in panel.snapshot()
    panel.buttons.apply.click()
    assert vms(host)["web1"] == 2
    press(panel.deletion_question.yes_button, panel)
    assert panel.status.state == "done", panel.status.text
    assert (vms(host)["web1"], vms(host)["web2"]) == (1, 1)
    assert not shown(panel.choices.recreate)


def test_data_disks_that_are_not_told_apart_are_no_reason_to_recreate(tmp_path):
    host = nestlab.connect()
    disks = "name: lab\nvms: [{name: data1, disk: {size: 10GB}, disks: [%s]}]"
    built = lab_of(disks % "{size: 1GB}, {size: 2GB}, {size: 4GB}", host, tmp_path)
    assert all(result.ok for result in built.apply())
    panel = plan_panel(lab_of(disks % "{size: 3GB}, {size: 4GB}", host, tmp_path))
    assert panel.status.state == "failed"
    assert not shown(panel.choices.recreate)
    assert "First remove the entry" in panel.report.value
    assert "Recreate" not in panel.report.value
    assert "--prune" not in panel.report.value


def test_a_vm_that_is_refused_later_has_to_be_ticked_anew(host, tmp_path):
    panel = plan_panel(lab_of(GENERATION_1, host, tmp_path))
    panel.choices.recreate_names = ("web1",)  # what a refusal of web1 alone leaves
    tick(panel.choices.recreate, panel)
    assert panel.status.state == "failed"
    assert not panel.choices.recreate.value
    assert "web1 and web2" in panel.choices.recreate.description


def test_what_is_out_of_reach_is_listed_with_the_exact_values(tmp_path):
    text = """
name: lab
switches:
  - {name: net, switch_type: Internal, ip_address: 10.9.0.1/24}
vms:
  - name: nix
    disk: {size: 10GB}
    guest: {os: linux}
    network_adapters:
      - {name: eth0, switch: net, ip_address: 10.9.0.5/24, gateway: 10.9.0.1}
"""
    panel = plan_panel(lab_of(text, nestlab.connect("sim:ws2022-intel"), tmp_path))
    assert "<code>eth0: 10.9.0.5/24, gateway 10.9.0.1</code>" in panel.remaining_work.value
    assert "PowerShell Direct" in panel.remaining_work.value
    panel.run_to_end()
    assert "10.9.0.5/24" in panel.remaining_work.value, "it is still to be done by hand"
    assert "Set by hand" in panel.remaining_work.value


def test_what_is_in_a_vm_declared_off_is_not_listed_to_be_set_by_hand(tmp_path):
    text = """
name: lab
switches:
  - {name: net, switch_type: Private}
vms:
  - name: off
    state: 'Off'
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {switch: net, ip_address: 10.9.0.5/24}
"""
    panel = plan_panel(lab_of(text, nestlab.connect("sim:ws2022-intel"), tmp_path))
    assert "<code>Network Adapter: 10.9.0.5/24</code>" in panel.remaining_work.value
    assert "Not set or read" in panel.remaining_work.value
    assert "by hand" not in panel.remaining_work.value


def test_destroy_lists_what_it_keeps_until_somebody_agrees_to_cut_others_off(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    panel = plan_panel(
        lab_of("name: lab\nswitches:\n  - {name: net, switch_type: Internal}\n", host, tmp_path)
    )
    panel.run_to_end()
    host.run(Cmdlet("Connect-VMNetworkAdapter", {"VMName": "sql-test", "SwitchName": "net"}))
    panel.buttons.destroy.click()
    press(panel.destroy_question.yes_button, panel)
    assert "switch net" in panel.report.value
    assert "sql-test" in panel.report.value
    assert "--disconnect-others" not in panel.report.value
    panel.buttons.destroy.click()
    panel.destroy_question.disconnect_others.value = True
    press(panel.destroy_question.yes_button, panel)
    assert not [switch for switch in host.run(Cmdlet("Get-VMSwitch")) if switch["Name"] == "net"]
    assert not re.search("kept", panel.report.value)


NESTED = """
name: lab
vms:
  - name: HV1
    memory_startup: 8GB
    processor_count: 4
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    nested: {}
"""


@pytest.fixture
def others_inside(tmp_path):
    """Return the host of a lab, and its panel, with a VM of others inside its nested host."""
    host = nestlab.connect("sim:ws2022-intel")
    panel = plan_panel(lab_of(NESTED, host, tmp_path))
    panel.run_to_end()
    made = {"Name": "db1", "MemoryStartupBytes": 1 << 30, "NoVHD": SwitchParameter.ON}
    host.guest("HV1", "lab-admin").run(Cmdlet("New-VM", made))
    return host, panel


def test_destroy_deletes_vms_of_others_inside_only_where_that_is_ticked(others_inside):
    host, panel = others_inside
    panel.buttons.destroy.click()
    press(panel.destroy_question.yes_button, panel)
    assert "HV1" in vms(host)
    assert "db1" in panel.report.value
    assert "--delete-others" not in panel.report.value
    assert escape(panel.destroy_question.delete_others.description) in panel.report.value
    panel.buttons.destroy.click()
    assert not panel.destroy_question.delete_others.value
    panel.destroy_question.delete_others.value = True
    press(panel.destroy_question.yes_button, panel)
    assert "HV1" not in vms(host)


def test_undo_deletes_vms_of_others_inside_only_where_that_is_ticked(others_inside):
    host, panel = others_inside
    assert not shown(panel.choices.delete_others)
    panel.buttons.undo.click()
    press(panel.undo_question.yes_button, panel)
    assert "HV1" in vms(host)
    assert "db1" in panel.report.value
    assert "--delete-others" not in panel.report.value
    assert shown(panel.choices.delete_others)
    tick(panel.choices.delete_others, panel)
    panel.buttons.undo.click()
    press(panel.undo_question.yes_button, panel)
    assert "HV1" not in vms(host)
    assert not shown(panel.choices.delete_others)
    assert not panel.choices.delete_others.value


def test_prune_deletes_vms_of_others_inside_only_where_that_is_ticked(others_inside, tmp_path):
    host, _ = others_inside
    panel = plan_panel(lab_of("name: lab\n", host, tmp_path))
    tick(panel.choices.prune, panel)
    assert "db1" in panel.remaining_work.value
    assert "--delete-others" not in panel.remaining_work.value
    assert shown(panel.choices.delete_others)
    tick(panel.choices.delete_others, panel)
    assert panel.apply_all(delete=True).join(60)
    assert "HV1" not in vms(host)


def test_an_adapter_of_unknown_origin_is_removed_only_where_that_is_ticked(tmp_path):
    host = nestlab.connect()
    text = "name: lab\nswitches: [{name: S, switch_type: Internal}]\n"
    assert all(result.ok for result in lab_of(text, host, tmp_path).apply())
    theirs = {"ManagementOS": SwitchParameter.ON, "Name": "Theirs", "SwitchName": "S"}
    host.run(Cmdlet("Add-VMNetworkAdapter", theirs))

    def names():
        own = host.run(Cmdlet("Get-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON}))
        return sorted(record["Name"] for record in own)

    panel = plan_panel(lab_of(text, host, tmp_path))
    assert not shown(panel.choices.disconnect_others)
    tick(panel.choices.prune, panel)
    assert panel.plan.is_empty
    assert "adapter Theirs" in panel.remaining_work.value
    assert "--" not in panel.remaining_work.value
    assert shown(panel.choices.disconnect_others)
    tick(panel.choices.disconnect_others, panel)
    assert panel.apply_all().join(60)
    assert names() == ["S"]
    assert not panel.choices.disconnect_others.value
    press(panel.buttons.undo, panel)
    assert names() == ["S", "Theirs"]


def test_recreating_needs_the_same_consent(others_inside, tmp_path):
    host, _ = others_inside
    text = NESTED.replace("name: HV1", "name: HV1\n    generation: 1")
    panel = plan_panel(lab_of(text, host, tmp_path))
    tick(panel.choices.recreate, panel)
    assert "db1" in panel.report.value
    assert "--delete-others" not in panel.report.value
    tick(panel.choices.delete_others, panel)
    assert panel.apply_all(delete=True).join(60)
    assert vms(host)["HV1"] == 1


def test_a_deletion_planned_after_the_question_is_asked_about_by_itself(tmp_path):
    nested = "      vms:\n        - {name: inner, memory_startup: 1GB, disk: {image: ws2022}}\n"
    outer = (
        "name: lab\nimages: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}\nvms:\n  - name: HV1\n    memory_startup: 8GB\n    processor_count: 2\n    disk: {image: ws2022}\n"
        "    guest: {os: windows, credential: lab-admin}\n    nested:\n"
    )
    host = nestlab.connect("sim:ws2022-intel")
    list(lab_of(outer + nested + "  - {name: web2, disk: {size: 10GB}}\n", host, tmp_path).apply())
    host.run(Cmdlet("Stop-VM", {"Name": "HV1", "Force": True}))
    panel = plan_panel(lab_of(outer + "      vms: []\n", host, tmp_path))
    tick(panel.choices.prune, panel)
    panel.buttons.apply.click()
    assert "inner" not in panel.deletion_question.question.value
    press(panel.deletion_question.yes_button, panel)
    assert (panel.status.state, panel.status.text) == (
        "warning",
        "Stopped before a step that deletes data. 3 steps applied, 2 steps remaining.",
    )
    assert "web2" not in vms(host)
    panel.buttons.apply.click()
    assert "Remove the VM inner" in panel.deletion_question.question.value
    press(panel.deletion_question.yes_button, panel)
    assert panel.status.state == "done", panel.status.text


SILENT = r"""
name: lab
images: {ws2022: {path: 'D:\images\ws2022.vhdx'}, ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}}
switches: [{name: Net, switch_type: Internal, ip_address: 10.77.0.1/24}]
vms:
  - name: win1
    memory_startup: 1GB
    disk: {image: ws2022}
    guest: {os: windows, credential: c}
  - name: lx1
    memory_startup: 1GB
    disk: {image: ubuntu}
    guest: {os: linux, cloud_init: true, credential: c}
    network_adapters: [{switch: Net, ip_address: 10.77.0.11/24}]
"""


def guest_of(host, name):
    return next(m for path, _, m in host.simulated_host.world.host.machines() if path == (name,))


@pytest.mark.parametrize("name", ["win1", "lx1"])
def test_a_guest_that_does_not_answer_can_be_recreated(name, tmp_path):
    # Before, the box was offered only for settings that cannot change in place.
    host = nestlab.connect("sim:ws2022-intel")
    lab = lab_of(SILENT, host, tmp_path)
    panel = plan_panel(lab)
    panel.run_to_end()
    assert not shown(panel.choices.recreate)
    guest = guest_of(host, name)
    clock = host.simulated_host.world.clock
    guest.ready_at = clock.now + 1e6
    clock.advance(3600)
    press(panel.buttons.plan, panel)
    assert shown(panel.choices.recreate)
    assert panel.choices.recreate.description.startswith(f"Recreate {name} (deletes its disks")
    assert not panel.choices.recreate.value
    tick(panel.choices.recreate, panel)
    assert {"remove-vm", "create-vm"} <= {step.action for step in panel.plan.steps}
    panel.buttons.apply.click()
    press(panel.deletion_question.yes_button, panel)
    assert guest_of(host, name) is not guest
    assert not shown(panel.choices.recreate)


@pytest.mark.parametrize("name", ["win1", "lx1"])
def test_a_guest_that_is_only_starting_is_no_reason_to_recreate(name, tmp_path):
    # Before, a panel opened after a restart offered to delete the VM's disks.
    host = nestlab.connect("sim:ws2022-intel")
    lab = lab_of(SILENT, host, tmp_path)
    assert all(result.ok for result in lab.apply())
    host.run(Cmdlet("Stop-VM", {"Name": name, "TurnOff": SwitchParameter.ON}))
    host.run(Cmdlet("Start-VM", {"Name": name}))
    panel = plan_panel(lab)
    assert not shown(panel.choices.recreate)
    assert f"{name} is still starting: plan again in a minute." in panel.status.hint
    host.simulated_host.world.clock.advance(3600)
    press(panel.buttons.plan, panel)
    assert not shown(panel.choices.recreate)
    assert "starting" not in panel.status.hint


def test_verify_shows_what_it_waits_for(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    lab = lab_of(SILENT + "checks: [{from: host, to: lx1}]\n", host, tmp_path)
    panel = plan_panel(lab)
    panel.run_to_end()
    host.run(Cmdlet("Stop-VM", {"Name": "lx1", "TurnOff": SwitchParameter.ON}))
    host.run(Cmdlet("Start-VM", {"Name": "lx1"}))
    press(panel.buttons.verify, panel)
    rows = panel.steps.rows()
    (wait,) = (step for step in rows.steps if step["title"] == "Waiting for the heartbeat of lx1")
    assert rows.states[wait["id"]] == "stopped"  # no heartbeat came
