"""The Reset button of the plan panel: it asks, restores VMs, and is there only where it applies."""

import pytest

import nestlab
from nestlab.model import Cmdlet
from nestlab.notebook import PlanPanel

LAB = """
name: lab
vms:
  - {name: web, disk: {size: 20GB}, checkpoints: [clean]}
"""


def panel_of(text, host):
    panel = PlanPanel(nestlab.Lab(nestlab.loads(text), host))
    assert panel.job.join(60)
    return panel


@pytest.fixture
def host():
    return nestlab.connect()


def test_reset_asks_first_then_takes_the_vms_back(host):
    panel = panel_of(LAB, host)
    panel.run_to_end()
    notes = Cmdlet("Set-VM", {"Name": "web", "Notes": "later\nnestlab:lab"})
    host.run(notes)
    panel.buttons.reset.click()
    assert panel.reset_question.layout.display == ""
    panel.reset_question.yes_button.click()
    assert panel.job.join(60)
    assert panel.status.state == "done", panel.status.text
    assert "What was restored" in panel.report.value
    (vm,) = host.run(Cmdlet("Get-VM", {"Name": "web"}))
    assert (vm["Notes"], str(vm["State"])) == ("nestlab:lab", "Running")


def test_what_cannot_go_back_is_said_with_the_way_out(host):
    panel = panel_of(LAB, host)
    panel.reset()
    assert panel.job.join(60)
    assert panel.status.state == "failed"
    assert "there is no such VM" in panel.report.value


def test_a_lab_without_checkpoints_has_no_such_button(host):
    panel = panel_of(LAB.replace(", checkpoints: [clean]", ""), host)
    assert panel.buttons.reset.layout.display == "none"
    assert panel_of(LAB, host).buttons.reset.layout.display != "none"
