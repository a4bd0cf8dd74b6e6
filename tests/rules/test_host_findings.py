"""What the rules say about hosts, word for word."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from nestlab.rules import host_findings
from nestlab.rules.host_report import host_report
from nestlab.rules.rule_registry import REGISTRY
from tests.rules.states import HOSTS, READY
from tests.rules.wording import check_wording

CASES = Path(__file__).parents[1] / "cases" / "hosts"
VERDICTS = {
    "can-nest": (
        "ws2022-intel",
        "ws2025-amd",
        "amd-version-9-3",
        "azure",
        "kvm",
        "full",
        "busy",
        "old-nat",
        "no-winnat",
        "vms",
        "versions-unknown",
        "jumbo-on-wireless",
        "azure-with-vms",
        "execution-prevention-on",
        "secured",
        "security-left-behind",
        "security-check-of-an-earlier-start",
        "security-in-the-registry",
        "not-elevated",
        "disk-full",
        "disk-free",
        "containers",
        "amd-vms",
        "adapters",
        "vms-not-read",
    ),
    "nesting-not-known": ("no-rights", "nothing-known", "little-known"),
}


@pytest.mark.parametrize("name", HOSTS)
def test_findings_are_word_for_word(name, update_cases):
    check_wording(CASES / f"{name}.txt", host_findings(HOSTS[name]), update=update_cases)


@pytest.mark.parametrize("name", HOSTS)
def test_the_verdict_comes_first(name):
    expected = next(
        (verdict for verdict, names in VERDICTS.items() if name in names), "cannot-nest"
    )
    findings = host_findings(HOSTS[name])
    assert findings[0].code == expected
    assert findings.ok is (expected != "cannot-nest")


def test_every_code_has_a_case():
    detectors = (
        *REGISTRY.capability,
        *REGISTRY.host,
        REGISTRY.verdict,
        *REGISTRY.vm,
        *REGISTRY.vm_summary,
    )
    reported = {finding.code for state in HOSTS.values() for finding in host_findings(state)}
    assert {rule.code for detector in detectors for rule in detector.rules} - reported == set()


@pytest.mark.parametrize("name", HOSTS)
def test_the_report_has_every_finding_in_one_group(name):
    report = host_report(HOSTS[name])
    assert sorted(map(str, report.findings)) == sorted(map(str, host_findings(HOSTS[name])))


@pytest.mark.parametrize("name", HOSTS)
def test_every_fix_says_where_it_runs(name):
    assert all(finding.runs_on for finding in host_findings(HOSTS[name]) if finding.fix)


def test_good_news_has_its_evidence_and_source():
    assert all(finding.evidence and finding.source for finding in host_findings(READY))


@pytest.mark.parametrize("name", HOSTS)
def test_a_hint_with_a_command_says_where_it_runs(name):
    for finding in host_findings(HOSTS[name]):
        if re.search(r"[A-Z][a-z]+-[A-Z]\w+|bcdedit", finding.hint):
            assert finding.runs_on or finding.subject in ("VM twin", "VM Twin"), finding


@pytest.mark.parametrize("name", HOSTS)
def test_what_is_no_verdict_has_evidence_and_source(name):
    for finding in host_findings(HOSTS[name]):
        if finding.code not in ("cannot-nest", "nesting-not-known", "unread"):
            assert finding.evidence, finding
            assert finding.source.startswith("https://"), finding
