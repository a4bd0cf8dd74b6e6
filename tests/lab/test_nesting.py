"""Enable and disable on VMs in every state leave the host as it was; killed at any point, running it again finishes."""

import contextlib
import threading

import pytest

import nestlab
from nestlab.apply import StepStarted
from nestlab.errors import Cancelled, PlanRefused, UsageError
from nestlab.lab.shutdown_retry import ShutdownRetry
from nestlab.model import Cmdlet, Size
from nestlab.observe import observe
from tests.lab.interrupted import Counter, Interrupted, PowerCut

CASES = {
    "Off": "dc-archive",
    "Running": "build-agent",
    "Paused": "build-agent",
    "dynamic memory": "sql-test",
    "with checkpoint": "dc-archive",
    "running with dynamic memory": "sql-test",
}


def prepared(case):
    host = nestlab.connect()
    name = CASES[case]
    if case == "Paused":
        host.run(Cmdlet("Suspend-VM", {"Name": name}))
    elif case == "with checkpoint":
        host.run(Cmdlet("Checkpoint-VM", {"Name": name}))
    elif case == "running with dynamic memory":
        host.run(Cmdlet("Start-VM", {"Name": name}))
        host.wait(120)
    return host, name


@pytest.mark.parametrize("memory", ["8GB", 8 << 30, Size.parse("8GB")])
def test_memory_is_taken_as_text_as_well(tmp_path, memory):
    host = nestlab.connect()
    assert nestlab.enable_nesting(
        host, "dc-archive", memory_startup=memory, journal=tmp_path / "j.jsonl"
    ).ok
    there = next(vm for vm in observe(host).hyper_v.vms if vm.name == "dc-archive")
    assert there.memory_startup == Size.parse("8GB")


def test_memory_that_is_not_a_size_is_refused():
    with pytest.raises(UsageError, match="'much' is not a size; write 512MB, 8GB"):
        nestlab.NestingChange(nestlab.connect(), "dc-archive", enable=True, memory_startup="much")


def state_of(host):
    """All of the state file but the clock, when guests last started, and how often they wrote to their disks: a VM that ran has been started anew."""

    def without_starts(value):
        if isinstance(value, dict):
            return {
                key: without_starts(item)
                for key, item in value.items()
                if key not in {"started", "booted_at", "ready_at", "writes"}
            }
        return [without_starts(item) for item in value] if isinstance(value, list) else value

    return without_starts(
        {key: value for key, value in host.simulated_host.world.to_dict().items() if key != "clock"}
    )


def vm_of(host, name):
    return next(vm for vm in observe(host).hyper_v.vms if vm.name == name)


@pytest.mark.parametrize("case", CASES)
def test_enable_then_disable_leaves_the_host_as_it_was(tmp_path, case):
    host, name = prepared(case)
    before, power = state_of(host), vm_of(host, name).state
    options = {
        "memory_startup": Size.parse("8GB"),
        "processor_count": 4,
        "mac_address_spoofing": True,
    }
    assert nestlab.enable_nesting(host, name, journal=tmp_path / "j.jsonl", **options).ok
    there = vm_of(host, name)
    assert (
        there.expose_virtualization_extensions,
        there.memory_startup,
        there.dynamic_memory_enabled,
    ) == (True, 8 << 30, False)
    assert there.state == power
    assert nestlab.disable_nesting(host, name, journal=tmp_path / "j.jsonl").ok
    assert state_of(host) == before


@pytest.mark.parametrize("then", ["finish", "undo"])
@pytest.mark.parametrize("how", ["error before", "cut before", "cut after"])
@pytest.mark.parametrize("case", CASES)
def test_killed_at_every_statement_the_same_change_finishes_or_undoes(tmp_path, case, how, then):
    statement = 1
    while killed_at(statement, how, case, then, tmp_path / f"{statement}.jsonl"):
        statement += 1
    assert statement > 2  # a change has two statements at least


