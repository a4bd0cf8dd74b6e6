"""A reset detaches disks that the checkpoint does not have: those of others need a consent."""

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet, Size, SwitchParameter
from tests.lab.test_checkpoints import SMALL, applied, lab_on, take
from tests.lab.test_reset import refusals, reset

BOB = r"D:\bob.vhdx"


@pytest.fixture
def host():
    host = nestlab.connect()
    applied(lab_on(host, SMALL))
    return host


def attach(host, path=BOB):
    new = {"Path": path, "SizeBytes": Size.parse("10GB"), "Dynamic": SwitchParameter.ON}
    host.run(Cmdlet("New-VHD", new), Cmdlet("Add-VMHardDiskDrive", {"VMName": "web", "Path": path}))


def attached(host):
    return [record["Path"] for record in host.run(Cmdlet("Get-VMHardDiskDrive", {"VMName": "web"}))]


def test_a_disk_that_another_user_attached_needs_a_consent_and_is_named(host):
    lab = lab_on(host, SMALL)
    assert "bob" not in lab.plan_reset().steps[0].why
    attach(host)
    (text,) = refusals(lab)
    assert text == (
        r"web: a disk that its checkpoint clean does not have would be detached: D:\bob.vhdx. "
        "Detach it yourself, or agree with `--delete-others`: its file stays."
    )
    plan = lab.plan_reset(delete_others=True)
    assert plan.steps[0].why.endswith(
        r"; disks that the checkpoint does not have are detached, and their files stay: D:\bob.vhdx"
    )
    reset(lab, plan=plan, delete_others=True)
    assert BOB not in attached(host)
    assert host.simulated_host.machine.file(BOB) is not None


def test_the_file_that_a_checkpoint_of_others_wrote_to_is_named(host):
    lab = lab_on(host, SMALL)
    attach(host)
    take(host, "web", "bobs")
    (top,) = [path for path in attached(host) if "bob" in path]
    (text,) = refusals(lab)
    assert f"would be detached: D:\\bob.vhdx ({top})." in text


def test_a_disk_that_the_checkpoint_has_is_not_named():
    host = nestlab.connect()
    without = SMALL.replace(", checkpoints: [clean]", "")
    applied(lab_on(host, without))
    attach(host)
    take(host, "web", "nestlab.lab.clean")
    lab = lab_on(host, SMALL)
    take(host, "web", "bobs")
    assert "bob" not in lab.plan_reset().steps[0].why
    reset(lab)
    assert any("bob" in path for path in attached(host))


def test_a_disk_of_the_file_is_named_and_needs_no_consent(host):
    text = SMALL.replace("checkpoints: [clean]", "disks: [{size: 5GB}], checkpoints: [clean]")
    assert text != SMALL
    lab = lab_on(host, text)
    applied(lab)
    (path,) = [path for path in attached(host) if "disk-1" in path]
    assert lab.plan_reset().steps[0].why.endswith(path)


def test_a_disk_attached_since_the_plan_stops_the_reset(host):
    lab = lab_on(host, SMALL)
    plan = lab.plan_reset()

    def confirm(_step):
        attach(host)
        return True

    (result,) = lab.reset(plan, confirm=confirm)
    assert (result.ok, BOB in result.message) == (False, True)
    assert BOB in attached(host)
    with pytest.raises(PlanRefused):
        lab.plan_reset()
