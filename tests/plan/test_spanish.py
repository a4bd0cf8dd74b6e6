"""Plans in Spanish: other texts, and the same steps, codes and decisions."""

from pathlib import Path

import pytest

import nestlab
from nestlab import texts
from nestlab.errors import PlanRefused, StalePlan, UsageError
from nestlab.model import Cmdlet

TOPOLOGIES = Path(__file__).parents[1] / "cases" / "topologies"


@pytest.fixture
def host():
    return nestlab.connect()


def lab_of(host, tmp_path, name="nat-lab"):
    return nestlab.Lab(nestlab.load(TOPOLOGIES / f"{name}.yml"), host, tmp_path / "journal.jsonl")


def test_the_steps_are_the_same_with_spanish_titles_and_reasons(host, tmp_path, spanish):
    plan = lab_of(host, tmp_path).plan()
    texts.set_language("en")
    english = lab_of(host, tmp_path).plan()
    assert [(step.id, step.cmdlets, step.needs, step.target) for step in plan] == [
        (step.id, step.cmdlets, step.needs, step.target) for step in english
    ]
    assert not {step.title for step in plan} & {step.title for step in english}
    assert "Crear el conmutador LabNet de tipo Internal" in str(plan)
    assert "no tiene ningún conmutador LabNet" in str(plan)


@pytest.mark.parametrize(("saved_in", "applied_in"), [("en", "es"), ("es", "en")])
@pytest.mark.usefixtures("spanish")
def test_a_saved_plan_is_applied_in_another_language(host, tmp_path, saved_in, applied_in):
    texts.set_language(saved_in)
    lab_of(host, tmp_path).plan().save(tmp_path / "plan.json")
    texts.set_language(applied_in)
    plan = nestlab.load_plan(tmp_path / "plan.json")
    assert plan.language == saved_in
    lab = lab_of(host, tmp_path)
    assert all(result.ok for result in lab.apply(plan))
    assert lab.plan().is_empty


def test_a_stale_plan_of_another_language_says_what_changed(host, tmp_path, spanish):
    texts.set_language("en")
    lab_of(host, tmp_path).plan().save(tmp_path / "plan.json")
    list(lab_of(host, tmp_path).apply())
    texts.set_language("es")
    plan = nestlab.load_plan(tmp_path / "plan.json")
    with pytest.raises(
        StalePlan, match=r"es nuevo lo siguiente: conmutador LabNet.*ya no hace falta"
    ):
        next(lab_of(host, tmp_path).apply(plan))


def test_a_lab_is_destroyed_in_spanish(host, tmp_path, spanish):
    lab = lab_of(host, tmp_path)
    list(lab.apply())
    assert all(step.title.startswith(("Eliminar", "Quitar")) for step in lab.plan_destroy())
    assert all(result.ok for result in lab.destroy())
    assert not lab.plan_destroy().steps


def test_refusals_have_the_same_codes(host, tmp_path, spanish):
    host.run(Cmdlet("New-VMSwitch", {"Name": "LabNet", "SwitchType": "Private"}))
    with pytest.raises(PlanRefused) as refused:
        lab_of(host, tmp_path).plan()
    finding = next(each for each in refused.value.findings if each.code == "name-clash")
    assert "ninguna NAT de esta topología traduce 192.168.100.0/24" in finding.message


def test_a_vm_that_is_not_there_is_named_in_spanish(host, spanish):
    with pytest.raises(UsageError, match="No se encontró la VM nobody"):
        nestlab.enable_nesting(host, "nobody")
