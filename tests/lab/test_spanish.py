"""A lab in Spanish: the same steps, verdicts and differences as in English, in other words."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

import nestlab
from nestlab import texts
from nestlab.errors import JournalError, PlanFileError, UsageError
from nestlab.lab import journal_folder
from nestlab.lab.capture import capture_all
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.observe import identify
from nestlab.plan import Action, Refusal

LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"
FORCE = {"Force": SwitchParameter.ON}


@pytest.fixture
def lab(spanish):
    lab = nestlab.Lab(nestlab.load(LAB), nestlab.connect())
    assert [result.message for result in lab.apply() if not result.ok] == []
    return lab


def in_english(function):
    texts.set_language("en")
    found = function()
    texts.set_language("es")
    return found


def test_checks_have_the_same_verdicts(lab):
    lab.host.run(Cmdlet("Stop-VM", {"Name": "HV1", "TurnOff": SwitchParameter.ON, **FORCE}))
    report, english = lab.verify(), in_english(lab.verify)
    told = [result.to_dict() | {"explanation": ""} for result in report]
    assert told == [result.to_dict() | {"explanation": ""} for result in english]
    assert any("aplique la topología" in result.explanation for result in report)
    assert "no se sabe" in str(report)
    assert "comprobaciones superadas" in report._repr_html_()
    assert "<th" in report._repr_html_()
    assert "indeterminado" in report._repr_html_()


def test_differences_have_the_same_codes(lab):
    lab.host.run(Cmdlet("Stop-VM", {"Name": "HV1", "TurnOff": SwitchParameter.ON, **FORCE}))
    lab.host.run(Cmdlet("Set-VMProcessor", {"VMName": "HV1", "Count": 2}))
    compare = partial(nestlab.drift, lab.topology, lab.host)
    found, english = compare(), in_english(compare)
    assert [(each.kind, each.part) for each in found.differences] == [
        (each.kind, each.part) for each in english.differences
    ]
    assert "1 diferente" in found.summary
    assert "sin determinar" in found.summary
    assert found[0].hint.startswith("Aplique la topología con `nestlab apply`")


def test_a_vm_that_is_gone_is_not_changed(lab):
    plan = nestlab.Lab(lab.topology, nestlab.connect()).plan()
    step = next(step for step in plan.steps if step.action == Action.START_VM)
    elsewhere = nestlab.connect()
    found = identify(replace(step, machine=()), lambda _path: elsewhere, topology="nat-lab")
    assert isinstance(found, Refusal)
    assert found.why == f"ya no existe la VM {step.target.name}"


def test_a_capture_says_what_its_file_lacks(lab):
    lab.host.run(Cmdlet("Checkpoint-VM", {"Name": "HV1", "SnapshotName": "before"}))
    comments = "\n".join(capture_all(lab.host).comments)
    assert "sus puntos de control no están en el archivo" in comments
    assert "HV1 (no se indicó ninguna credencial); no se conocen sus rutas" in comments
    with pytest.raises(UsageError, match="El host no tiene ninguna VM llamada web9"):
        capture_all(lab.host, only=["web9"])


def test_what_cannot_be_undone_or_applied_is_explained(lab):
    with pytest.raises(JournalError, match="No hay ningún diario de other en"):
        journal_folder.latest("other", lab.host)
    plan = replace(lab.plan(), host="winrms://hv01")
    with pytest.raises(PlanFileError, match="Este plan se hizo para winrms://hv01, no para sim"):
        list(lab.apply(plan))
