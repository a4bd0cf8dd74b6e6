"""Known errors find their explanation by id, text and code, however they are pasted; unknown ones none."""

import re
from pathlib import Path

import pytest
import yaml

from nestlab.known_errors.catalog import EXPLANATIONS
from nestlab.known_errors.lookup import explain, explain_all
from nestlab.model import ErrorRecord

CASES = Path(__file__).parents[1] / "cases" / "explanations"
TABLES = [
    yaml.safe_load((CASES / name).read_text(encoding="utf-8"))
    for name in ("known.yml", "reported.yml")
]
PASTED = [
    (
        code,
        str(text)
        .replace(",HV.", ",Microsoft.HyperV.PowerShell.Commands.")
        .replace("ESC[", "\x1b["),
    )
    for table in TABLES
    for code, texts in table.items()
    for text in texts
]
SHOWS_BY_ITSELF = re.compile(
    r"(.*\| (Format-Table|Format-List|Out-Default)\b.*)|\$PSVersionTable\.PSVersion|(Test-Path|Test-VHD|whoami|netsh|klist|icacls|docker|wsl|ping|compact|setspn)\b.*"
    r"|(Get-NetNat|Get-NetIPAddress|Get-NetRoute|Get-NetIPConfiguration|Get-Module|Get-Service|Get-ProcessMitigation|Get-Item|Repair-Volume|Test-NetConnection|Test-WSMan)\b[^|]*"
)
"""What the first of two statements on a line has to be, so that a console shows the second's answer: formatted, or with a view of its own."""


@pytest.mark.parametrize(("code", "text"), PASTED)
def test_what_people_paste_is_explained_or_said_to_be_unknown(code, text):
    known = explain_all(text)
    assert known.to_dict()["code"] == code
    if code:
        assert [
            part
            for part in (known.cause, known.check, known.fix, known.runs_on, known.source)
            if part not in str(known)
        ] == []
    else:
        assert "Unknown error" in str(known)


def test_every_explanation_stands_in_the_table_of_what_people_paste():
    assert {known.code for known in EXPLANATIONS} | {""} == {
        code for table in TABLES for code in table
    }


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, text in PASTED if code])
def test_upper_case_and_lines_broken_anywhere_do_not_matter(code, text):
    by_cmdlet_alone = next(known for known in EXPLANATIONS if known.code == code).cmdlets
    if "\n" not in text and not by_cmdlet_alone:
        text = "\n   ".join(text[start : start + 17] for start in range(0, len(text), 17))
    assert explain_all(text.upper()).to_dict()["code"] == code


@pytest.mark.parametrize("known", EXPLANATIONS, ids=lambda known: known.code)
def test_every_id_and_text_finds_its_own_explanation(known):
    for error in (*known.ids, *known.texts):
        assert explain(f"before {error} after") is known


@pytest.mark.parametrize("known", EXPLANATIONS, ids=lambda known: known.code)
def test_the_name_of_a_cmdlet_leads_to_its_explanation_where_nothing_else_does(known):
    for cmdlet in known.cmdlets:
        class_name = "Microsoft.HyperV.PowerShell.Commands." + cmdlet.replace("-", "")
        for error in (
            f"{cmdlet} : ?",
            f"{cmdlet}: ?",
            f"Windows System Error 31,{cmdlet}",
            f"[{cmdlet}], Exception",
            f"Other,{class_name}",
        ):
            assert explain(error) is known, error


@pytest.mark.parametrize("known", EXPLANATIONS, ids=lambda known: known.code)
def test_a_line_that_can_be_pasted_shows_the_answer_of_each_of_its_statements(known):
    *before, _ = known.check.split("; ")
    assert [statement for statement in before if not SHOWS_BY_ITSELF.fullmatch(statement)] == []


@pytest.mark.parametrize("known", EXPLANATIONS, ids=lambda known: known.code)
def test_what_is_to_be_filled_in_stands_in_quotes_so_that_the_line_parses(known):
    for line in (known.check, known.fix):
        bare = re.sub(r"'[^']*'|\"[^\"]*\"|\([^()]*<[^()]*\)", "", line)
        assert "<" not in bare, line


