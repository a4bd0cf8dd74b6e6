"""Every finding code is declared once, is explained, and has an example that gives it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from nestlab.errors import TopologyFileError
from nestlab.model.finding import Finding
from nestlab.rules import Rule, all_rules, explain, host_findings, validate
from nestlab.rules.rule import NOTHING_TO_DO, Scope, UndeclaredCodeError, detects
from nestlab.rules.rule_registry import REGISTRY
from nestlab.topology_file import loads
from tests.rules.states import HOSTS

PACKAGE = Path(__file__).parents[2] / "nestlab"
CASES = Path(__file__).parents[1] / "cases"
RULES = {rule.code: rule for rule in all_rules()}
OF_TOPOLOGY = [code for code, rule in RULES.items() if Scope.TOPOLOGY in rule.looks_at]
OF_HOSTS = [
    rule.code
    for detector in (*REGISTRY.capability, *REGISTRY.host, *REGISTRY.vm, *REGISTRY.vm_summary)
    for rule in detector.rules
]


@pytest.mark.parametrize("code", RULES)
def test_every_code_is_explained(code):
    rule = RULES[code]
    assert rule.code == code
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", code)
    for text in (rule.meaning, rule.why, rule.fix):
        assert text[0].isupper() or text.startswith("hypervisorloadoptions"), text
        assert text.endswith((".", '."')), text
    assert rule.example
    assert rule.source.startswith("https://") or rule.source in ("inferred", "nestlab")
    assert rule.looks_at
    shown = str(explain(code))
    assert [part for _, part in rule.rows() if part.replace("\n", "\n    ") not in shown] == []


def test_no_code_is_declared_twice():
    declared = [rule for detector in REGISTRY.detectors for rule in dict.fromkeys(detector.rules)]
    others = {rule.code for rule in REGISTRY.reported_elsewhere}
    assert others.isdisjoint(rule.code for rule in declared)
    assert len(set(declared)) == len({rule.code for rule in declared})
    former = [code for rule in all_rules() for code in rule.formerly]
    assert len(former) == len(set(former))
    assert set(former).isdisjoint(RULES)


def test_a_detector_reports_only_codes_that_it_declares():
    known, foreign = RULES["unread"], RULES["duplicate-name"]

    @detects(known)
    def wrong(subject: str):
        yield foreign.finding(subject, "is reported by the wrong function")

    with pytest.raises(UndeclaredCodeError, match="wrong reported duplicate-name"):
        list(wrong("HV1"))


def test_a_severity_that_a_rule_does_not_declare_is_an_error():
    assert RULES["nat-present"].at("warning").severity == "warning"
    assert RULES["nat-present"].at("warning").source != RULES["nat-present"].source
    with pytest.raises(LookupError):
        RULES["duplicate-name"].at("info")


@pytest.mark.parametrize("code", OF_TOPOLOGY)
def test_the_example_of_a_topology_gives_its_finding(code):
    rule = RULES[code]
    topology = loads(f"name: example\n{rule.example}")
    found = [finding for finding in validate(topology) if finding.code == code]
    assert found
    assert all(
        finding.source in (rule.page, rule.at("warning").page if rule.variants else "")
        for finding in found
    )


@pytest.mark.parametrize("code", OF_HOSTS)
def test_the_example_of_a_host_is_evidence_of_its_finding(code):
    found = [
        finding
        for state in HOSTS.values()
        for finding in host_findings(state)
        if finding.code == code
    ]
    assert any(RULES[code].example in finding.evidence for finding in found)


FILES = {
    "not-yaml", "unknown-key", "missing-key", "wrong-type", "bad-value", "duplicate-key",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(FILES))
def test_the_example_of_a_file_gives_its_finding(code):
    with pytest.raises(TopologyFileError) as caught:
        loads(RULES[code].example if code == "not-yaml" else f"name: lab\n{RULES[code].example}")
    assert code in caught.value.findings.codes


def constants(tree):
    """Yield the names of a module that are assigned a text, each with it."""
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield from ((target.id, node.value.value) for target in node.targets)


def reported_codes(tree, named):
    """Codes that code outside of the registry has as the first argument of a finding.

    They are texts, or constants among `named`.
    """
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        first = node.args[0]
        if name in ("Finding", "Problem", "report"):
            if isinstance(first, ast.Constant):
                yield first.value
            elif isinstance(first, ast.Name) and first.id in named:
                yield named[first.id]
        yield from (
            keyword.value.value
            for keyword in node.keywords
            if keyword.arg == "code"
            and name == "InvalidValue"
            and isinstance(keyword.value, ast.Constant)
        )


def test_every_code_that_other_layers_report_is_declared():
    trees = [
        ast.parse(path.read_text(encoding="utf-8"))
        for path in PACKAGE.rglob("*.py")
        if PACKAGE / "rules" not in path.parents
    ]
    named = {name: text for tree in trees for name, text in constants(tree)}
    found = {code for tree in trees for code in reported_codes(tree, named)}
    assert found - RULES.keys() == set()
    assert {rule.code for rule in REGISTRY.reported_elsewhere} - found <= {"not-json"}


def test_what_is_as_it_should_be_gets_no_hint():
    good = RULES["can-nest"]
    assert good.fix == NOTHING_TO_DO
    assert good.finding("host", "can run nested hosts").hint == ""
    assert RULES["unread"].finding("host", "x").hint == RULES["unread"].fix


def test_a_finding_has_what_its_rule_says():
    rule = RULES["spoofing-required"]
    assert rule.finding("adapter HV1/LAN", "drops frames") == Finding(
        rule.code, rule.severity, "adapter HV1/LAN", "drops frames", rule.fix, "", rule.page
    )


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("spoofing-required", "spoofing-required"),
        ("Spoofing-Required", "spoofing-required"),
        (" nat-overlap ", "nat-overlap"),
        ("dhcp-nobody", "dhcp-without-server"),
        ("start-failed", "start-failed"),
        ("Windows System Error 87,New-NetNat", "nat-overlap"),
    ],
)
def test_codes_and_errors_are_explained(asked, code):
    assert explain(asked).code == code


def test_a_code_goes_before_an_error_of_the_same_name():
    assert isinstance(explain("nat-overlap"), Rule)
    assert not isinstance(explain("Windows System Error 87,New-NetNat"), Rule)


@pytest.mark.parametrize("asked", ["spofing-required", "gateway-nobody", "duplicate-adress"])
def test_a_misspelt_code_gets_suggestions(asked):
    known = explain(asked)
    assert not known
    assert known.similar[0] in RULES
    assert f"Did you mean {known.similar[0]}" in str(known)
    assert known.to_dict()["similar"] == list(known.similar)
