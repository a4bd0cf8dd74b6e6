"""VMs that others created inside a nested host: named before the host is removed, and kept without consent."""

import pytest

import nestlab
from nestlab.lab import undo_notices
from nestlab.model import SwitchParameter
from tests.lab.test_inner_power import LAB, foreign, inner, run

ON = SwitchParameter.ON
NOT_KNOWN = "not known whether others' VMs are inside"
WITHOUT_HV1 = LAB.partition("vms:")[0]
RECREATED = LAB.replace("    processor_count: 4", "    processor_count: 4\n    version: '9.0'")


def built(tmp_path, text=LAB):
    host = nestlab.connect()
    lab = nestlab.Lab(nestlab.loads(text), host, journal=tmp_path / "journal.jsonl")
    assert [str(result) for result in lab.apply() if not result.ok] == []
    return host, lab


def names(host, cmdlet="Get-VM"):
    return sorted(record["Name"] for record in run(host, cmdlet))


def lab_of(lab, text):
    return nestlab.Lab(nestlab.loads(text), lab.host, journal=lab.journal)


def plan_of(lab, way, **consent):
    """Return the plan that removes HV1."""
    match way:
        case "destroy":
            return lab.plan_destroy(**consent)
        case "prune":
            return lab_of(lab, WITHOUT_HV1).plan(prune=True, **consent)
        case _:
            return lab_of(lab, RECREATED).plan(recreate=["HV1"], **consent)


def go(lab, way, **consent):
    """Remove HV1; return the results."""
    match way:
        case "destroy" | "undo":
            return list(getattr(lab, way)(**consent))
        case "prune":
            pruned = lab_of(lab, WITHOUT_HV1)
            return list(pruned.apply(pruned.plan(prune=True, **consent)))
        case _:
            again = lab_of(lab, RECREATED)
            return list(again.apply(again.plan(recreate=["HV1"], **consent)))


def said(plan):
    return " ".join([*(item.why for item in plan.unchanged), *(step.why for step in plan.steps)])


def texts(results):
    return " ".join(" ".join([r.message, *r.warnings]) for r in results)


@pytest.mark.parametrize("way", ["destroy", "undo", "prune"])
def test_a_nested_host_with_a_vm_of_others_inside_is_kept_and_that_is_said(tmp_path, way):
    host, lab = built(tmp_path)
    foreign(host, "db1")
    if way != "undo":
        plan = plan_of(lab, way)
        assert "db1" in said(plan)
        assert "--delete-others" in said(plan)
        assert not any(step.action == "remove-vm" for step in plan.steps)
    results = go(lab, way)
    assert [str(result) for result in results if not result.ok] == []
    if way == "undo":
        assert "db1" in texts(results)
        assert "--delete-others" in texts(results)
    assert "HV1" in names(host)
    assert inner(host).hyper_v.vms[-1].name == "db1"
    assert "Lan" in names(host, "Get-VMSwitch")  # HV1 is connected to it
    assert run(host, "Get-VM", Name="HV1")[0]["State"] == "Running"


@pytest.mark.parametrize("way", ["destroy", "undo", "prune", "recreate"])
def test_with_consent_the_nested_host_goes_and_each_vm_inside_is_named(tmp_path, way):
    host, lab = built(tmp_path)
    foreign(host, "db1")
    foreign(host, "db2", state="Off")
    if way != "undo":
        (step,) = [s for s in plan_of(lab, way, delete_others=True) if s.action == "remove-vm"]
        assert "are deleted with it: db1, db2" in step.why
        assert "web" not in step.why
        assert len(step.deletes) == 2
    before = run(host, "Get-VM", Name="HV1")[0]["Id"]
    results = go(lab, way, delete_others=True)
    assert [str(result) for result in results if not result.ok] == []
    assert "are deleted with it: db1, db2" in texts(results)
    assert before not in {vm["Id"] for vm in run(host, "Get-VM")}


def test_recreating_is_refused_without_consent(tmp_path):
    host, lab = built(tmp_path)
    foreign(host, "db1")
    with pytest.raises(nestlab.PlanRefused) as refused:
        plan_of(lab, "recreate")
    (finding,) = refused.value.findings
    assert finding.code == "cannot-recreate"
    assert "db1" in finding.message
    assert "--delete-others" in finding.message


@pytest.mark.parametrize("way", ["destroy", "undo", "prune", "recreate"])
def test_of_a_nested_host_that_is_off_it_is_said_that_it_is_not_known(tmp_path, way):
    host, lab = built(tmp_path)
    run(host, "Stop-VM", Name="HV1", TurnOff=ON, Force=ON)
    if way != "undo":
        plan = plan_of(lab, way)
        (step,) = [step for step in plan if step.action == "remove-vm"]
        assert NOT_KNOWN in step.why
        assert "HV1 is Off" in step.why
    results = go(lab, way)
    assert [str(result) for result in results if not result.ok] == []
    assert NOT_KNOWN in texts(results)


