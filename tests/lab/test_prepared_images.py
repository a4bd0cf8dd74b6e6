"""An image that the file calls generalized, and that is not: Windows does not read its answer file.

Before, the language and the time zone were silently not set, a later change of them was refused
with values that Windows never had, and another account was waited for without a word about the
image.
"""

from __future__ import annotations

import re

import pytest

import nestlab
from nestlab.apply import GuestsNotUp, SettingsNotApplied, Waiting
from nestlab.cli import main
from nestlab.errors import GuestCredentialRefused, GuestUnreachable, PlanRefused
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from tests.lab.test_first_boot import ONE
from tests.transport.doors import CLOCK_RATE, CREDENTIAL, options

HOST = "sim:ws2022-intel?language={}"
ACTUAL = {
    "en": "the language en-US and the time zone Pacific Standard Time",
    "ja": "the language ja-JP and the time zone Tokyo Standard Time",
}


def lab_of(host, text, tmp_path):
    return nestlab.Lab(nestlab.loads(text), host, tmp_path / "j.jsonl")


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_windows_did_not_take_from_its_answer_file_is_said_with_the_fix(language, tmp_path):
    lab = lab_of(nestlab.connect(HOST.format(language)), ONE, tmp_path)
    events = []
    assert [str(r) for r in lab.apply(on_event=events.append) if not r.ok] == []
    plan = lab.plan()
    (item,) = plan.out_of_reach
    assert item.values == ("language: es-ES", "time_zone: Romance Standard Time")
    assert f"Windows in HV1 has {ACTUAL[language]}" in item.why
    assert "image ws2022 seems to be already prepared" in item.why
    assert "prepared: true" in item.why
    assert "unattend.xml" in item.why
    (event,) = (event for event in events if type(event).__name__ == "SettingsNotApplied")
    assert event.items == (item,)
    # As the message says, nothing is left to say.
    fixed = ONE.replace(", prepared: false", "").replace(
        ", language: es-ES, time_zone: Romance Standard Time", ""
    )
    assert lab_of(lab.host, fixed, tmp_path).plan().out_of_reach == ()


def test_a_later_change_is_not_refused_with_a_value_that_windows_never_had(tmp_path):
    host = nestlab.connect(HOST.format("en"))
    list(lab_of(host, ONE, tmp_path).apply())
    plan = lab_of(host, ONE.replace("es-ES", "de-DE"), tmp_path).plan()
    (item,) = plan.out_of_reach
    assert item.values[0] == "language: de-DE"
    same = ONE.replace("es-ES", "en-US").replace("Romance", "Pacific")
    assert lab_of(host, same, tmp_path).plan().out_of_reach == ()


def test_what_windows_reports_and_the_file_has_otherwise_is_a_difference(tmp_path, capsys):
    file, state = tmp_path / "lab.yml", f"{HOST.format('en')}&state={tmp_path / 'host.json'}"
    file.write_text(ONE, encoding="utf-8")
    lab = lab_of(nestlab.connect(state), ONE, tmp_path)
    list(lab.apply())
    found = nestlab.drift(lab.topology, nestlab.connect(state))
    (finding,) = found
    assert (finding.code, finding.severity, finding.subject) == ("drift", "warning", "HV1")
    assert found.differs
    assert finding.message.startswith("language: es-ES; time_zone: Romance Standard Time: Windows")
    assert "unattend.xml" in finding.message
    assert "nestlab apply` does not change it" in finding.hint
    assert [each.kind for each in found.differences] == ["differs"]
    assert main(["drift", str(file), "--host", state]) == 1
    assert "matches" not in capsys.readouterr().out
    assert main(["plan", str(file), "--host", state]) == 0
    said = capsys.readouterr().out
    assert "Set by hand on HV1: language: es-ES" in said
    assert "differs from first in what nestlab does not set" in said


def test_what_a_user_has_changed_since_is_not_blamed_on_the_image(tmp_path):
    host = nestlab.connect("sim:ws2022-generalized?language=en")
    lab = lab_of(host, ONE, tmp_path)
    list(lab.apply())
    assert lab.plan().out_of_reach == ()
    ((_, _, guest),) = (found for found in host.simulated_host.world.host.machines() if found[0])
    guest.time_zone = "Tokyo Standard Time"
    (item,) = lab.plan().out_of_reach
    assert item.values == ("time_zone: Romance Standard Time",)
    assert "prepared" not in item.why
    assert list(nestlab.drift(lab.topology, host).codes) == ["drift"]
    with pytest.raises(PlanRefused, match="language cannot change from es-ES to de-DE"):
        lab_of(host, ONE.replace("es-ES", "de-DE"), tmp_path).plan()


