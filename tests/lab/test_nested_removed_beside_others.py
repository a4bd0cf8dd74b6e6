"""A file that no longer has `nested:` for a VM in which VMs of others are: they are named, and need the consent."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.lab.journal_folder import journals_of
from nestlab.model import SwitchParameter
from nestlab.texts import set_language
from tests.lab.beside_others import applied, host_of, run
from tests.lab.test_inner_power import LAB, foreign, states

NOT_NESTED = LAB.partition("    nested:")[0]
KEPT = (
    "kept: VM HV1/db1 inside, which is not this topology's, depends on it; "
    "`--disconnect-others` changes it anyway"
)
HIDES = "Hide virtualization extensions from HV1"


@pytest.fixture
def host(monkeypatch, tmp_path):
    return host_of(monkeypatch, tmp_path)


@pytest.fixture
def spanish():
    yield
    set_language("en")


def lab_of(host, text=NOT_NESTED):
    return nestlab.Lab(nestlab.loads(text), host)


def exposed(host):
    (processor,) = run(host, "Get-VMProcessor", VMName="HV1")
    return processor["ExposeVirtualizationExtensions"]


def coming(host):
    """A confirmation during which a VM of others comes inside HV1, before the first step."""
    done = []

    def confirm(_step):
        if not done:
            done.append(foreign(host, "db1"))
        return True

    return confirm


@pytest.mark.parametrize("options", [{}, {"prune": True}, {"delete_others": True}], ids=str)
def test_it_is_refused_and_names_them(host, options):
    applied(host, LAB)
    foreign(host, "db1")
    lab = lab_of(host)
    with pytest.raises(PlanRefused) as refused:
        lab.plan(**options)
    (finding,) = refused.value.findings
    assert (finding.code, finding.subject) == ("nested-host-in-use", "HV1")
    assert finding.message == (
        "VM HV1/db1 inside, which is not this topology's, depends on it, and the plan would change "
        f"it: {HIDES}"
    )
    assert "`--disconnect-others`" in finding.hint
    assert [each.code for each in nestlab.drift(lab.topology, host)] == ["nested-host-in-use"]
    with pytest.raises(PlanRefused):
        list(lab.apply())
    assert exposed(host)
    assert states(host)["db1"] == "Running"


def test_with_consent_the_step_is_a_hazard_that_names_them(host):
    applied(host, LAB)
    foreign(host, "db1")
    lab = lab_of(host)
    plan = lab.plan(disconnect_others=True)
    step = next(each for each in plan if each.title == HIDES)
    assert step.hazard == "may-cut-connection"
    expected = "; VM HV1/db1 inside, which is not this topology's, depends on it"
    assert step.why.endswith(expected)
    assert [str(each) for each in lab.apply(plan) if not each.ok] == []
    assert not exposed(host)
    assert [str(each) for each in lab.undo() if not each.ok] == []
    assert exposed(host)


def test_one_that_came_since_the_plan_keeps_the_nested_host_as_it_is(host):
    applied(host, LAB)
    lab = lab_of(host)
    results = {each.step.action: each for each in lab.apply(lab.plan(), confirm=coming(host))}
    assert (results["stop-vm"].status, results["stop-vm"].message) == (
        "skipped",
        f"Not done: {KEPT}",
    )
    assert results["hide-extensions"].status == "skipped"
    assert exposed(host)
    assert states(host)["db1"] == "Running"


def test_without_vms_of_others_nothing_is_asked(host):
    applied(host, LAB)
    plan = lab_of(host).plan()
    assert {step.hazard for step in plan} == {"stops-vm", "none"}
    assert all("not this topology's" not in step.why for step in plan)


def test_of_a_nested_host_that_is_off_it_is_said_that_it_is_not_known(host):
    applied(host, LAB)
    run(host, "Stop-VM", Name="HV1", TurnOff=SwitchParameter.ON, Force=SwitchParameter.ON)
    step = next(each for each in lab_of(host).plan() if each.title == HIDES)
    assert "HV1 is Off, so it is not known whether VMs of others inside it use it" in step.why


def test_undo_of_the_run_that_made_it_a_nested_host_needs_the_consent(host):
    applied(host, NOT_NESTED)
    applied(host, LAB)
    foreign(host, "db1")
    journal = journals_of(host)[0].path
    undone = {each.step.action: each for each in nestlab.undo(host, journal)}
    for action in ("expose-extensions", "install-hyper-v"):
        assert (undone[action].status, undone[action].message) == ("skipped", KEPT)
    assert exposed(host)
    assert "db1" in states(host)
    undone = {
        each.step.action: each for each in nestlab.undo(host, journal, disconnect_others=True)
    }
    assert undone["expose-extensions"].status == "done"
    assert not exposed(host)


def test_the_refusal_is_in_spanish(host, spanish):
    applied(host, LAB)
    foreign(host, "db1")
    set_language("es")
    with pytest.raises(PlanRefused) as refused:
        lab_of(host).plan()
    (finding,) = refused.value.findings
    assert finding.code == "nested-host-in-use"
    assert "VM HV1/db1" in finding.message
    assert "depende" in finding.message
