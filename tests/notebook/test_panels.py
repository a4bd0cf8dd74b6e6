"""The panels without a browser: their buttons, pressed from Python, change the simulated host as they say."""

import threading
import time
from pathlib import Path

import ipywidgets
import pytest

import nestlab
from nestlab.apply import StepResult, StepState
from nestlab.html import escape
from nestlab.model import Cmdlet
from nestlab.notebook import (
    CapabilityPanel,
    ConnectPanel,
    DocumentPanel,
    NestingPanel,
    PlanPanel,
    TopologyDesigner,
    TracePanel,
)
from nestlab.notebook.progress import RunProgress
from nestlab.notebook.status import StatusLine
from nestlab.notebook.steps import StepList, steps_html
from nestlab.simulator.endpoint.winrm import serve
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.scenarios import scenario_descriptions
from nestlab.topology_file import loads

TOPOLOGIES = Path(__file__).parents[2] / "notebooks" / "topologies"


def finish(panel):
    assert panel.job.join(60)


def plan_panel(lab):
    """Return a panel whose plan is made."""
    panel = PlanPanel(lab)
    assert panel.job.join(60)
    return panel


def test_a_job_counts_as_running_before_its_buttons_are_off(lab):
    # Before, the page could give the focus to another button at the start of a job.
    panel, states = plan_panel(lab), []
    for widget in (*panel.disabled_while_busy, panel.cancel_button):
        widget.observe(
            lambda change: states.append((change["new"], panel.status.state)), "disabled"
        )
    panel.apply_next()
    assert states[0] == (True, "running")
    finish(panel)
    assert states[-1] == (True, panel.status.state), "Cancel is the last one"
    assert panel.status.state != "running"


def exposes(host, name):
    return next(iter(host.run(Cmdlet("Get-VMProcessor", {"VMName": name}))))[
        "ExposeVirtualizationExtensions"
    ]


@pytest.fixture
def host():
    return nestlab.connect("sim:ws2022-intel")


@pytest.fixture
def lab(host, tmp_path):
    return nestlab.Lab(
        nestlab.load(TOPOLOGIES / "nat-lab.yml"), host, journal=tmp_path / "nat-lab.jsonl"
    )


WRONG_ARGUMENTS = (3, 2.5, True, [], {}, ("a",), object())
PANELS_OF_A_HOST = (CapabilityPanel, NestingPanel)
MORE_WRONG_ARGUMENTS = [
    *((panel, value) for panel in PANELS_OF_A_HOST for value in (None, "sim:ws2022-intel")),
    *((PlanPanel, value) for value in (None, "nat-lab.yml", nestlab.loads("name: a"))),
    *((TracePanel, value) for value in (None, "nat-lab.yml", nestlab.connect())),
    (TopologyDesigner, None),
    (TopologyDesigner, nestlab.connect()),
    (ConnectPanel, nestlab.connect()),
]
PANELS = (
    *PANELS_OF_A_HOST,
    ConnectPanel,
    DocumentPanel,
    PlanPanel,
    TopologyDesigner,
    TracePanel,
)


@pytest.mark.parametrize(
    ("panel", "value"),
    [*((panel, value) for panel in PANELS for value in WRONG_ARGUMENTS), *MORE_WRONG_ARGUMENTS],
    ids=lambda item: getattr(item, "__name__", type(item).__name__),
)
def test_an_argument_of_another_type_is_refused_with_an_example(panel, value):
    with pytest.raises(nestlab.UsageError) as caught:
        panel(value)
    assert caught.value.message.startswith(f"{panel.__name__} needs ")
    assert caught.value.message.endswith(f", not {type(value).__name__}.")
    assert f"{panel.__name__}(" in caught.value.hint


def test_a_trace_begins_at_any_endpoint_and_at_no_other():
    topology = nestlab.load(TOPOLOGIES / "nat-lab.yml")
    assert TracePanel(topology, "HV1/web1", "10.0.0.12").target.value == "10.0.0.12"
    with pytest.raises(nestlab.UnknownEndpoint, match="nowhere"):
        TracePanel(topology, "nowhere")
    with pytest.raises(nestlab.UsageError, match="name of an endpoint, not int"):
        TracePanel(topology, "web1", 3)


