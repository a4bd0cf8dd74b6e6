"""What a notebook shows of each public value opens with one line that says what it means."""

from __future__ import annotations

import enum
import inspect

import pytest

import nestlab
from nestlab import errors
from nestlab.apply import Event
from nestlab.errors import CredentialNotUsable, FileNotWritten, NestlabError, PlanRefused
from nestlab.html import code, escape
from nestlab.model import Cmdlet, ErrorRecord, Findings, Outcome, Record
from nestlab.model.credential_problem import CredentialProblem

PLAIN = {
    "Secret": "its text is masked",
    "Size": "a number",
}
"""Public values whose one-line text is all there is to show."""
EVENTS = {each.__name__ for each in Event.__args__}
"""They are passed to a function while a run goes on; panels show them as progress."""


def first_line(value):
    page = value._repr_html_()
    assert page.startswith(
        '<div class="mathjax_ignore tex2jax_ignore"><p style="margin:0 0 .5em"><b>'
    )
    return page[page.index("<b>") + 3 : page.index("</b>")]


def test_each_public_value_has_a_rich_text():
    missing = [
        name
        for name in nestlab.__all__
        if inspect.isclass(value := getattr(nestlab, name))
        and not hasattr(value, "_repr_html_")
        and not issubclass(value, enum.Enum)
        and name not in PLAIN
        and name not in EVENTS
    ]
    assert missing == []


@pytest.fixture
def lab(tmp_path):
    topology = nestlab.loads(
        "name: one\nswitches: [{name: Net, switch_type: Private}]\n"
        "vms:\n"
        "  - {name: a, state: 'Off', network_adapters: [{switch: Net}]}\n"
        "  - {name: HV1, memory_startup: 8GB, state: 'Off', guest: {os: windows, credential: lab-admin}, nested: {}}\n"
    )
    return nestlab.Lab(topology, nestlab.connect("sim:ws2022-intel"), tmp_path / "j.jsonl")


def test_a_lab_says_what_it_is_and_what_the_rules_say_of_its_file(lab):
    assert first_line(lab) == "✓ Lab one on sim:ws2022-intel: 2 VMs, 1 nested host."
    assert "Its file has no errors" in lab._repr_html_()
    wrong = nestlab.loads("name: two\nvms: [{name: a, network_adapters: [{switch: Nowhere}]}]\n")
    shown = nestlab.Lab(wrong, lab.host)
    assert first_line(shown).startswith("✗ Lab two on")
    assert "Its file has 1 error" in shown._repr_html_()


def test_a_refused_plan_opens_with_what_blocks_it_and_lists_all_in_a_table(lab):
    text = "name: big\nvms: [{name: a, memory_startup: 900GB, network_adapters: [{switch: No}]}]\n"
    with pytest.raises(PlanRefused) as caught:
        nestlab.Lab(nestlab.loads(text), lab.host).plan()
    findings = caught.value.findings
    assert first_line(caught.value) == f"✗ {len(findings.errors)} errors block this plan."
    page = caught.value._repr_html_()
    assert "First: " not in page
    assert all(
        f'<td style="text-align:left;vertical-align:top">{each.subject_text}' in page
        for each in findings.errors
    )


def test_a_file_with_problems_shows_each_with_its_line():
    with pytest.raises(errors.TopologyFileError) as caught:
        nestlab.loads("name: x\nvms: [{name: a, state: Sideways}, {nome: b}]\n")
    page = caught.value._repr_html_()
    assert "problem" in first_line(caught.value)
    assert all(f"<small>{escape(each.location)}</small>" in page for each in caught.value.findings)


def test_the_output_of_cmdlets_is_a_table_and_says_what_failed(lab):
    vms = lab.host.run(Cmdlet("Get-VM"))
    page = vms._repr_html_()
    assert first_line(vms) == f"✓ {len(vms.records)} objects."
    assert all(f">{vm['Name']}</td>" in page for vm in vms)
    assert ">Name</th>" in page
    assert page.count("<th ") <= 7
    [one] = lab.host.run(Cmdlet("Get-VMHost")).records
    assert f">{one['VirtualHardDiskPath']}</td>" in Outcome((one,))._repr_html_()
    assert first_line(lab.host.run(Cmdlet("Stop-VM", {"Name": "dc-archive"}))).startswith("✓ Done")
    failed = Outcome(errors=(ErrorRecord("It is off.", fully_qualified_error_id="InvalidState,X"),))
    assert first_line(failed) == "✗ 1 error."
    assert "✗ It is off. (InvalidState,X)" in failed._repr_html_()
    assert "<br>⚠ Slow." in Outcome(warnings=("Slow.",))._repr_html_()
    assert ">plain</td>" in Outcome((Record(("System.String",), {}, "plain"),))._repr_html_()


def test_a_file_with_one_problem_says_it_once():
    with pytest.raises(errors.TopologyFileError) as caught:
        nestlab.load("missing.yml")
    assert caught.value._repr_html_().count("there is no such file") == 1


def test_other_errors_open_with_their_sentence_and_say_what_to_do():
    error = NestlabError("The host is off.", hint="Turn it on: `Start-VM`.")
    assert first_line(error) == "✗ The host is off."
    assert f"→ Turn it on: {code('Start-VM')}." in error._repr_html_()
    assert first_line(FileNotWritten("a.yml", PermissionError(13, "denied"))).startswith("✗ a.yml")
    problem = CredentialProblem("lab-admin", ("HV1", "web1"), "It was not found.", "Set it.")
    page = CredentialNotUsable([problem])._repr_html_()
    assert "✗ 1 credential of guests cannot be used." in page
    assert "HV1 and web1" in page
    assert PlanRefused(Findings())._repr_html_().count("<table>") == 0


def test_a_journal_says_how_the_run_went(lab, tmp_path):
    assert all(result.ok for result in lab.apply())
    journal = nestlab.Journal(str(lab.journal))
    assert journal == nestlab.Journal(lab.journal)
    count = len(journal.entries())
    assert first_line(journal) == f"✓ one on sim:ws2022-intel: {count} steps."
    assert f"done: {count}" in journal._repr_html_()
    (tmp_path / "broken.jsonl").write_text("{", encoding="utf-8")
    assert first_line(nestlab.Journal(tmp_path / "broken.jsonl")).startswith("✗")


def test_a_change_of_nesting_says_what_it_would_do(lab):
    change = nestlab.NestingChange(lab.host, ["a", "b"], enable=True)
    assert (
        first_line(change)
        == "Exposes the virtualization extensions to a and b on sim:ws2022-intel."
    )
    assert "Nothing is changed yet" in change._repr_html_()


def test_one_finding_and_one_result_are_shown_as_their_lists_are(lab):
    finding = nestlab.validate(nestlab.loads("name: x\nvms: [{name: a, memory_startup: 8MB}]\n"))[0]
    assert first_line(finding) == "✗ 1 error."
    text = "name: c\nvms: [{name: a}]\nchecks: [{from: host, to: a}]\n"
    (result,) = nestlab.Lab(nestlab.loads(text), lab.host).verify()
    assert first_line(result) == str(result)


def test_the_explanation_of_a_finding_opens_with_what_it_means_and_links_its_source():
    rule = nestlab.explain("nat-overlap")
    assert first_line(nestlab.explain("cannot-nest")) == "cannot-nest"
    page = nestlab.explain("cannot-nest")._repr_html_()
    assert page.index("The host cannot run nested hosts as it is.") < page.index("<table>")
    assert '<a href="https://learn.microsoft.com/' in page
    assert "<b>nat-overlap" in rule._repr_html_()
