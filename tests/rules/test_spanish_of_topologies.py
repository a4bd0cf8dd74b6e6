"""Findings about topologies, and their match with a host, in Spanish: the same findings."""

from pathlib import Path

import pytest

from nestlab.rules import match_findings, validate
from nestlab.rules.rule_registry import REGISTRY
from nestlab.topology_file import load, loads
from tests.rules.states import HOSTS

CASES = Path(__file__).parents[1] / "cases"
LABS = sorted((CASES / "topologies").glob("*.yml"))
TAKEN = """
switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24}]
vms: [{name: a, network_adapters: [{switch: A, ip_address: 10.0.0.1/24}]}]
"""


def same(finding):
    """What is the same of a finding in every language."""
    return finding.code, finding.severity, finding.subject, finding.keys, finding.fix


EXAMPLES = {rule.code: rule.example for each in REGISTRY.topology for rule in each.rules}


@pytest.mark.parametrize(("code", "example"), EXAMPLES.items(), ids=EXAMPLES)
def test_the_findings_of_each_rule_are_the_same_in_spanish(code, example, in_spanish):
    topology = loads(f"name: lab\n{example}\n", "lab.yml")
    english, spanish = validate(topology), in_spanish(validate, topology)
    assert list(map(same, spanish)) == list(map(same, english))
    assert code in english.codes
    assert [
        a.message for a, b in zip(english, spanish, strict=True) if a.message == b.message
    ] == []
    assert [a.hint for a, b in zip(english, spanish, strict=True) if a.hint == b.hint] == []


@pytest.mark.parametrize("path", LABS, ids=lambda path: path.stem)
def test_the_match_of_a_lab_with_each_host_is_the_same_in_spanish(path, in_spanish):
    topology = load(path)
    for state in HOSTS.values():
        english = match_findings(topology, {(): state})
        spanish = in_spanish(match_findings, topology, {(): state})
        assert list(map(same, spanish)) == list(map(same, english))
        assert [a for a, b in zip(english, spanish, strict=True) if a.message == b.message] == []


def test_what_has_an_address_is_named_in_spanish(in_spanish):
    (found,) = in_spanish(validate, loads(f"name: lab\n{TAKEN}", "lab.yml")).errors
    assert found.subject.startswith("adapter a/")
    assert found.message == (
        "tiene la dirección 10.0.0.1, que también tiene el conmutador A en la misma red"
    )
