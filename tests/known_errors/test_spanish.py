"""Explanations in Spanish: the same ones are found, and what is shown of them is in Spanish."""

import re

import pytest

from nestlab import texts
from nestlab.cli import main
from nestlab.known_errors import explain, explain_all, explain_code
from nestlab.known_errors.catalog import EXPLANATIONS

MEMORY = "Not enough memory in the system to start the virtual machine X."
TWO_ERRORS = f"New-NetNat : Windows System Error 87,New-NetNat\nStart-VM : {MEMORY}\n"
CMDLET = re.compile(r"[A-Z][a-z]+-[A-Z]\w+")
ENGLISH = ("first check", "First check", "Fix, on", "Unknown error", "The host has too little")


def test_the_parts_of_an_explanation_are_in_spanish(spanish):
    known = explain_code("not-enough-memory")
    assert known.cause == "El host tiene muy poca memoria libre para iniciar esta VM."
    assert known.runs_on == "el host de la VM"
    assert known.fix.endswith(
        "Set-VMMemory -VMName '<VM>' -StartupBytes '<menos>' con la VM apagada"
    )
    assert known.to_dict()["cause"] == known.cause
    shown = (str(known), known.advice, known._repr_html_())
    assert all("rimera comprobación" in text and "olución" in text for text in shown)
    assert [part for part in ENGLISH for text in shown if part in text] == []


@pytest.mark.parametrize("row", EXPLANATIONS, ids=lambda row: row.code)
def test_the_same_explanation_is_found_with_the_same_cmdlets(row, spanish):
    known = explain_code(row.code)
    for error in (*row.ids, *row.texts):
        assert explain(f"before {error} after") == known
    assert (known.code, known.source, known.texts) == (row.code, row.source, row.texts)
    assert known.cause != row.cause
    for translated, text in ((known.check, row.check), (known.fix, row.fix)):
        assert sorted(CMDLET.findall(translated)) == sorted(CMDLET.findall(text))


def test_several_errors_and_unknown_ones_are_shown_in_spanish(spanish):
    known = explain_all(f"{TWO_ERRORS}New-Thing : The flux capacitor is empty.\n")
    codes = [known.code, *(other.to_dict()["code"] for other in known.also)]
    assert codes == ["nat-overlap", "not-enough-memory", ""]
    assert str(known).count("primera comprobación:") == 2
    assert "Error desconocido: New-Thing : The flux capacitor is empty." in str(known)
    assert "pantalla de una VM que arranca" in str(explain_all("nobody knows this"))
    assert [part for part in ENGLISH if part in str(known)] == []


def test_the_command_has_the_same_exit_codes(spanish, capsys):
    assert main(["explain", MEMORY]) == 0
    assert "muy poca memoria libre" in capsys.readouterr().out
    assert main(["explain", "spofing-required"]) == 1
    assert "¿Quiso decir spoofing-required" in capsys.readouterr().out


def test_a_language_chosen_later_changes_what_is_found_from_then_on(spanish):
    before = explain(MEMORY)
    texts.set_language("en")
    after = explain(MEMORY)
    assert (before.code, after.code) == ("not-enough-memory", "not-enough-memory")
    assert before.cause.startswith("El host")
    assert after.cause.startswith("The host has too little")
