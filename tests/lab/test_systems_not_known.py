"""VMs whose guest the file does not describe: that they run does not say that a system started."""

import pytest

import nestlab
from nestlab.apply import GuestsNotKnown
from nestlab.cli import main
from nestlab.model import Cmdlet

LAB = r"""
name: lab
vms:
  - {name: nothing, memory_startup: 1GB}
  - {name: empty, memory_startup: 1GB, disk: {size: 20GB}}
  - {name: linux, memory_startup: 1GB, disk: {parent: 'D:\images\ubuntu2404.vhdx'}}
  - {name: windows, memory_startup: 1GB, disk: {parent: 'D:\images\ws2022.vhdx'}}
"""
SILENT = ("nothing", "empty", "linux")


@pytest.fixture
def state(tmp_path):
    return f"sim:ws2022-intel?state={tmp_path / 'host.json'}"


@pytest.fixture
def applied(state):
    host, events = nestlab.connect(state), []
    assert all(
        result.ok for result in nestlab.Lab(nestlab.loads(LAB), host).apply(on_event=events.append)
    )
    host.wait(900)
    return host, events


def test_apply_names_the_guests_that_it_does_not_wait_for(applied):
    (event,) = (each for each in applied[1] if isinstance(each, GuestsNotKnown))
    assert event.machines == (*SILENT, "windows")
    assert "Whether an operating system has started in them is not known" in event.text


def test_a_plan_says_of_which_guests_it_is_not_known(applied):
    plan = nestlab.Lab(nestlab.loads(LAB), applied[0]).plan()
    whys = {item.subject.removeprefix("host: VM "): item.why for item in plan.unchanged}
    assert {name for name, why in whys.items() if "it has no heartbeat" in why} == set(SILENT)
    assert "anything started in it" in whys["nothing"]
    assert "an operating system started in it" in whys["linux"]
    assert "as far as is known: nothing, empty, linux have no heartbeat" in str(plan)


def test_drift_has_a_finding_for_each_and_does_not_say_that_the_host_matches(
    applied, state, tmp_path, capsys
):
    found = nestlab.drift(nestlab.loads(LAB), applied[0])
    assert {(item.code, item.severity, item.subject) for item in found} == {
        ("drift-not-known", "info", name) for name in SILENT
    }
    assert "It has no disk" in next(item.message for item in found if item.subject == "nothing")
    assert not found.differs
    file = tmp_path / "lab.yml"
    file.write_text(LAB, encoding="utf-8")
    assert main(["drift", str(file), "--host", state]) == 0
    assert "as far as is known" in capsys.readouterr().out


def test_a_heartbeat_service_that_is_disabled_says_nothing(applied):
    host, _ = applied
    for name in SILENT:
        services = host.run(Cmdlet("Get-VMIntegrationService", {"VMName": name}))
        heartbeat = next(each["Name"] for each in services if each["Id"].endswith("57DC8EB47"))
        host.run(Cmdlet("Disable-VMIntegrationService", {"VMName": name, "Name": heartbeat}))
    lab = nestlab.Lab(nestlab.loads(LAB), host)
    assert list(nestlab.drift(lab.topology, host)) == []
    assert "no heartbeat" not in str(lab.plan())