def test_connecting_without_an_address_asks_for_one():
    panel = ConnectPanel("")
    panel.connect_button.click()
    assert (panel.status.state, panel.status.text) == ("failed", "No host to connect to was given.")
    assert panel.job is None


def test_connecting_gives_a_session():
    panel = ConnectPanel()
    panel.connect_button.click()
    finish(panel)
    assert panel.host.host == "sim:ws2022-intel"
    assert panel.status.state == "done"


def test_connecting_says_who_answers_and_what_the_account_may_do():
    panel = ConnectPanel("sim:hyperv-admin-only")
    panel.connect_button.click()
    finish(panel)
    assert "HV01" in panel.host_summary.value
    assert "the session is not elevated" in panel.host_summary.value
    assert "the session is not elevated" in panel.snapshot()


def test_a_host_that_does_not_answer_gives_the_command_to_run_on_it():
    panel = ConnectPanel("winrms://127.0.0.1:1")
    panel.username.value, panel.password.value = "ada", "not-a-password"
    panel.connect_button.click()
    finish(panel)
    assert panel.status.state == "failed"
    assert "New-NetFirewallRule" in panel.status.hint
    assert panel.host_summary.value == ""


@pytest.mark.parametrize("address", ["ssh://ada@hv01", "winrm://hv01"])
def test_an_address_without_a_certificate_hides_the_field_of_the_certificate_only(address):
    panel = ConnectPanel("")
    panel.address.value = address
    fields = (panel.address, panel.username, panel.password, panel.configuration)
    assert all(field.layout.display != "none" for field in fields)
    assert panel.certificate.layout.display == "none"
    panel.address.value = "winrms://hv01"
    assert panel.certificate.layout.display != "none"


def test_before_connecting_the_panel_says_what_to_do():
    with pytest.raises(nestlab.NestlabError, match="Press Connect"):
        _ = ConnectPanel().host


def test_an_unknown_scenario_is_an_error_in_the_page_with_the_known_ones():
    panel = ConnectPanel("sim:ws2099")
    panel.connect_button.click()
    finish(panel)
    assert panel.status.state == "failed"
    assert "ws2022-intel" in panel.status.hint
    assert not panel.connect_button.disabled


def test_the_error_about_one_address_goes_when_another_is_typed():
    panel = ConnectPanel("sim:ws2099")
    press(panel.connect_button, panel)
    panel.address.value = "sim:no-role"
    assert (panel.status.state, panel.status.text) == ("idle", "")


def test_every_simulated_host_is_listed_with_what_it_is():
    panel = ConnectPanel("sim:no-role?time_scale=0.1")
    assert scenario_descriptions()["no-role"] in panel.about.value
    panel.address.value = "winrms://hv01"
    assert panel.about.value == ""
    assert all(escape(about) in panel.snapshot() for about in scenario_descriptions().values())


def test_a_wrong_address_is_named_before_a_password_is_asked_for():
    panel = ConnectPanel("hv01")
    panel.username.value = "ada"
    press(panel.connect_button, panel)
    assert "not the address of a host" in panel.status.text


@pytest.mark.parametrize("address", ["winrm://ada:Geheim-1@hv01", "ssh://ada:Geheim-1@[::1"])
def test_a_password_in_an_address_is_neither_shown_nor_saved(address):
    panel = ConnectPanel(address)
    assert "Geheim-1" not in panel.snapshot()
    panel.connect_button.click()
    assert "Geheim-1" not in panel.status.text
    finish(panel)
    assert panel.status.state == "failed"
    assert "Geheim-1" not in f"{panel.status.text} {panel.status.hint} {panel.snapshot()}"
    assert panel.address.value == address.replace("Geheim-1", "***")


def test_a_password_in_the_address_of_a_second_host_is_neither_shown_nor_saved(host):
    panel = CapabilityPanel(host)
    panel.address.value = "winrm://ada:Geheim-1@hv01"
    panel.compare_button.click()
    assert "Geheim-1" not in panel.status.text
    finish(panel)
    assert panel.status.state == "failed"
    assert panel.address.value == "winrm://ada:***@hv01"