def test_an_account_that_the_image_does_not_have_is_named_with_the_image(tmp_path, monkeypatch):
    monkeypatch.setenv(CREDENTIAL, "ada:Geheim-17-x")
    with serve(
        SimulatedHost.from_scenario("ws2022-intel", language="en"), clock_rate=CLOCK_RATE
    ) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = lab_of(session, ONE, tmp_path)
        with pytest.raises(GuestCredentialRefused) as caught:
            list(lab.apply())
        text = str(caught.value)
        assert "HV1 refuses the account ada of the credential 'lab-admin'" in text
        assert text.index("prepared: true") < text.index("--recreate HV1")
        assert "prepared: true" in lab.plan().deferred[0].why
        session.close()


LINUX = r"""
name: lab
images: {ws2022: {path: 'D:\images\ubuntu2404.vhdx'}}
vms:
  - name: web1
    memory_startup: 2GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
"""


@pytest.mark.parametrize("language", ["en", "ja"])
def test_a_linux_image_declared_as_windows_ends_early_with_the_reason(language, tmp_path):
    # Before, it was waited for 20 minutes, and the error said nothing of another system.
    host = nestlab.connect(HOST.format(language))
    began = host.simulated_host.world.clock.now
    with pytest.raises(GuestUnreachable, match="No Windows has started in web1") as error:
        list(lab_of(host, LINUX, tmp_path).apply())
    assert host.simulated_host.world.clock.now - began < 900
    assert "such as Linux" in error.value.hint
    assert "correct its os" in error.value.hint


BOOTS = LINUX.replace("    memory_startup", "    secure_boot: false\n    memory_startup")
INSIDE = r"""
name: lab
images: {ws2022: {path: 'D:\images\ubuntu2404.vhdx'}, host: {path: 'D:\images\ws2022.vhdx'}}
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {image: host}
    guest: {os: windows, credential: lab-admin}
    nested:
      vms:
        - name: web1
          memory_startup: 2GB
          secure_boot: false
          disk: {image: ws2022}
          guest: {os: windows, credential: lab-admin}
"""


@pytest.mark.parametrize("scenario", ["ws2022-intel", "ws2022-spanish"])
@pytest.mark.parametrize(("text", "name"), [(BOOTS, "web1"), (INSIDE, "HV1/web1")])
def test_a_linux_that_boots_and_says_so_ends_the_wait_for_windows(text, name, scenario, tmp_path):
    # Before, its heartbeat was taken for that of a Windows that starts, for 20 minutes.
    host = nestlab.connect(f"sim:{scenario}")
    lab, events = lab_of(host, text, tmp_path), []
    with pytest.raises(GuestUnreachable) as error:
        list(lab.apply(on_event=events.append))
    assert error.value.message == f"{name} runs Ubuntu, and the file says that it runs Windows"
    assert "guest: {os: linux, cloud_init: true} in web1" in error.value.hint
    waited = [event.seconds for event in events if isinstance(event, Waiting)]
    assert max(waited) < 180
    right = re.sub(" *secure_boot: false\n", "", text)
    right = right.replace("ubuntu2404.vhdx'", "ubuntu2404.vhdx', os: linux")
    place = right.index("guest: {os: windows", right.index("name: web1"))
    right = right[:place] + "guest: {os: linux}" + right[right.index("}", place) + 1 :]
    assert [str(result) for result in lab_of(host, right, tmp_path).apply() if not result.ok] == []


