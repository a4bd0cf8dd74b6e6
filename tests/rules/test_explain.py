"""Known errors find their explanation by id and by text; unknown ones none."""

import pytest

from nestlab.model import ErrorRecord
from nestlab.rules.explain import explain
from nestlab.rules.explanations import EXPLANATIONS


@pytest.mark.parametrize("known", EXPLANATIONS, ids=lambda known: known.code)
def test_every_id_and_text_finds_its_own_explanation(known):
    for error in (*known.ids, *known.texts):
        assert explain(f"before {error} after") is known


@pytest.mark.parametrize("known", EXPLANATIONS, ids=lambda known: known.code)
def test_every_explanation_is_whole_and_has_a_public_source(known):
    assert known.ids or known.texts
    assert all((known.cause, known.check, known.fix))
    assert known.source.startswith("https://")


def test_codes_are_unique():
    codes = [known.code for known in EXPLANATIONS]
    assert len(codes) == len(set(codes))


def test_the_id_of_a_record_decides_before_its_text():
    record = ErrorRecord("The parameter is incorrect.", "InvalidArgument", "Windows System Error 87,New-NetNat")
    assert explain(record).code == "nat-overlap"


PASTED = {
    "New-NetNat : The parameter is incorrect.": "nat-overlap",
    "New-NetNat: The parameter is incorrect.": "nat-overlap",
    "Get-NetNat : Invalid class": "winnat-absent",
}


@pytest.mark.parametrize("pasted", PASTED)
def test_what_a_console_prints_is_enough(pasted):
    assert explain(pasted).code == PASTED[pasted]


def test_line_breaks_and_case_do_not_matter():
    assert explain("NOT ENOUGH MEMORY in the\n system to start the virtual machine X").code == "not-enough-memory"


def test_what_nobody_knows_is_not_explained():
    assert explain("The flux capacitor is empty.") is None
    assert explain("") is None
