"""VMs inside a nested host whose nesting is changed: named before, started again, and said where they are not known."""

import contextlib

import pytest

import nestlab
from nestlab.model import Cmdlet
from tests.lab.interrupted import Counter, Interrupted, PowerCut
from tests.lab.test_inner_power import LAB, built, foreign, run, states

FOREIGN = {
    "usual": {},
    "never started by Hyper-V": {"AutomaticStartAction": "Nothing"},
    "turned off": {"AutomaticStopAction": "TurnOff", "AutomaticStartAction": "Nothing"},
    "paused": {"state": "Paused"},
    "off": {"state": "Off"},
}
NOT_KNOWN = "not known"


def populated():
    host = nestlab.connect()
    built(host, LAB)
    for name, settings in FOREIGN.items():
        foreign(host, name, **settings)
    return host, states(host)


def change(host, tmp_path, *, enable=True, **options):
    journal = tmp_path / "j.jsonl"
    settings = {"memory_startup": "9GB"} if enable else {}
    return nestlab.NestingChange(
        host, "HV1", enable=enable, journal=journal, **{**settings, **options}
    )


def stop_of(plan):
    (step,) = [step for step in plan if step.action == "shut-down-vm"]
    return step


def failures(results):
    return [str(result) for result in results if not result.ok]


def test_vms_inside_are_named_and_run_again_after_apply_and_undo(tmp_path):
    host, before = populated()
    wanted = change(host, tmp_path, credential="lab-admin")
    why = stop_of(wanted.plan()).why
    assert "usual (Running)" in why
    assert "paused (Paused)" in why
    assert "off (" not in why.replace("turned off (", "")
    assert failures(wanted.apply()) == []
    assert states(host) == before
    assert failures(wanted.undo()) == []
    host.wait(600)
    assert states(host) == before


def test_the_function_takes_the_credential(tmp_path):
    host, before = populated()
    report = nestlab.enable_nesting(
        host, "HV1", memory_startup="9GB", credential="lab-admin", journal=tmp_path / "j.jsonl"
    )
    assert report.ok
    assert states(host) == before


def test_hiding_the_extensions_says_that_vms_inside_cannot_start_again(tmp_path):
    host, before = populated()
    wanted = change(host, tmp_path, enable=False, credential="lab-admin")
    assert "cannot start again, because the extensions are hidden: " in stop_of(wanted.plan()).why
    assert failures(wanted.apply()) == []
    assert failures(wanted.undo()) == []
    host.wait(600)
    assert states(host) == before


def test_without_a_credential_it_is_said_that_they_are_not_known(tmp_path):
    host, _ = populated()
    wanted = change(host, tmp_path)
    why = stop_of(wanted.plan()).why
    assert NOT_KNOWN in why
    assert "--credential NAME" in why
    assert failures(wanted.apply()) == []
    said = " ".join(text for result in wanted.undo() for text in result.warnings)
    assert NOT_KNOWN in said


def test_a_vm_whose_extensions_are_hidden_has_nothing_inside_to_name(tmp_path):
    host = nestlab.connect()
    plan = nestlab.NestingChange(
        host, "build-agent", enable=True, journal=tmp_path / "j.jsonl"
    ).plan()
    assert NOT_KNOWN not in stop_of(plan).why
    assert not plan.deferred


@pytest.mark.parametrize("number", range(1, 6))
def test_a_change_that_is_cut_off_is_continued_with_what_ran_before(tmp_path, number):
    host, before = populated()
    cut = change(Interrupted(host, Counter(number), "cut after"), tmp_path, credential="lab-admin")
    with contextlib.suppress(PowerCut):
        list(cut.apply())
    assert failures(change(host, tmp_path, credential="lab-admin").apply()) == []
    assert states(host) == before


def test_undo_of_an_apply_says_that_vms_inside_are_not_known_without_a_credential():
    host = nestlab.connect()
    text = LAB.replace(", credential: lab-admin", "").partition("    nested:")[0]
    exposed = text.replace(
        "    processor_count: 4",
        "    processor_count: 4\n    expose_virtualization_extensions: true",
    )
    built(host, exposed)
    lab = built(host, exposed.replace("8GB", "9GB"))
    said = " ".join(text for result in lab.undo() for text in result.warnings)
    assert NOT_KNOWN in said
    assert run(host, "Get-VM", Name="HV1")[0]["State"] == "Running"


def test_an_inner_vm_with_the_name_of_the_nested_host_is_not_taken_for_it(tmp_path):
    host, _ = populated()
    foreign(host, "HV1", AutomaticStartAction="Nothing")
    before = states(host)
    assert failures(change(host, tmp_path, credential="lab-admin").apply()) == []
    assert states(host) == before
    assert host.run(Cmdlet("Get-VM", {"Name": "HV1"})).records[0]["State"] == "Running"
