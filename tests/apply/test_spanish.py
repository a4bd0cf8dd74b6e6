"""Runs in Spanish: the same steps and results, and journals that every language reads."""

from pathlib import Path

import pytest

import nestlab
from nestlab import texts
from nestlab.apply import GuestsNotKnown, GuestsNotUp, Journal, Sessions, Waiting
from nestlab.errors import Cancelled, JournalError, UsageError
from nestlab.model import HOST, Cmdlet
from nestlab.plan import SubjectKind

LAB = Path(__file__).parents[2] / "notebooks" / "topologies" / "nat-lab.yml"


def applied(path, on_event=None):
    lab = nestlab.Lab(nestlab.load(LAB), nestlab.connect(), journal=path)
    results = list(lab.apply(on_event=on_event))
    assert [result.message for result in results if not result.ok] == []
    return lab, [(result.step.id, result.status) for result in results]


def test_a_run_has_the_same_steps_and_a_journal_that_english_undoes(tmp_path, spanish):
    waiting = []
    lab, ran = applied(
        tmp_path / "es.jsonl", lambda e: waiting.append(e) if isinstance(e, Waiting) else None
    )
    assert {event.activity.split()[0] for event in waiting} <= {"Esperando"}
    assert all(" s de 1200 s como máximo" in e.status for e in waiting if e.limit == 1200)
    texts.set_language("en")
    _, in_english = applied(tmp_path / "en.jsonl")
    assert ran == in_english
    undone = list(nestlab.undo(lab.host, tmp_path / "es.jsonl"))
    assert [str(result) for result in undone if not result.ok] == []
    left = {record["Name"] for record in lab.host.run(Cmdlet("Get-VM"))}
    assert "HV1" not in left


def test_a_journal_is_compared_by_its_subject_not_by_its_title(tmp_path, spanish):
    path = tmp_path / "nesting.jsonl"
    run = {"subject": "HV1", "host": "sim:ws2022-intel", "credentials": {}}
    Journal.begin(path, **run, kind=SubjectKind.NESTING)
    texts.set_language("en")
    Journal.begin(path, **run, kind=SubjectKind.NESTING)
    texts.set_language("es")
    with pytest.raises(JournalError, match=r"es un diario de .* en sim:ws2022-intel, no de HV1 en"):
        Journal.begin(path, **run)


def test_a_damaged_journal_is_explained(tmp_path, spanish):
    path = tmp_path / "lab.jsonl"
    with pytest.raises(JournalError, match="no existe ese diario"):
        Journal(path).header()
    path.write_text("a\n", encoding="utf-8")
    with pytest.raises(JournalError, match=r"lab\.jsonl:1: no es una línea de un diario") as caught:
        Journal(path).header()
    assert caught.value.hint.endswith("`nestlab destroy` no necesita ningún diario.")


def test_a_run_that_is_stopped_says_before_which_step(spanish):
    lab = nestlab.Lab(nestlab.load(LAB), nestlab.connect())
    with pytest.raises(Cancelled, match="Detenido antes de: ") as caught:
        list(lab.apply(confirm=lambda _step: False))
    assert caught.value.hint.startswith("No se inició ningún otro paso.")
    assert caught.value.exit_code == 130


def test_guests_are_named_in_whole_sentences(spanish):
    assert "HV1 está en ejecución." in GuestsNotKnown(("HV1",)).text
    assert "HV1, HV2 están en ejecución." in GuestsNotKnown(("HV1", "HV2")).text
    assert GuestsNotUp(("HV1",), 600.0).text.startswith("HV1 no tiene latido 10 minutos después")
    with pytest.raises(UsageError, match="No se conoce ninguna credencial para el invitado HV1"):
        Sessions(nestlab.connect(), {HOST: "none"}).to(("HV1",))
