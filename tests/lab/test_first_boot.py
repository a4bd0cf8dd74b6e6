"""Labs on generalized images: an answer file in each new disk, and its password nowhere else."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import threading
from dataclasses import replace

import pytest

import nestlab
from nestlab.apply import Waiting
from nestlab.errors import Cancelled, GuestCredentialRefused, GuestUnreachable, PlanRefused
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.plan import Action
from nestlab.plan.answer_file import answer_lines
from nestlab.plan.disk_contents import CLEANUP_COUNT
from nestlab.simulator.behaviour.powershell_direct import CredentialRefused, enter
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.faults import Fault
from nestlab.simulator.host import SimulatedHost
from tests.lab.comparer import differences
from tests.transport.doors import CLOCK_RATE, options

HOST = "sim:ws2022-generalized"
FILE = r"""
name: first
images: {ws2022: {path: 'D:\images\ws2022.vhdx', prepared: false}}
switches: [{name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    processor_count: 4
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin, language: es-ES, time_zone: Romance Standard Time}
    network_adapters:
      - {name: Ethernet, switch: LabNet, ip_address: 192.168.100.11/24, gateway: 192.168.100.1}
    nested:
      switches: [{name: In, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]
      vms:
        - name: web1
          disk: {image: ws2022}
          guest: {os: windows, credential: lab-admin}
          network_adapters: [{switch: In, ip_address: 10.0.0.11/24, gateway: 10.0.0.1}]
        - name: web_2
          disk: {image: ws2022, size: 200GB}
          guest: {os: windows, credential: lab-admin, computer_name: SRV2}
          network_adapters: [{switch: In, ip_address: 10.0.0.12/24, gateway: 10.0.0.1}]
checks: [{from: web1, to: web_2}, {from: web1, to: internet}]
"""
ONE = FILE[: FILE.index("    nested:")]
PASSWORD = "Correct-Horse-7<&>"
FORMS = (
    PASSWORD,
    PASSWORD.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"),
    json.dumps(PASSWORD)[1:-1],
    *(
        base64.b64encode(f"{PASSWORD}{suffix}".encode("utf-16-le")).decode().rstrip("=")[:40]
        for suffix in ("", "Password", "AdministratorPassword")
    ),
)


def lab_of(host, text=FILE, journal=None):
    return nestlab.Lab(nestlab.loads(text), host, journal)


def guests(world):
    return {path: machine for path, _, machine in world.host.machines()}


def step_of(plan):
    (step,) = (step for step in plan.steps if step.action is Action.WRITE_ANSWER_FILE)
    return step


def test_a_lab_comes_up_to_its_last_level(tmp_path):
    # Before, the guests of such a lab waited at their setup screens, and the apply timed out.
    host = nestlab.connect(HOST)
    lab = lab_of(host, journal=tmp_path / "j.jsonl")
    assert [result.message for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
    assert not lab.plan().steps
    assert differences(lab.topology, host.simulated_host.world.host) == []
    found = guests(host.simulated_host.world)
    assert [found[path].name for path in found if path] == ["HV1", "WEB1", "SRV2"]
    assert (found["HV1",].locale, found["HV1",].time_zone) == ("es-ES", "Romance Standard Time")
    assert all(check.passed for check in lab.verify())
    assert [result.message for result in lab.destroy() if not result.ok] == []
    assert not host.simulated_host.world.host.folders


@pytest.mark.parametrize("how", ["destroyed", "recreated"])
def test_an_undo_leaves_out_the_answer_file_of_a_disk_that_is_gone(how, tmp_path):
    host, journal = nestlab.connect(HOST), tmp_path / "j.jsonl"
    lab = lab_of(host, ONE, journal)
    assert [str(result) for result in lab.apply() if not result.ok] == []
    if how == "destroyed":
        list(lab.destroy())
    else:
        other = lab_of(host, ONE.replace("es-ES", "de-DE"), tmp_path / "k.jsonl")
        plan = other.plan(recreate=["HV1"])
        assert [str(result) for result in other.apply(plan) if not result.ok] == []
        assert [str(result) for result in other.undo() if not result.ok] == []
    assert [str(result) for result in lab.undo() if not result.ok] == []
    assert [switch.name for switch in host.simulated_host.world.host.hyper_v.switches] == []


def test_the_plan_says_why_and_what_can_be_pasted():
    step = step_of(lab_of(nestlab.connect(HOST), ONE).plan())
    assert step.why == (
        "image ws2022 is generalized: Windows stops at its setup screens without one"
    )
    assert step.lines[0] == "$lab_admin = Get-Credential -Message 'lab-admin'"
    assert step.cleanup_count == CLEANUP_COUNT
    (content,) = (line for line in step.lines if line.startswith("Set-Content"))
    assert "$lab_admin.GetNetworkCredential().Password + 'AdministratorPassword'" in content


@pytest.mark.parametrize("number", range(1, 12))
def test_whatever_fails_the_disk_is_dismounted_and_a_second_apply_converges(number, tmp_path):
    host = nestlab.connect(HOST)
    lab = lab_of(host, ONE, tmp_path / "j.jsonl")
    cmdlet = step_of(lab.plan()).cmdlets[number - 1]
    name, nth = cmdlet.last_command.name, 1
    if name in {"Set-Disk", "New-Item"}:  # each of them is there twice
        nth = 1 if "IsOffline" in cmdlet.last_command.parameters or number < 3 else 2
    host.simulated_host.inject_faults(Fault("fail", cmdlet=name, nth=nth))
    results = list(lab.apply())
    machine = host.simulated_host.world.host
    assert name == "Dismount-VHD" or not machine.mounted
    again = list(lab.apply())
    assert [result.message for result in again if not result.ok] == []
    assert lab.plan().is_empty
    assert not machine.mounted
    assert results


@pytest.mark.parametrize("kind", ["power-cut", "drop"])
@pytest.mark.parametrize(
    "name", ["Mount-VHD", "Add-PartitionAccessPath", "Set-Content", "Dismount-VHD"]
)
def test_an_interrupted_write_is_done_again_or_undone(kind, name, tmp_path):
    for ends in (lambda lab: lab.apply(), lambda lab: lab.undo(), lambda lab: lab.destroy()):
        host = nestlab.connect(HOST)
        journal = tmp_path / f"{kind}-{name}-{id(ends)}.jsonl"
        lab = lab_of(host, ONE, journal)
        host.simulated_host.inject_faults(Fault(kind, cmdlet=name, nth=1, after_effects=1))
        with contextlib.suppress(nestlab.NestlabError):
            list(lab.apply())
        host.wait(900)
        assert [result.message for result in ends(lab) if not result.ok] == []
        assert not host.simulated_host.world.host.mounted


def test_a_disk_that_was_set_up_is_left_alone(tmp_path):
    host = nestlab.connect(HOST)
    lab = lab_of(host, ONE, tmp_path / "j.jsonl")
    list(lab.apply())
    more = lab_of(host, ONE.replace("processor_count: 4", "processor_count: 2"))
    assert Action.WRITE_ANSWER_FILE not in {step.action for step in more.plan().steps}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("language: es-ES", "language: de-DE", "guest language cannot change from es-ES to de-DE"),
        ("language: es-ES, ", "", "guest language cannot change from es-ES to en-US"),
        (
            "Romance Standard Time",
            "Tokyo Standard Time",
            "guest time zone cannot change from Romance Standard Time to Tokyo Standard Time",
        ),
        (", time_zone: Romance Standard Time", "", "Time to that of the image"),
    ],
)
@pytest.mark.parametrize("turned_off", [False, True])
def test_what_only_the_first_boot_reads_is_changed_by_recreating_the_vm(
    old, new, said, turned_off, tmp_path
):
    # Before, such a change of the file was ignored: the plan had nothing to do.
    host = nestlab.connect(HOST)
    list(lab_of(host, ONE, tmp_path / "j.jsonl").apply())
    if turned_off:
        host.run(Cmdlet("Stop-VM", {"Name": "HV1", "TurnOff": SwitchParameter.ON}))
    changed = lab_of(host, ONE.replace(old, new), tmp_path / "k.jsonl")
    with pytest.raises(PlanRefused) as caught:
        changed.plan()
    (finding,) = caught.value.findings
    assert (finding.code, finding.subject) == ("cannot-change", "HV1")
    assert said in finding.message
    assert "first boot only" in finding.message
    assert "--recreate HV1" in finding.hint
    assert "cannot-change" in {found.code for found in changed.check()}
    results = list(changed.apply(changed.plan(recreate=["HV1"])))
    assert [result.message for result in results if not result.ok] == []
    assert changed.plan().is_empty
    guest = guests(host.simulated_host.world)[("HV1",)]
    wanted = changed.topology.vms[0].guest
    assert (guest.time_zone, guest.locale) == (wanted.time_zone or "", wanted.language or "en-US")


def test_the_notes_of_a_vm_keep_what_its_first_boot_was_told(tmp_path):
    host = nestlab.connect(HOST)
    with_notes = ONE.replace("processor_count", "notes: Seat 3\n    processor_count")
    for number, text in enumerate((ONE, with_notes, ONE)):
        lab = lab_of(host, text, tmp_path / f"{number}.jsonl")
        plan = lab.plan(prune=True)
        assert [result.message for result in lab.apply(plan) if not result.ok] == []
        notes = lab.observe()[()].hyper_v.vm("HV1").notes
        assert "nestlab first boot: language es-ES, time zone Romance Standard Time" in notes
        assert ("Seat 3" in notes) is (text is with_notes)
        assert lab.plan().is_empty
        assert not lab.plan().remainder


def test_a_vm_that_an_older_version_created_is_left_as_it_is_where_its_windows_has_the_settings(
    tmp_path,
):
    host = nestlab.connect(HOST)
    list(lab_of(host, ONE, tmp_path / "j.jsonl").apply())
    host.run(Cmdlet("Set-VM", {"Name": "HV1", "Notes": "nestlab:first"}))
    assert lab_of(host, ONE).plan().is_empty
    with pytest.raises(PlanRefused, match="language cannot change from es-ES to de-DE"):
        lab_of(host, ONE.replace("es-ES", "de-DE")).plan()


def test_an_image_that_the_file_calls_prepared_is_not_waited_for_in_vain(tmp_path):
    lab = lab_of(
        nestlab.connect(HOST),
        ONE.replace(", prepared: false", "").replace(
            ", language: es-ES, time_zone: Romance Standard Time", ""
        ),
        tmp_path / "j.jsonl",
    )
    with pytest.raises(GuestCredentialRefused):
        list(lab.apply())
    finding = next(found for found in lab.check() if found.code == "guest-refuses")
    assert "prepared: false" in finding.hint


def test_administrator_of_another_language_is_refused_with_what_to_use_instead(
    tmp_path, monkeypatch
):
    # Before, the simulated Spanish Windows accepted Administrator.
    simulated = SimulatedHost.from_scenario("ws2022-generalized", language="es")
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", f"Administrator:{PASSWORD}")
    with serve(simulated, clock_rate=CLOCK_RATE) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint))
        with pytest.raises(GuestUnreachable, match="a user name of your own") as caught:
            list(lab_of(session, ONE, tmp_path / "1.jsonl").apply())
        assert "--recreate HV1" in f"{caught.value}"
        session.close()
        monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", f"ada:{PASSWORD}")
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = lab_of(session, ONE, tmp_path / "2.jsonl")
        results = list(lab.apply(lab.plan(recreate=["HV1"])))
        assert [result.message for result in results if not result.ok] == []
        session.close()


def test_a_set_up_that_stops_is_reported_with_where_to_look(tmp_path, monkeypatch):
    monkeypatch.setattr("nestlab.plan.answer_file.DEFAULT_LANGUAGE", "")
    text = ONE.replace("language: es-ES, ", "")
    lab = lab_of(nestlab.connect(HOST), text, tmp_path / "j.jsonl")
    with pytest.raises(GuestUnreachable) as caught:
        list(lab.apply())
    assert "at which screen Windows Setup waits" in caught.value.hint


@pytest.mark.parametrize("user", ["ada", r".\Administrator"])
def test_a_password_is_in_the_answer_file_only(user, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("NESTLAB_CREDENTIAL_LAB_ADMIN", f"{user}:{PASSWORD}")
    caplog.set_level(logging.DEBUG)
    state = tmp_path / "state.json"
    simulated = SimulatedHost.load(state, scenario="ws2022-generalized", language="en")
    kept = []
    with serve(simulated, clock_rate=CLOCK_RATE) as endpoint:
        session = nestlab.connect(endpoint.address, **options(endpoint))
        lab = lab_of(session, FILE, tmp_path / "journal.jsonl")
        plan = lab.plan()
        plan.save(tmp_path / "plan.json")
        kept += [str(plan), repr(plan), plan._repr_html_(), json.dumps(plan.to_dict())]
        results = list(lab.apply(plan))
        assert [result.message for result in results if not result.ok] == []
        kept += [f"{result!r} {result.to_dict()}" for result in results]
        assert lab.plan().is_empty
        kept += [str(lab.plan()), str(lab.verify())]
        session.close()
    name = user.rpartition("\\")[2]
    for path in (("HV1",), ("HV1", "web1")):
        host = guests(simulated.world)[path[:-1]]
        assert enter(host, path[-1], name, PASSWORD).name == path[-1].upper()
        with pytest.raises(CredentialRefused):
            enter(host, path[-1], name, PASSWORD + "x")
    texts = [file.read_text(encoding="utf-8") for file in tmp_path.iterdir() if file.is_file()]
    assert len(texts) >= 3
    for text in (*texts, *kept, caplog.text):
        assert not any(form in text for form in FORMS)


def test_the_account_of_a_credential_is_made_unless_it_is_the_built_in_one():
    vm = nestlab.loads(ONE).vms[0]
    *_, administrator, local, _, _, _ = answer_lines(vm, "lab-admin", 9)

    class Credential:
        username, password = r"LAB\O'Hara", "p"

    assert "<Name>O&apos;Hara</Name>" in local.filled_in(Credential)
    Credential.username = "administrador"
    assert local.filled_in(Credential) == ""
    value = base64.b64encode("pAdministratorPassword".encode("utf-16-le")).decode()
    assert f"<Value>{value}</Value>" in administrator.filled_in(Credential)


def test_an_arm64_windows_gets_components_of_its_own_kind():
    vm = replace(nestlab.loads(ONE).vms[0])
    lines = [line for line in answer_lines(vm, "c", 12) if "<component" in str(line)]
    assert len(lines) == 3
    assert all('processorArchitecture="arm64"' in line for line in lines)


def recreated(lab, name):
    """Recreate a VM; return the actions of the steps."""
    plan = lab.plan(recreate=[name])
    results = list(lab.apply(plan))
    assert [result.message for result in results if not result.ok] == []
    return [result.step.action for result in results]


@pytest.mark.parametrize("saved", [False, True])
def test_a_vm_whose_first_boot_failed_is_recreated_on_request(saved, tmp_path, monkeypatch):
    # Before, the message recommended --recreate, and a plan with it was empty.
    host, text = nestlab.connect(HOST), ONE.replace("language: es-ES, ", "")
    lab = lab_of(host, text, tmp_path / "j.jsonl")
    with monkeypatch.context() as patched:
        patched.setattr("nestlab.plan.answer_file.DEFAULT_LANGUAGE", "")
        with pytest.raises(GuestUnreachable) as caught:
            list(lab.apply())
    assert "`--recreate HV1`" in caught.value.hint
    (deferred,) = lab.plan().deferred
    assert "`--recreate HV1`" in deferred.why
    plan = lab.plan(recreate=["hv1"])
    if saved:
        plan.save(tmp_path / "plan.json")
        plan = nestlab.load_plan(tmp_path / "plan.json")
    actions = [result.step.action for result in lab.apply(plan)]
    assert actions[:2] == [Action.REMOVE_VM, Action.CREATE_DISK]
    assert actions.count(Action.CREATE_VM) == 1
    assert lab.plan().is_empty
    again = lab.plan(recreate=["HV1"])
    assert again.is_empty
    assert "host: --recreate HV1" in {item.subject for item in again.unchanged}


def test_a_corrected_prepared_says_that_the_vm_has_to_be_recreated_and_recreates_it(tmp_path):
    host = nestlab.connect(HOST)
    wrong = ONE.replace(", prepared: false", "")
    with pytest.raises(GuestCredentialRefused, match=r"prepared: false.*--recreate HV1"):
        list(lab_of(host, wrong, tmp_path / "1.jsonl").apply())
    lab = lab_of(host, ONE, tmp_path / "2.jsonl")
    with pytest.raises(GuestCredentialRefused, match="--recreate HV1"):
        list(lab.apply())
    assert "--recreate HV1" in lab.plan().deferred[0].why
    assert Action.WRITE_ANSWER_FILE in recreated(lab, "HV1")
    assert lab.plan().is_empty


def test_a_recreated_vm_gets_a_new_disk_however_long_the_user_takes_to_confirm(
    tmp_path, monkeypatch
):
    host = nestlab.connect(HOST)
    with pytest.raises(GuestCredentialRefused):
        list(lab_of(host, ONE.replace(", prepared: false", ""), tmp_path / "1.jsonl").apply())
    monkeypatch.setattr("nestlab.apply.machine_task.FRESH_SECONDS", -1.0)
    lab = lab_of(host, ONE, tmp_path / "2.jsonl")
    assert Action.CREATE_DISK in recreated(lab, "HV1")
    assert lab.plan().is_empty


def test_a_vm_inside_is_recreated_and_its_nested_host_is_not(tmp_path):
    host = nestlab.connect(HOST)
    lab = lab_of(host, journal=tmp_path / "j.jsonl")
    list(lab.apply())
    machine = guests(host.simulated_host.world)["HV1", "web1"]
    machine.setup_screen = "license"
    plan = lab.plan(recreate=["web1", "HV1"])
    assert {step.machine for step in plan.steps} == {("HV1",)}
    assert Action.REMOVE_VM in recreated(lab, "HV1/web1")
    assert lab.plan().is_empty


def test_an_apply_that_is_repeated_during_the_first_boot_waits_for_its_account(tmp_path):
    # Before, it ended at once: Windows refuses every account until Setup has created one.
    host = nestlab.connect(HOST)
    lab, stop = lab_of(host, ONE, tmp_path / "j.jsonl"), threading.Event()
    with pytest.raises(Cancelled):
        list(lab.apply(cancel=stop, on_event=lambda e: isinstance(e, Waiting) and stop.set()))
    guest = guests(host.simulated_host.world)[("HV1",)]
    host.wait(guest.ready_at - host.simulated_host.world.clock.now)
    (deferred,) = lab.plan().deferred
    assert "may not have created the account yet" in deferred.why
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty


EFI = {"kind": "System", "size": "100MB", "file_system": "FAT32"}
RESERVED = {"kind": "Reserved", "size": "16MB"}
RECOVERY = {"kind": "Recovery", "size": "60GB"}
SMALL_WINDOWS = {"size": "20GB", "windows": True}
LARGE_DATA = {"size": "40GB"}
UNKNOWN = {"size": "41GB", "file_system": "None"}


def host_with_partitions(folder, *partitions, windows=True, language="en"):
    """Connect to a host whose image has these partitions."""
    image = {
        "path": r"D:\images\ws2022.vhdx",
        "operating_system": "ws2022" if windows else "ubuntu2404",
        "size": "200GB",
        "length": "11GB",
        "generalized": windows,
        "partitions": partitions,
    }
    scenario = {
        "name": "parts",
        "description": "A host whose image has several partitions",
        "based_on": "ws2022-generalized",
        "images": [image],
    }
    path = folder / "parts.json"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    return nestlab.connect(f"sim:{path}?language={language}")


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize(
    "partitions",
    [
        (EFI, RESERVED, SMALL_WINDOWS, LARGE_DATA),
        (EFI, RESERVED, LARGE_DATA, SMALL_WINDOWS),
        (EFI, RESERVED, SMALL_WINDOWS, RECOVERY),
        (EFI, RESERVED, UNKNOWN, LARGE_DATA, SMALL_WINDOWS, RECOVERY),
    ],
)
def test_the_answer_file_is_written_to_the_partition_that_holds_windows(
    partitions, nested, tmp_path
):
    # Before, it went to the largest partition or nowhere, and the apply ended with an error.
    host = host_with_partitions(tmp_path, *partitions)
    lab = lab_of(host, FILE if nested else ONE, tmp_path / "j.jsonl")
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
    found = guests(host.simulated_host.world)
    assert found["HV1",].name == "HV1"
    assert nested is (("HV1", "web1") in found)
    (file,) = (
        file
        for file in host.simulated_host.world.host.files.values()
        if "-HV1" in file.path or ".HV1" in file.path
    )
    (written,) = (part for part in file.partitions if r"windows\panther\unattend.xml" in part.files)
    assert written.size == 20 << 30
    machine = host.simulated_host.world.host
    assert (machine.mounted, machine.folders) == ([], [])


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("partitions", "windows", "said"),
    [
        (
            (EFI, RESERVED, LARGE_DATA, SMALL_WINDOWS, SMALL_WINDOWS),
            True,
            "The image of HV1 has Windows on each of the partitions 4 and 5 of its disk",
        ),
        (
            (EFI, LARGE_DATA, LARGE_DATA),
            False,
            "No Windows was found on the image of HV1: no partition of its disk has a folder",
        ),
        ((EFI, UNKNOWN, UNKNOWN), False, "No Windows was found on the image of HV1"),
    ],
)
def test_a_disk_with_no_windows_or_two_is_one_error_and_left_as_it_was(
    partitions, windows, said, language, tmp_path
):
    host = host_with_partitions(tmp_path, *partitions, windows=windows, language=language)
    lab = lab_of(host, ONE, tmp_path / "j.jsonl")
    failed = [result for result in lab.apply() if not result.ok]
    (result,) = (result for result in failed if result.status == "failed")
    assert result.step.action is Action.WRITE_ANSWER_FILE
    assert said in result.message
    assert result.hint
    machine = host.simulated_host.world.host
    assert (machine.mounted, machine.folders) == ([], [])
    assert not any(
        "unattend.xml" in name
        for file in machine.files.values()
        for part in file.partitions
        for name in part.files
    )
    assert [str(result) for result in lab.undo() if not result.ok] == []


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("nested", [False, True])
def test_an_image_without_windows_is_one_error_that_says_so(language, nested, tmp_path):
    # Before: Cannot find path 'C:\ProgramData\nestlab\mount\...\Windows' because it does not exist.
    text = FILE if nested else ONE
    images = (
        r"{ws2022: {path: 'D:\images\ws2022.vhdx', prepared: false}, "
        r"wrong: {path: 'D:\images\ubuntu2404.vhdx', prepared: false}}"
    )
    text = text.replace(text[text.index("images: ") + 8 : text.index("\nswitches")], images)
    place = text.index("image: ws2022", text.index("name: web1") if nested else 0)
    text = f"{text[:place]}image: wrong{text[place + len('image: ws2022') :]}"
    lab = lab_of(nestlab.connect(f"{HOST}?language={language}"), text, tmp_path / "j.jsonl")
    failed = [result for result in lab.apply() if not result.ok]
    (result,) = (result for result in failed if result.status == "failed")
    name = "HV1/web1" if nested else "HV1"
    assert f"No Windows was found on the image of {name}" in result.message
    assert "os of that image, under images, is probably wrong" in result.hint