def test_a_guest_that_does_not_say_its_system_is_waited_for(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    lab = lab_of(host, BOOTS, tmp_path)
    plan = lab.plan()

    def without_data_exchange(event):
        for vm in host.simulated_host.world.host.hyper_v.vms:
            vm.integration_services["Key-Value Pair Exchange"] = False

    with pytest.raises(GuestUnreachable, match="did not answer over PowerShell Direct within 20"):
        list(lab.apply(plan, on_event=without_data_exchange))


@pytest.mark.parametrize("by", ["image", "parent"])
@pytest.mark.parametrize("seed", ["", ", cloud_init: true, credential: lab-admin"])
def test_a_windows_that_is_linux_in_the_file_and_does_not_boot_is_said_the_right_way_round(
    by, seed, tmp_path
):
    # Before, the reason was a Linux that does not boot under the template of Windows.
    host, events = nestlab.connect("sim:ws2022-intel"), []
    text = LINUX.replace(r"ubuntu2404.vhdx'", "ws2022.vhdx', os: linux").replace(
        "{os: windows, credential: lab-admin}", f"{{os: linux{seed}}}"
    )
    if by == "parent":
        text = text.replace("{image: ws2022}", r"{parent: 'D:\images\ws2022.vhdx'}")
    text = text.replace(
        "vms:", "switches: [{name: A, switch_type: Internal, ip_address: 10.3.0.1/24}]\nvms:"
    )
    text += "    network_adapters: [{switch: A, ip_address: 10.3.0.5/24}]\n"
    text += "checks: [{from: host, to: web1, expect: reachable}]\n"
    lab = lab_of(host, text, tmp_path)
    assert [str(r) for r in lab.apply(on_event=events.append) if not r.ok] == []
    (not_up,) = (event for event in events if isinstance(event, GuestsNotUp))
    (unknown,) = (f for f in nestlab.drift(lab.topology, host) if "no heartbeat" in f.message)
    (check,) = lab.verify().results
    for said in (not_up.text, unknown.message, check.explanation):
        assert (
            "such as Windows, which does not boot under the Secure Boot template of Linux" in said
        )
        assert "such as Linux" not in said
        assert "correct os of guest and of the image" in said


@pytest.mark.parametrize("scenario", ["ws2022-intel", "ws2022-spanish"])
def test_a_windows_that_is_linux_in_the_file_is_reported(scenario, tmp_path):
    # Before, the apply ended as if all were set.
    host, events = nestlab.connect(f"sim:{scenario}"), []
    text = LINUX.replace(r"ubuntu2404.vhdx'", "ws2022.vhdx', os: linux").replace(
        "{os: windows, credential: lab-admin}", "{os: linux, cloud_init: true}"
    )
    text = text.replace("    memory_startup", "    secure_boot: false\n    memory_startup")
    lab = lab_of(host, text, tmp_path)
    assert [str(r) for r in lab.apply(on_event=events.append) if not r.ok] == []
    (found,) = (event for event in events if isinstance(event, SettingsNotApplied))
    assert "web1: os: linux (it runs Windows Server 2022" in found.text
    assert "Write os: windows" in found.text


GENERALIZED = ONE.replace(", language: es-ES, time_zone: Romance Standard Time", "")
PREPARED = GENERALIZED.replace(", prepared: false", "")


def refusal(lab):
    """What plan says of a guest that refuses, which is what apply says then."""
    (item,) = lab.plan().deferred
    with pytest.raises(GuestCredentialRefused) as refused:
        list(lab.apply())
    assert refused.value.hint.replace("\n  ", " ") in item.why
    return item.why


def test_the_way_out_of_a_generalized_image_does_not_lead_back_once_it_is_followed(tmp_path):
    host = nestlab.connect("sim:ws2022-generalized?language=en")
    lab = lab_of(host, PREPARED, tmp_path)
    with pytest.raises(GuestCredentialRefused):
        list(lab.apply())
    first = refusal(lab)
    assert "set prepared: false for it, then recreate the VM with `--recreate HV1`" in first
    corrected = lab_of(host, GENERALIZED, tmp_path)
    second = refusal(corrected)
    assert "set prepared: true" not in second
    assert "none was written when HV1 was created" in second
    assert "recreate the VM with `--recreate HV1`" in second
    again = corrected.plan(recreate=("HV1",))
    assert [str(result) for result in corrected.apply(again) if not result.ok] == []
    assert corrected.plan().is_empty


def test_the_way_out_of_a_prepared_image_does_not_lead_back_once_it_is_followed(
    tmp_path, monkeypatch
):
    monkeypatch.setenv(CREDENTIAL, "ada:Geheim-17-x")
    with serve(
        SimulatedHost.from_scenario("ws2022-intel", language="en"), clock_rate=CLOCK_RATE
    ) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = lab_of(session, ONE, tmp_path)
        with pytest.raises(GuestCredentialRefused, match="set prepared: true for the image"):
            list(lab.apply())
        second = refusal(lab_of(session, PREPARED, tmp_path))
        assert "Windows waits at its setup screens" not in second
        assert "is prepared, as the file says now, Windows did not read it" in second
        assert "give the credential lab-admin an account that the image has" in second
        session.close()


def test_a_language_for_a_vm_that_was_created_without_an_answer_file_asks_to_recreate_it(tmp_path):
    host = nestlab.connect(HOST.format("en"))
    list(lab_of(host, PREPARED, tmp_path).apply())
    assert lab_of(host, GENERALIZED, tmp_path).plan().is_empty
    wanted = lab_of(host, ONE, tmp_path)
    with pytest.raises(PlanRefused) as refused:
        wanted.plan()
    (finding,) = refused.value.findings
    assert "language cannot change from en-US to es-ES" in finding.message
    assert "created without an answer file" in finding.message
    assert "--recreate HV1" in finding.hint
    list(wanted.apply(wanted.plan(recreate=("HV1",))))
    assert wanted.plan().is_empty