def test_a_host_with_a_certificate_of_its_own_is_reached_with_the_right_password_only():
    with serve(SimulatedHost.from_scenario("ws2022-intel"), tls=True) as endpoint:
        panel = ConnectPanel(endpoint.address)
        panel.username.value = endpoint.user
        for password, certificate, said in (
            (endpoint.password, "", "is not trusted here"),
            ("not-the-password", str(endpoint.certificate), "wrong user name or password"),
            (endpoint.password, str(endpoint.certificate), "Connected to winrms://"),
        ):
            panel.password.value, panel.certificate.value = password, certificate
            press(panel.connect_button, panel)
            assert said in panel.status.text
        panel.host.close()


def test_the_password_leaves_the_page_when_it_is_used():
    panel = ConnectPanel("sim:ws2022-intel")
    panel.password.value = "Wd-4711-geheim"
    panel.connect_button.click()
    finish(panel)
    assert panel.password.value == ""
    assert "geheim" not in repr(panel) + str(panel.snapshot()) + str(panel.get_state())


def test_the_capability_report_begins_with_the_verdict(host):
    panel = CapabilityPanel(host)
    assert panel.findings[0].code == "can-nest"
    assert panel.report.reports[0]["host"] == "sim:ws2022-intel"
    panel.read_button.click()
    finish(panel)
    assert panel.status.state == "done"


def test_nesting_is_previewed_applied_and_undone(host):
    panel = NestingPanel(host)
    assert panel.apply_button.disabled
    panel.vms.selected = ["dc-archive"]
    assert any(
        "ExposeVirtualizationExtensions $true" in text
        for step in panel.steps.steps
        for text in step["cmdlets"]
    )
    assert not exposes(host, "dc-archive")
    panel.apply_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert exposes(host, "dc-archive")
    assert next(row for row in panel.vms.rows if row["name"] == "dc-archive")["exposed"]
    panel.undo_button.click()
    finish(panel)
    assert not exposes(host, "dc-archive")
    assert panel.undo_button.disabled


def test_a_vm_that_exposes_nothing_has_nothing_to_hide(host):
    panel = NestingPanel(host)
    panel.vms.selected = ["dc-archive"]
    panel.options.direction.value = False
    assert panel.apply_button.disabled
    assert "Nothing to do" in panel.steps.empty


def test_steps_are_applied_one_at_a_time_then_all(lab):
    panel = plan_panel(lab)
    first = panel.steps.steps[0]["id"]
    panel.buttons.next_step.click()
    finish(panel)
    assert panel.steps.states[first] == "done"
    assert len(panel.results) == 1
    panel.buttons.apply.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert lab.plan().is_empty
    assert set(panel.steps.states.values()) == {"done", "waited"}
    assert [step["title"] for step in panel.steps.steps if step["id"] == "wait 1"] == [
        "Waiting for HV1"
    ]


def test_what_is_left_after_a_step_is_taken_from_the_plan(lab, monkeypatch):
    panel = plan_panel(lab)
    planned = len(panel.plan)
    monkeypatch.setattr(panel.lab, "plan", lambda **_: pytest.fail("the host was observed again"))
    for done in (1, 2, 3):
        press(panel.buttons.next_step, panel)
        assert panel.status.text == f"{done} of about 37 steps applied."
        assert len(panel.plan) == planned - done


