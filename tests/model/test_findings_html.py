"""Findings in a notebook: one line with the verdict and what to do first, then tables, long ones folded."""

import nestlab
from nestlab.html import code
from nestlab.model import Cmdlet, Finding, Findings


def finding(severity="error", number=1, **values):
    return Finding("no-switch", severity, f"VM{number}", "has no `switch`", **values)


def first_line(value):
    """Return the first paragraph of an output, without tags."""
    from html.parser import HTMLParser

    page, said = value._repr_html_(), []
    parser = HTMLParser()
    parser.handle_data = said.append
    parser.feed(page[: page.index("</p>")])
    return "".join(said)


def test_the_first_line_counts_and_does_not_repeat_what_the_table_below_begins_with():
    found = Findings([finding("warning", 2), finding(hint="Add `switch`."), finding("info", 3)])
    assert first_line(found) == "✗ 1 error, 1 warning, 1 note."
    assert found._repr_html_().count("Add <code>switch</code>") == 1
    assert first_line(Findings()) == "✓ No findings."
    assert first_line(Findings([finding("info")])) == "✓ 1 note."
    assert first_line(Findings([finding("warning")])) == "⚠ 1 warning."


def test_a_finding_shows_its_place_its_cmdlets_and_where_it_is_explained():
    fix = (Cmdlet("Start-VM", {"Name": "HV1"}),)
    rule = {
        "requirement": "a switch",
        "source": "https://learn.microsoft.com/x",
        "evidence": "Get-VM",
    }
    fix_text = code("Start-VM -Name 'HV1'")
    page = Findings(
        [finding(location="lab.yml:3:1", fix=fix, runs_on="host", **rule)]
    )._repr_html_()
    for part in (
        "<small>lab.yml:3:1</small>",
        "has no <code>switch</code>",
        f"on host: {fix_text}",
        "read: Get-VM<br>rule: a switch<br>source: <a href",
        "<code>nestlab.explain(&#x27;no-switch&#x27;)</code>",
    ):
        assert part in page


def test_what_is_long_is_folded():
    many = Findings([finding(number=n) for n in range(20)])._repr_html_()
    assert "8 more findings</summary>" in many
    assert many.index("VM11<") < many.index("more findings") < many.index("VM12<")
    notes = Findings([finding(), *(finding("info", n) for n in (2, 3))])._repr_html_()
    assert notes.index("VM1<") < notes.index("2 notes</summary>") < notes.index("VM2<")


def test_validate_says_what_the_findings_mean_for_the_lab():
    fine = nestlab.loads("name: lab\nvms: [{name: A, disk: {size: 40GB}, state: 'Off'}]\n")
    assert first_line(nestlab.validate(fine)).startswith(
        ("✓ Nothing in the file prevents lab", "⚠ lab can be built; read the warnings first.")
    )
    broken = nestlab.loads("name: lab\nvms: [{name: A, network_adapters: [{switch: Nowhere}]}]\n")
    assert first_line(nestlab.validate(broken)).startswith("✗ lab cannot be built as declared.")


def test_a_check_of_a_host_opens_with_the_verdict_on_it():
    able = nestlab.check(nestlab.connect())
    assert first_line(able) == "✓ HV01 can run nested hosts."
    assert "21 notes about the host</summary>" in able._repr_html_()
    unable = first_line(nestlab.check(nestlab.connect("sim:no-role")))
    assert unable.startswith("✗ HV01 cannot run nested hosts as it is")
    assert unable.endswith("→ Install the role and restart.")


def test_every_other_answer_opens_with_its_verdict(tmp_path):
    topology = nestlab.load("notebooks/topologies/nat-lab.yml")
    host = nestlab.connect()
    lab = nestlab.Lab(topology, host, journal=tmp_path / "run.jsonl")
    assert first_line(lab.plan()).startswith("Plan of nat-lab on sim:ws2022-intel: 10 steps")
    assert first_line(lab.verify()) == "✗ nat-lab: 0 of 3 checks passed."
    assert first_line(nestlab.drift(topology, host)).startswith(
        "⚠ nat-lab on sim:ws2022-intel: 2 missing.Apply the topology with nestlab apply"
    )
    assert first_line(nestlab.trace(topology, "web1", "internet")) == "✓ web1 → internet: reachable"
    assert all(result.ok for result in lab.apply())
    assert first_line(lab.plan()).startswith("✓ Nothing to do")
    assert first_line(lab.verify()) == "✓ nat-lab: 3 of 3 checks passed."
    assert first_line(nestlab.drift(topology, host)).startswith("✓ nat-lab on")
    known = first_line(nestlab.explain("0x80070005"))
    assert known.startswith("Known error: access-deniedThe account lacks rights.")


def test_a_trace_gives_its_reason_once():
    topology = nestlab.loads(
        "name: lab\nswitches: [{name: S, switch_type: Private}, {name: T, switch_type: Private}]\n"
        "vms:\n  - {name: A, network_adapters: [{switch: S, ip_address: 10.0.0.1/24}]}\n"
        "  - {name: B, network_adapters: [{switch: T, ip_address: 10.0.0.2/24}]}\n"
    )
    answer = nestlab.trace(topology, "A", "B")
    page, _picture = answer._repr_html_().split("<img")
    assert page.count(answer.drop.explanation.replace("'", "&#x27;")) == 1
    assert "the packet is dropped (NOT_SAME_NETWORK)" in page


def test_the_report_of_a_change_opens_with_its_outcome():
    report = nestlab.enable_nesting(nestlab.connect(), "dc-archive")
    assert first_line(report).startswith("✓ dc-archive: Virtualization extensions are exposed.")