def killed_at(statement, how, case, then, journal):
    """End a change at this statement, finish or undo it, and return whether it had so many."""
    host, name = prepared(case)
    before, power, counter = state_of(host), vm_of(host, name).state, Counter(statement)
    with contextlib.suppress(PowerCut):
        nestlab.enable_nesting(
            Interrupted(host, counter, how), name, journal=journal, memory_startup=Size.parse("8GB")
        )
    if then == "finish":
        assert nestlab.enable_nesting(
            host, name, journal=journal, memory_startup=Size.parse("8GB")
        ).ok
        assert vm_of(host, name).expose_virtualization_extensions
        assert vm_of(host, name).state == power
        assert nestlab.disable_nesting(host, name, journal=journal).ok
    else:
        assert all(
            result.ok
            for result in nestlab.NestingChange(host, name, enable=True, journal=journal).undo()
        )
    assert state_of(host) == before
    return counter.left <= 0


@pytest.mark.parametrize("how", ["cut before", "cut after"])
@pytest.mark.parametrize("case", CASES)
def test_a_disable_killed_at_every_statement_goes_on(tmp_path, case, how):
    statement = 1
    while disable_killed_at(statement, how, case, tmp_path / f"{statement}.jsonl"):
        statement += 1
    assert statement > 1


def disable_killed_at(statement, how, case, journal):
    host, name = prepared(case)
    before, counter = state_of(host), Counter(statement)
    assert nestlab.enable_nesting(host, name, journal=journal, memory_startup=Size.parse("8GB")).ok
    with contextlib.suppress(PowerCut):
        nestlab.disable_nesting(Interrupted(host, counter, how), name, journal=journal)
    assert nestlab.disable_nesting(host, name, journal=journal).ok
    assert state_of(host) == before
    return counter.left <= 0