def test_without_the_role_there_is_nothing_inside_and_nothing_is_said(tmp_path):
    text = LAB.partition("    nested:")[0].replace(
        "    processor_count: 4",
        "    processor_count: 4\n    expose_virtualization_extensions: true",
    )
    host, lab = built(tmp_path, text)
    assert NOT_KNOWN not in said(lab.plan_destroy())
    assert "deleted with it" not in texts(go(lab, "undo"))
    assert "HV1" not in names(host)


@pytest.mark.parametrize("way", ["destroy", "prune", "recreate"])
def test_a_vm_that_others_create_after_the_plan_is_not_deleted_with_it(tmp_path, way):
    host, lab = built(tmp_path)
    foreign(host, "db1")
    removing = {"destroy": lab, "prune": lab_of(lab, WITHOUT_HV1)}.get(way, lab_of(lab, RECREATED))
    plan = plan_of(lab, way, delete_others=True)
    foreign(host, "db2")
    run_ = removing.destroy(plan, delete_others=True) if way == "destroy" else removing.apply(plan)
    with pytest.raises(nestlab.StalePlan):
        list(run_)
    assert "HV1" in names(host)


def test_a_vm_that_others_create_during_the_run_keeps_the_nested_host(tmp_path):
    text = LAB.replace("vms:\n", "vms:\n  - {name: A1, state: Off, disk: {size: 10GB}}\n", 1)
    host, lab = built(tmp_path, text)
    results = lab.destroy(lab.plan_destroy())
    assert next(results).step.target.name == "A1"
    foreign(host, "db1")
    assert "db1" in texts(results)
    assert "HV1" in names(host)


def test_vms_of_others_in_a_nested_host_inside_are_found_as_well(tmp_path):
    deeper = LAB.replace(
        "      vms: [{name: web, memory_startup: 1GB, disk: {size: 10GB}}]\n",
        """      vms:
        - name: HV2
          memory_startup: 4GB
          disk: {image: ws}
          guest: {os: windows, credential: lab-admin}
          nested: {}
""",
    )
    host, lab = built(tmp_path, deeper)
    session = host.guest("HV1", "lab-admin").guest("HV2", "lab-admin")
    made = {"Name": "deep", "Generation": 2, "MemoryStartupBytes": 1 << 30, "NoVHD": ON}
    run(session, "New-VM", **made)
    plan = lab.plan_destroy()
    assert "HV2/deep" in said(plan)
    assert "HV2/deep" in texts(lab.undo())
    assert "HV1" in names(host)


def test_undo_says_before_it_runs_what_is_inside(tmp_path):
    host, lab = built(tmp_path)
    foreign(host, "db1")
    (kept,) = undo_notices(host, lab.journal)
    assert "HV1: kept" in kept
    assert "db1" in kept
    (deleted,) = undo_notices(host, lab.journal, delete_others=True)
    assert "are deleted with it: db1" in deleted
    run(host, "Stop-VM", Name="HV1", TurnOff=ON, Force=ON)
    (not_known,) = undo_notices(host, lab.journal)
    assert NOT_KNOWN in not_known


def test_what_was_kept_goes_when_undo_runs_again_with_consent(tmp_path):
    host, lab = built(tmp_path)
    foreign(host, "db1")
    assert "Lan, which is kept" not in texts(lab.undo())
    assert [str(result) for result in lab.undo(delete_others=True) if not result.ok] == []
    assert "HV1" not in names(host)
    assert "Lan" not in names(host, "Get-VMSwitch")


def test_a_nested_host_whose_file_names_no_credential_any_more_is_read_with_that_of_the_journal(
    tmp_path,
):
    host, lab = built(tmp_path)
    foreign(host, "db1")
    assert "db1" in said(lab_of(lab, WITHOUT_HV1).plan_destroy())


def test_without_any_credential_it_is_said_that_it_is_not_known(tmp_path):
    host, _ = built(tmp_path)
    foreign(host, "db1")
    text = LAB.replace(", credential: lab-admin", "")
    lab = nestlab.Lab(nestlab.loads(text), host, journal=tmp_path / "other.jsonl")
    (step,) = [step for step in lab.plan_destroy() if step.action == "remove-vm"]
    assert NOT_KNOWN in step.why
    assert "no credential for the guest of HV1 is known" in step.why
    assert "name one: guest: {os: windows, credential: NAME}" in step.why


def test_where_the_guest_refuses_its_credential_that_is_said_with_the_way_out(tmp_path):
    host, lab = built(tmp_path)
    (guest,) = (
        each for path, _, each in host.simulated_host.world.host.machines() if path == ("HV1",)
    )
    guest.accounts = {"other": "x"}
    (step,) = [step for step in lab.plan_destroy() if step.action == "remove-vm"]
    assert NOT_KNOWN in step.why
    assert "HV1 refuses the account" in step.why
    assert "does not answer" not in step.why
    assert "To see them first: " in step.why
    results = list(lab.destroy())
    notices = [text for result in results for text in result.warnings if NOT_KNOWN in text]
    assert notices
    assert all("HV1 refuses the account" in text for text in notices)