def test_the_list_of_trusted_hosts_is_added_to_and_never_replaced():
    fix = explain("The destination must be in the TrustedHosts list.").fix
    assert "-Concatenate" in fix


@pytest.mark.parametrize("known", EXPLANATIONS, ids=lambda known: known.code)
def test_every_explanation_is_whole_and_has_a_public_source(known):
    assert known.ids or known.texts or known.cmdlets
    assert all((known.cause, known.check, known.fix))
    assert known.source.startswith("https://")


def test_of_a_long_paste_that_nobody_knows_only_the_beginning_is_shown():
    unknown = explain_all("x" * 10_000)
    assert len(str(unknown)) < 1_000
    assert unknown.to_dict()["error"] == "x" * 10_000


def test_codes_are_unique():
    codes = [known.code for known in EXPLANATIONS]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (
            ErrorRecord(
                "The parameter is incorrect.",
                "InvalidArgument",
                "Windows System Error 87,New-NetNat",
            ),
            "nat-overlap",
        ),
        (
            ErrorRecord(
                "Access is denied.", "PermissionDenied", "Windows System Error 5,New-NetNat"
            ),
            "nat-needs-administrator",
        ),
    ],
)
def test_the_id_of_a_record_decides_before_a_text_that_many_errors_share(record, code):
    assert explain(record).code == code


def test_an_explanation_speaks_of_the_cmdlet_that_failed():
    export = explain("OperationFailed,Microsoft.HyperV.PowerShell.Commands.ExportVM")
    assert "export" in export.cause
    assert "import" not in export.cause
    assert "address" in explain("Windows System Error 5,New-NetIPAddress").cause
    assert "WinNAT" not in explain("HRESULT 0x80041010,Get-DhcpServerv4Scope").cause


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
    known = explain_all(TWO_ERRORS)
    assert [known.code, *(other.to_dict()["code"] for other in known.also)] == [
        "nat-overlap",
        "vm-must-be-off",
        "",
    ]
    assert str(known).count("first check:") == 2
    assert "Unknown error: New-Thing : The flux capacitor is empty." in str(known)
    assert known._repr_html_().count("first check") == 2
    assert [other["code"] for other in known.to_dict()["also"]] == ["vm-must-be-off", ""]


def test_paragraphs_without_a_cmdlet_are_errors_of_their_own():
    known = explain_all(
        "The credential is invalid.\n\nNot enough memory in the system to start the virtual machine X."
    )
    assert [known.code, *(other.code for other in known.also)] == [
        "guest-credential",
        "not-enough-memory",
    ]


def test_paragraphs_of_one_error_are_explained_once():
    known = explain_all(
        "'X' failed to start.\n\nNot enough memory in the system to start the virtual machine X.\n\nAccessDenied"
    )
    assert (known.code, known.also) == ("not-enough-memory", ())


def test_what_nobody_knows_is_not_explained():
    assert explain("The flux capacitor is empty.") is None
    assert explain("") is None


@pytest.mark.parametrize(
    "text",
    ["SHELL> fs0: map: Cannot find mapping", "Operating system spun down", "Kein Bootmedium heute"],
)
def test_the_advice_about_an_unknown_boot_screen_does_not_depend_on_an_id(text):
    advice = explain_all(text).advice
    assert "screen of a VM that boots" in advice
    assert "Get-VMFirmware in generation 2" in advice


@pytest.mark.parametrize(
    "text",
    [
        "Start-Thing : The flux capacitor is empty.",
        "Nope.\n    + CategoryInfo : X\n    + FullyQualifiedErrorId : Y",
    ],
)
def test_an_unknown_error_of_powershell_is_looked_up_by_its_id_alone(text):
    advice = explain_all(text).advice
    assert "FullyQualifiedErrorId" in advice
    assert "boots" not in advice