def test_without_a_journal_named_the_folder_remembers(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    host, name = prepared("dynamic memory")
    before = state_of(host)
    nestlab.enable_nesting(host, ["dc-archive", name])
    assert nestlab.disable_nesting(host, name).ok
    assert nestlab.disable_nesting(host, "dc-archive").ok
    assert state_of(host) == before


def test_what_somebody_hid_since_is_not_remembered(tmp_path):
    host, name = prepared("dynamic memory")
    nestlab.enable_nesting(host, name, journal=tmp_path / "j.jsonl")
    host.run(
        Cmdlet("Set-VMProcessor", {"VMName": name, "ExposeVirtualizationExtensions": False}),
        Cmdlet("Set-VMMemory", {"VMName": name, "StartupBytes": Size.parse("3GB")}),
    )
    before = state_of(host)
    nestlab.enable_nesting(
        host, name, journal=tmp_path / "j.jsonl", memory_startup=Size.parse("8GB")
    )
    assert nestlab.disable_nesting(host, name, journal=tmp_path / "j.jsonl").ok
    assert state_of(host) == before


def test_a_saved_vm_needs_a_yes_and_loses_only_its_saved_state(tmp_path):
    host, name = prepared("Running")
    host.run(Cmdlet("Save-VM", {"Name": name}))
    with pytest.raises(UsageError, match="build-agent is saved"):
        nestlab.enable_nesting(host, name, journal=tmp_path / "j.jsonl")
    assert vm_of(host, name).state == "Saved"
    assert nestlab.enable_nesting(
        host, name, journal=tmp_path / "j.jsonl", discard_saved_state=True
    ).ok
    assert nestlab.disable_nesting(host, name, journal=tmp_path / "j.jsonl").ok
    assert vm_of(host, name).state == "Off"


def test_an_old_version_is_a_finding_and_is_never_updated(tmp_path):
    host = nestlab.connect("sim:old-vms")
    with pytest.raises(PlanRefused, match=r"VM legacy-2012: has configuration version 5\.0"):
        nestlab.enable_nesting(host, "legacy-2012", journal=tmp_path / "j.jsonl")
    before = state_of(host)
    assert nestlab.enable_nesting(host, "legacy-2012", journal=tmp_path / "j.jsonl", force=True).ok
    assert vm_of(host, "legacy-2012").version == "5.0"
    assert nestlab.disable_nesting(host, "legacy-2012", journal=tmp_path / "j.jsonl").ok
    assert state_of(host) == before


def test_a_platform_that_cannot_nest_is_refused_before_anything_is_touched():
    with pytest.raises(PlanRefused, match="build-too-old"):
        nestlab.enable_nesting(nestlab.connect("sim:ws2019-amd"), "dc-archive")


def test_a_vm_that_would_not_find_its_memory_again_is_not_shut_down(tmp_path):
    host, name = prepared("Running")
    too_much = {"memory_startup": Size.parse("200GB"), "journal": tmp_path / "j.jsonl"}
    with pytest.raises(
        PlanRefused,
        match="build-agent would not start again with 200 GB of memory: 62 GB are available",
    ):
        nestlab.enable_nesting(host, name, **too_much)
    assert vm_of(host, name).state == "Running"
    assert nestlab.NestingChange(host, name, enable=True, force=True, **too_much).plan().steps
    assert nestlab.enable_nesting(host, "dc-archive", **too_much).ok  # it is Off, and stays so


def test_together_they_have_to_find_their_memory_beside_the_others(tmp_path):
    host = nestlab.connect("sim:busy-host")
    with pytest.raises(
        PlanRefused, match=r"db would not start again with 13 GB of memory: 10\.8 GB are available"
    ):
        nestlab.NestingChange(host, "db", enable=True, memory_startup=Size.parse("13GB")).plan()
    assert (
        nestlab.NestingChange(host, "db", enable=True, memory_startup=Size.parse("10GB"))
        .plan()
        .steps
    )


SHUTDOWN = "9F8233AC-BE49-4C79-8EE3-E7E1985B2077"  # its name is in the language of Windows


def deaf(host, name):
    services = host.run(Cmdlet("Get-VMIntegrationService", {"VMName": name}))
    shutdown = next(service["Name"] for service in services if service["Id"].endswith(SHUTDOWN))
    host.run(Cmdlet("Disable-VMIntegrationService", {"VMName": name, "Name": shutdown}))


def test_a_guest_that_does_not_shut_down_is_never_turned_off_silently(tmp_path):
    host, name = prepared("Running")
    deaf(host, name)
    events = []
    change = nestlab.NestingChange(
        host, name, enable=True, journal=tmp_path / "j.jsonl", shutdown_seconds=60
    )
    (result,) = change.apply(on_event=lambda event: events.append(event.to_dict()))
    assert not result.ok
    assert "turn_off=True" in result.hint
    assert vm_of(host, name).state == "Running"
    assert [event["event"] for event in events].count("step-finished") == 1
    assert events[-1]["event"] == "finished"
    assert (
        sum(
            event["event"] == "progress" and "Waiting for build-agent" in event["activity"]
            for event in events
        )
        == 12
    )


def test_who_agreed_to_the_shutdown_is_not_asked_again_while_it_is_waited_for(tmp_path):
    host, name = prepared("Running")
    deaf(host, name)
    asked = []
    change = nestlab.NestingChange(
        host, name, enable=True, journal=tmp_path / "j.jsonl", shutdown_seconds=60
    )
    assert not all(
        result.ok for result in change.apply(confirm=lambda step: not asked.append(step.action))
    )
    assert asked == ["shut-down-vm"]


def test_a_name_twice_is_one_vm_however_it_is_written(tmp_path):
    report = nestlab.enable_nesting(
        nestlab.connect(), ["DC-Archive", "dc-archive"], journal=tmp_path / "j.jsonl"
    )
    assert [result.step.action for result in report.results] == ["expose-extensions"]


def test_disabling_without_a_journal_of_before_says_what_stays(tmp_path):
    host, name = prepared("dynamic memory")
    nestlab.enable_nesting(host, name, journal=tmp_path / "here.jsonl")
    strange = nestlab.NestingChange(
        host, name, enable=False, journal=tmp_path / "elsewhere.jsonl"
    ).plan()
    (item,) = strange.unchanged
    assert "no journal here has its values" in item.why
    assert "memory, processors and MAC address spoofing are kept" in item.why
    assert "--journal" in item.why
    assert (
        nestlab.NestingChange(host, name, enable=False, journal=tmp_path / "here.jsonl")
        .plan()
        .unchanged
        == ()
    )
    report = nestlab.disable_nesting(host, name, journal=tmp_path / "elsewhere.jsonl")
    assert "so they are not known" in report.to_dict()["notes"][0]
    assert "so they are not known" in str(report)


def test_what_was_changed_since_enabling_is_said_to_stay(tmp_path):
    host, name = prepared("dynamic memory")
    options = {
        "memory_startup": Size.parse("8GB"),
        "processor_count": 4,
        "journal": tmp_path / "j.jsonl",
    }
    nestlab.enable_nesting(host, name, **options)
    host.run(
        Cmdlet("Set-VMMemory", {"VMName": name, "StartupBytes": 6 << 30}),
        Cmdlet("Set-VMProcessor", {"VMName": name, "Count": 3}),
    )
    report = nestlab.disable_nesting(host, name, journal=tmp_path / "j.jsonl")
    assert [note.partition(": ")[2] for note in report.notes] == [
        "its memory was changed after nesting was enabled, and is kept: 6GB at startup",
        "its processors were changed after nesting was enabled, and are kept: 3",
    ]


def test_agreed_it_is_turned_off_after_the_time(tmp_path):
    host, name = prepared("Running")
    deaf(host, name)
    report = nestlab.enable_nesting(
        host, name, journal=tmp_path / "j.jsonl", shutdown_seconds=60, turn_off=True
    )
    assert report.ok
    assert [result.step.action for result in report.results] == [
        "turn-off-vm",
        "expose-extensions",
        "start-vm",
    ]


def test_a_shutdown_that_hangs_ends_when_the_time_is_over():
    host = nestlab.connect()
    plan = nestlab.NestingChange(host, "build-agent", enable=True).plan()
    shutdown = ShutdownRetry(host, 0.05, None, lambda _event: None)

    def hanging():
        shutdown.on_event(StepStarted(plan.steps[0], 1, 1))
        assert shutdown.wait(5)
        raise Cancelled("stopped")
        yield

    attempt = shutdown.attempt(hanging())
    with pytest.raises(StopIteration) as end:
        next(attempt)
    assert "build-agent did not shut down within" in end.value.value.message
    assert shutdown.has_timed_out("build-agent")


def test_each_guest_has_the_whole_time_to_shut_down(tmp_path):
    host, name = prepared("Running")
    deaf(host, name)
    host.run(Cmdlet("Start-VM", {"Name": "dc-archive"}))
    host.wait(300)
    report = nestlab.enable_nesting(
        host, [name, "dc-archive"], journal=tmp_path / "j.jsonl", shutdown_seconds=60, turn_off=True
    )
    assert report.ok
    actions = {(result.step.target.name, result.step.action) for result in report.results}
    assert {(name, "turn-off-vm"), ("dc-archive", "shut-down-vm")} <= actions


def test_a_change_goes_on_once_somebody_agreed_to_turn_the_guest_off(tmp_path):
    host, name = prepared("Running")
    deaf(host, name)
    change = nestlab.NestingChange(
        host, name, enable=True, journal=tmp_path / "j.jsonl", shutdown_seconds=60
    )
    assert not all(result.ok for result in change.apply())
    assert change.timed_out_vm == name
    assert all(result.ok for result in change.with_turn_off().apply())
    assert vm_of(host, name).expose_virtualization_extensions


def test_cancelled_by_somebody_it_stays_cancelled():
    cancel = threading.Event()
    cancel.set()
    shutdown = ShutdownRetry(nestlab.connect(), 60, cancel, lambda _event: None)

    def cancelled():
        raise Cancelled("stopped")
        yield

    with pytest.raises(Cancelled, match="stopped"):
        list(shutdown.attempt(cancelled()))


def test_the_flag_is_read_again(tmp_path):
    class Forgetful(Interrupted):
        def run(self, *statements, **options):
            return self._inner.run(
                *(
                    s
                    for s in statements
                    if "ExposeVirtualizationExtensions" not in s.last_command.parameters
                ),
                **options,
            )

    host = nestlab.connect()
    report = nestlab.enable_nesting(
        Forgetful(host, Counter(0), ""), "dc-archive", journal=tmp_path / "j.jsonl"
    )
    assert not report.ok
    assert "did not take effect" in report.results[-1].message
