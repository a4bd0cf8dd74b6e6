"""Known errors find their explanation by id, text and code, however they are pasted; unknown ones none."""

from pathlib import Path

import pytest
import yaml

from nestlab.model import ErrorRecord
from nestlab.rules.explain import explain, look_up
from nestlab.rules.explanations import EXPLANATIONS

KNOWN = yaml.safe_load((Path(__file__).parents[1] / "cases" / "explanations" / "known.yml").read_text(encoding="utf-8"))
PASTED = [(code, str(text).replace(",HV.", ",Microsoft.HyperV.PowerShell.Commands.")) for code, texts in KNOWN.items() for text in texts]


@pytest.mark.parametrize(("code", "text"), PASTED)
def test_what_people_paste_is_explained_or_said_to_be_unknown(code, text):
    known = look_up(text)
    assert known.to_dict()["code"] == code
    if code:
        assert [part for part in (known.cause, known.check, known.fix, known.runs_on, known.source) if part not in str(known)] == []
    else:
        assert "Nothing is known here about" in str(known)


def test_every_explanation_stands_in_the_table_of_what_people_paste():
    assert {known.code for known in EXPLANATIONS} | {""} == set(KNOWN)


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, text in PASTED if code])
def test_upper_case_and_lines_broken_anywhere_do_not_matter(code, text):
    if "\n" not in text:
        text = "\n   ".join(text[start : start + 17] for start in range(0, len(text), 17))
    assert look_up(text.upper()).to_dict()["code"] == code


@pytest.mark.parametrize("known", EXPLANATIONS, ids=lambda known: known.code)
def test_every_id_and_text_finds_its_own_explanation(known):
    for error in (*known.ids, *known.texts):
        assert explain(f"before {error} after") is known


@pytest.mark.parametrize("known", EXPLANATIONS, ids=lambda known: known.code)
def test_every_explanation_is_whole_and_has_a_public_source(known):
    assert known.ids or known.texts
    assert all((known.cause, known.check, known.fix))
    assert known.source.startswith("https://")


def test_of_a_long_paste_that_nobody_knows_only_the_beginning_is_shown():
    unknown = look_up("x" * 10_000)
    assert len(str(unknown)) < 1_000
    assert unknown.to_dict()["error"] == "x" * 10_000


def test_codes_are_unique():
    codes = [known.code for known in EXPLANATIONS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (ErrorRecord("The parameter is incorrect.", "InvalidArgument", "Windows System Error 87,New-NetNat"), "nat-overlap"),
        (ErrorRecord("Access is denied.", "PermissionDenied", "Windows System Error 5,New-NetNat"), "nat-needs-administrator"),
    ],
)
def test_the_id_of_a_record_decides_before_a_text_that_many_errors_share(record, code):
    assert explain(record).code == code


TWO_ERRORS = """\
New-NetNat : The parameter is incorrect.
At line:1 char:1
+ New-NetNat -Name lab -InternalIPInterfaceAddressPrefix 10.0.0.0/24
    + CategoryInfo          : InvalidArgument: (MSFT_NetNat:root/StandardCimv2/MSFT_NetNat) [New-NetNat], CimException
    + FullyQualifiedErrorId : Windows System Error 87,New-NetNat

Set-VMProcessor : Failed to modify device 'Processor'.
The operation cannot be performed while the virtual machine is in its current state.
At line:2 char:1
    + FullyQualifiedErrorId : InvalidState,Microsoft.HyperV.PowerShell.Commands.SetVMProcessor
New-Thing : The flux capacitor is empty.
"""


def test_several_errors_of_one_paste_are_explained_each():
    known = look_up(TWO_ERRORS)
    assert [known.code, *(other.to_dict()["code"] for other in known.also)] == ["nat-overlap", "vm-must-be-off", ""]
    assert str(known).count("first check:") == 2
    assert "Nothing is known here about: New-Thing : The flux capacitor is empty." in str(known)
    assert known._repr_html_().count("first check") == 2
    assert [other["code"] for other in known.to_dict()["also"]] == ["vm-must-be-off", ""]


def test_paragraphs_without_a_cmdlet_are_errors_of_their_own():
    known = look_up("The credential is invalid.\n\nNot enough memory in the system to start the virtual machine X.")
    assert [known.code, *(other.code for other in known.also)] == ["guest-credential", "not-enough-memory"]


def test_paragraphs_of_one_error_are_explained_once():
    known = look_up("'X' failed to start.\n\nNot enough memory in the system to start the virtual machine X.\n\nAccessDenied")
    assert (known.code, known.also) == ("not-enough-memory", ())


def test_what_nobody_knows_is_not_explained():
    assert explain("The flux capacitor is empty.") is None
    assert explain("") is None