def test_the_plan_is_made_in_the_background_and_can_be_cancelled(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    lab = nestlab.Lab(nestlab.load(TOPOLOGIES / "nat-lab.yml"), host, journal=tmp_path / "j.jsonl")
    asked = threading.Event()

    class Slow(nestlab.Lab):
        def plan(self, *, cancel=None, **_choices):
            asked.set()
            assert cancel.wait(60)
            raise nestlab.errors.Cancelled("Stopped")

    panel = PlanPanel(lab)
    assert panel.job.join(60)
    panel.lab = Slow(lab.topology, host, journal=tmp_path / "j.jsonl")
    before = panel.plan
    panel.buttons.plan.click()
    assert asked.wait(60)
    assert panel.status.text == "Comparing the host with the topology …"
    assert panel.buttons.apply.disabled
    panel.cancel_button.click()
    finish(panel)
    assert panel.status.state == "cancelled"
    assert panel.plan == before


def test_verify_shows_every_check(lab):
    panel = plan_panel(lab)
    panel.run_to_end()
    panel.buttons.verify.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert "web1" in panel.report.value


def test_verify_before_anything_is_applied_shows_every_check_and_what_is_missing(lab):
    panel = plan_panel(lab)
    panel.buttons.verify.click()
    finish(panel)
    assert (panel.status.state, panel.status.text) == (
        "failed",
        f"0 of {len(lab.topology.checks)} checks passed.",
    )
    assert "web1 is inside HV1, which is not on the host" in panel.report.value


def test_run_to_end_leaves_nothing_to_do_and_can_run_again(lab):
    panel = plan_panel(lab)
    assert panel.run_to_end().complete
    assert panel.run_to_end().complete


def test_undo_brings_the_host_back(lab, host):
    before = {vm["Name"] for vm in host.run(Cmdlet("Get-VM"))}
    panel = plan_panel(lab)
    panel.run_to_end()
    panel.buttons.undo.click()
    press(panel.undo_question.yes_button, panel)
    assert panel.status.state == "done", panel.status.text
    assert {vm["Name"] for vm in host.run(Cmdlet("Get-VM"))} == before


def test_undo_asks_before_it_removes_vms_and_disks(lab, host):
    panel = plan_panel(lab)
    panel.run_to_end()
    panel.buttons.destroy.click()
    panel.buttons.undo.click()
    assert "1 VM: HV1<" in panel.undo_question.question.value
    assert "HV1.vhdx" in panel.undo_question.question.value
    assert panel.undo_question.question.layout.width == "100%"  # the buttons are below the list
    assert (panel.destroy_question.layout.display, panel.undo_question.layout.display) == (
        "none",
        "",
    )
    panel.undo_question.no_button.click()
    assert panel.undo_question.layout.display == "none"
    assert any(vm["Name"] == "HV1" for vm in host.run(Cmdlet("Get-VM")))
    panel.buttons.undo.click()
    panel.buttons.destroy.click()
    assert (panel.destroy_question.layout.display, panel.undo_question.layout.display) == (
        "",
        "none",
    )


def test_undo_of_what_removes_no_vm_and_no_disk_does_not_ask(host, tmp_path):
    topology = nestlab.loads("name: lab\nswitches: [{name: S, switch_type: Internal}]\n")
    panel = plan_panel(nestlab.Lab(topology, host, journal=tmp_path / "j.jsonl"))
    panel.run_to_end()
    press(panel.buttons.undo, panel)
    assert panel.undo_question.layout.display == "none"
    assert panel.status.text == "1 step undone: the earlier values are restored."


def test_an_earlier_run_that_was_not_undone_is_named_and_undone_too(host, tmp_path, monkeypatch):
    monkeypatch.setenv("NESTLAB_JOURNALS", str(tmp_path))
    before = {vm["Name"] for vm in host.run(Cmdlet("Get-VM"))}
    topology = nestlab.load(TOPOLOGIES / "nat-lab.yml")
    first = plan_panel(nestlab.Lab(topology, host))
    stop_after(first, 4)
    press(first.buttons.apply, first)
    second = plan_panel(nestlab.Lab(topology, host))
    press(second.buttons.apply, second)
    second.buttons.undo.click()
    assert "what the run created" in second.undo_question.question.value
    press(second.undo_question.yes_button, second)
    assert first.lab.journal.name in second.status.hint
    assert "press Undo again to undo it too" in second.status.hint
    second.buttons.undo.click()
    assert "what the earlier run of 2" in second.undo_question.question.value
    press(second.undo_question.yes_button, second)
    assert (second.status.state, second.status.hint) == ("done", "")
    assert {vm["Name"] for vm in host.run(Cmdlet("Get-VM"))} == before
    assert second.buttons.undo.disabled


def test_destroy_asks_first(lab, host):
    panel = plan_panel(lab)
    panel.run_to_end()
    panel.buttons.destroy.click()
    assert panel.destroy_question.layout.display == ""
    assert any(vm["Name"] == "HV1" for vm in host.run(Cmdlet("Get-VM")))
    panel.destroy_question.yes_button.click()
    finish(panel)
    assert panel.status.state == "done", panel.status.text
    assert "What was removed" in panel.report.value
    assert not any(vm["Name"] == "HV1" for vm in host.run(Cmdlet("Get-VM")))


def test_a_host_that_changed_meanwhile_is_planned_again(lab, host):
    panel = plan_panel(lab)
    host.run(Cmdlet("New-VMSwitch", {"Name": "Surprise", "SwitchType": "Private"}))
    panel.buttons.apply.click()
    finish(panel)
    assert panel.status.state in {"warning", "done"}
    panel.buttons.apply.click()
    finish(panel)
    assert lab.plan().is_empty


def test_what_others_changed_meanwhile_stands_above_the_steps(lab, host):
    panel = plan_panel(lab)
    host.run(Cmdlet("New-VMSwitch", {"Name": "Theirs", "SwitchType": "Private"}))
    panel.apply_all().join()
    first = panel.steps.steps[0]
    assert (
        first["title"] == "Changed on the host since the plan was made, without effect on the plan"
    )
    assert "switch Theirs is new" in panel.steps.notes[first["id"]]
    assert panel.plan.is_empty


def test_the_walk_is_drawn_and_explained():
    panel = TracePanel(nestlab.load(TOPOLOGIES / "bridged-lab.yml"), "web1", "internet")
    assert "reachable" in panel.answer.value
    assert panel.status.text == "", "the verdict would stand there twice"
    assert "<svg" in panel.picture.value
    assert "data:image/svg+xml" in panel.snapshot()
    panel.target.value = "HV1"
    assert panel.trace.status == "reachable"


def press(button, panel):
    button.click()
    finish(panel)


def test_a_step_at_a_time_reaches_the_end(lab):
    panel = plan_panel(lab)
    for _ in range(100):
        if panel.buttons.next_step.disabled:
            break
        press(panel.buttons.next_step, panel)
    assert panel.status.state == "done", panel.status.text
    assert panel.buttons.apply.disabled
    assert lab.plan().is_empty


@pytest.mark.parametrize("whole", [False, True], ids=["step by step", "at once"])
def test_a_run_to_its_end_observes_nothing_beside_what_the_run_does(lab, monkeypatch, whole):
    panel = plan_panel(lab)
    monkeypatch.setattr(panel.lab, "plan", lambda **_: pytest.fail("the host was observed again"))
    if whole:
        press(panel.buttons.apply, panel)
    for _ in range(100):
        if panel.buttons.next_step.disabled:
            break
        press(panel.buttons.next_step, panel)
    monkeypatch.undo()
    assert panel.status.state == "done", panel.status.text
    again = lab.plan()
    assert panel.plan.is_empty
    assert panel.plan.to_dict() == again.to_dict()
    assert panel.plan.warnings == again.warnings


def stop_after(panel, count):
    """Cancel the panel's job when that many steps have ended."""
    took = panel._progress.finished

    def finished(result):
        took(result)
        if len(panel.results) == count:
            panel._progress.finished = took
            panel.cancel()

    panel._progress.finished = finished


def test_stopped_in_the_middle_apply_goes_on_and_undo_takes_all_back(lab, host):
    before = {vm["Name"] for vm in host.run(Cmdlet("Get-VM"))}
    panel = plan_panel(lab)
    stop_after(panel, 3)
    press(panel.buttons.apply, panel)
    assert panel.status.state == "cancelled"
    assert list(panel.steps.states.values()) == ["done"] * 3
    assert len(panel.plan) == len(panel.steps.steps) - 3
    assert not panel.buttons.apply.disabled
    press(panel.buttons.apply, panel)
    assert panel.status.state == "done", panel.status.text
    panel.buttons.undo.click()
    press(panel.undo_question.yes_button, panel)
    assert panel.status.state == "done", panel.status.text
    assert {vm["Name"] for vm in host.run(Cmdlet("Get-VM"))} == before
    assert not host.run(
        Cmdlet("Get-VMSwitch", {"Name": "LabNet", "ErrorAction": "SilentlyContinue"})
    ).records
    assert panel.buttons.undo.disabled


def test_a_wait_that_is_stopped_is_said_to_be(tmp_path):
    host = nestlab.connect("sim:ws2022-intel?time_scale=0.02")
    panel = plan_panel(
        nestlab.Lab(nestlab.load(TOPOLOGIES / "nat-lab.yml"), host, journal=tmp_path / "j.jsonl")
    )
    panel.buttons.apply.click()
    wait_for(lambda: "wait 1" in panel.steps.states)
    panel.cancel_button.click()
    finish(panel)
    assert panel.status.state == "cancelled"
    assert panel.steps.states["wait 1"] == "stopped"
    assert panel.steps.notes["wait 1"].startswith("waited ")
    assert "running" not in panel.steps.states.values()


def test_a_wait_that_has_ended_has_a_check_mark(lab):
    panel = plan_panel(lab)
    panel.run_to_end()
    assert panel.steps.states["wait 1"] == "waited"
    waits = [row for row in steps_html(panel.steps.rows()).split("<tr>") if "waited " in row]
    assert waits
    assert all(">✓<" in row for row in waits)


def wait_for(condition, seconds=250):
    for _ in range(int(seconds / 0.02)):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("it did not happen")


def test_what_makes_no_sense_cannot_be_pressed(lab):
    panel = plan_panel(lab)
    assert panel.buttons.undo.disabled
    assert panel.cancel_button.disabled
    panel.run_to_end()
    assert panel.buttons.next_step.disabled
    assert panel.buttons.apply.disabled
    assert not panel.buttons.undo.disabled
    assert not panel.buttons.destroy.disabled


def test_a_panel_does_one_thing_at_a_time(lab):
    panel = plan_panel(lab)
    panel.buttons.apply.click()
    with pytest.raises(nestlab.NestlabError, match="already running a job"):
        panel.plan_again()
    finish(panel)
    assert panel.status.state == "done"


def test_after_changes_from_code_the_panel_goes_by_the_host(lab):
    panel = plan_panel(lab)
    assert panel.run_to_end().complete
    list(lab.destroy())
    again = panel.run_to_end()
    assert again.complete
    assert again.ok
    assert lab.plan().is_empty


def test_what_was_applied_reads_well_without_a_kernel(lab):
    panel = plan_panel(lab)
    applied = panel.run_to_end()
    html = applied._repr_html_()
    assert "Waiting for HV1" in html
    assert "waited 40 s" in html
    assert "of at most" not in html, "the wait is over"
    assert "New-VMSwitch -Name &#x27;LabNet&#x27;" in html
    assert html.count("<tr>") == len(panel.steps.steps) + 1
    assert "no steps remain" in repr(applied)
    assert len(applied.to_dict()["results"]) == len(panel.results)
    assert panel.snapshot() in html


def test_a_first_step_that_failed_is_not_a_step_that_was_not_needed(tmp_path):
    host = nestlab.connect("sim:ws2022-intel?fault=fail:New-VMSwitch")
    topology = loads("name: one\nswitches: [{name: Net, switch_type: Private}]\n")
    panel = plan_panel(nestlab.Lab(topology, host, journal=tmp_path / "j.jsonl"))
    applied = panel.run_to_end()
    assert "no steps applied, 1 remaining" in repr(applied)
    assert set(applied.to_dict()) == {"results", "remaining"}
    assert "1 step applied, no steps remain" in repr(panel.run_to_end())
    assert "no steps were needed" in repr(plan_panel(panel.lab).run_to_end())


def test_a_step_that_changed_nothing_is_not_called_skipped(lab):
    steps, step = StepList(), next(iter(lab.plan()))
    progress = RunProgress(steps, StatusLine())
    for state in ("unchanged", "skipped"):
        progress.finished(StepResult(step=step, status=StepState(state), seconds=0))
        assert steps.states[step.id] == state
        assert "–" in steps_html(steps.rows())


def test_a_failing_step_names_the_way_out_and_apply_tries_again(tmp_path):
    host = nestlab.connect("sim:ws2022-intel?fault=fail:New-VM")
    panel = plan_panel(
        nestlab.Lab(nestlab.load(TOPOLOGIES / "nat-lab.yml"), host, journal=tmp_path / "j.jsonl")
    )
    press(panel.buttons.apply, panel)
    assert (panel.status.state, panel.status.text) == (
        "failed",
        "Create the VM HV1, generation 2: this step failed.",
    )
    assert "injected fault" not in panel.status.hint, "it stands at the step"
    failed = next(step_id for step_id, state in panel.steps.states.items() if state == "failed")
    assert "injected fault" in panel.steps.notes[failed]
    assert "injected fault" in panel.snapshot()
    press(panel.buttons.next_step, panel)
    assert panel.status.text == "5 of about 37 steps applied."
    press(panel.buttons.apply, panel)
    assert panel.status.state == "done", panel.status.text
    assert panel.steps.states[failed] == "done"


def test_a_plan_that_is_refused_shows_why(host, tmp_path):
    host.run(Cmdlet("New-VM", {"Name": "HV1", "MemoryStartupBytes": 1 << 30}))
    panel = plan_panel(
        nestlab.Lab(nestlab.load(TOPOLOGIES / "nat-lab.yml"), host, journal=tmp_path / "j.jsonl")
    )
    assert (panel.status.state, panel.status.hint) == ("failed", ""), (
        "each finding would stand there twice"
    )
    assert "HV1" in panel.report.value
    assert "HV1" in panel.snapshot()
    assert panel.buttons.apply.disabled


def test_two_panels_may_work_on_one_host_at_once(host, tmp_path):
    labs = [
        nestlab.Lab(nestlab.load(TOPOLOGIES / f"{name}.yml"), host, tmp_path / name)
        for name in ("nat-lab", "two-node-cluster")
    ]
    panels = [plan_panel(lab) for lab in labs]
    for panel in panels:
        panel.buttons.apply.click()
    for panel in panels:
        finish(panel)
        while panel.status.state == "warning":  # the other one changed the host meanwhile
            press(panel.buttons.apply, panel)
    assert [panel.status.state for panel in panels] == ["done", "done"]
    assert all(lab.plan().is_empty for lab in labs)


def test_a_typed_password_is_nowhere_in_the_widgets_state():
    panel = ConnectPanel("winrms://127.0.0.1:9")
    panel.password.value = "Wd-4711-geheim"
    assert "geheim" not in str(
        [widget.get_state() for widget in (panel, panel.password, panel.status)]
    )
    panel.username.value = "ada"
    press(panel.connect_button, panel)
    assert panel.status.state == "failed"
    assert "geheim" not in panel.status.text + panel.status.hint


def test_without_a_password_nobody_is_asked_beside_the_page():
    panel = ConnectPanel("winrms://127.0.0.1:9")
    panel.username.value = "ada"
    press(panel.connect_button, panel)
    assert panel.status.text == "No password was given for ada."


TYPED = (ipywidgets.Text, ipywidgets.Textarea)  # Combobox and Password are Text


@pytest.mark.parametrize("panel", [ConnectPanel, CapabilityPanel, NestingPanel, DocumentPanel])
def test_typed_text_is_sent_when_the_field_is_left(panel):
    """Sent at each key, it lags behind on a busy kernel, and a click on a button overtakes it.

    Only the address of a host is sent at each key: it decides which fields are shown.
    """
    widgets = [ConnectPanel()] if panel is ConnectPanel else [panel(nestlab.connect())]
    typed = []
    while widgets:
        widget = widgets.pop()
        widgets += getattr(widget, "children", ())
        typed += [widget] if isinstance(widget, TYPED) else []
    assert typed
    at_each_key = [field.description for field in typed if field.continuous_update]
    assert at_each_key == (["Host"] if panel is ConnectPanel else [])
