"""What the rules say about topologies, word for word; every case is a file."""

from __future__ import annotations

import re
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from nestlab.errors import TopologyFileError
from nestlab.model import Size
from nestlab.model.topology import (
    VM,
    Disk,
    Guest,
    Nested,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
)
from nestlab.rules import validate
from nestlab.rules.rule_registry import REGISTRY
from nestlab.topology_file import dumps, load, loads
from tests.rules.wording import worded
from tests.strategies import topologies

CASES = Path(__file__).parents[1] / "cases"
FINDINGS = sorted((CASES / "findings").glob("*.yml"))
GOOD = sorted((CASES / "topologies").glob("*.yml"))
MARK = "# findings, as `validate` words them:\n"


def findings_of(text, filename):
    try:
        return validate(loads(text, filename))
    except TopologyFileError as error:
        return error.findings


def commented(findings):
    """Every word of the findings, as comment lines."""
    return "".join(f"# {line}\n" for line in (worded(findings) or "none\n").splitlines())


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_findings_are_word_for_word(path, update_cases):
    text, _, expected = path.read_text(encoding="utf-8").partition(MARK)
    findings = findings_of(text, path.name)
    if update_cases:
        expected = commented(findings)
        path.write_text(text + MARK + expected, encoding="utf-8", newline="\n")
    assert commented(findings) == expected


@pytest.mark.parametrize("path", FINDINGS, ids=lambda path: path.stem)
def test_the_first_line_names_a_finding_of_the_file(path):
    severity, code = path.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(": ")
    text = path.read_text(encoding="utf-8").partition(MARK)[0]
    found = [(finding.severity, finding.code) for finding in findings_of(text, path.name)]
    assert (found == []) if severity == "fine" else ((severity, code) in found)


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_the_examples_have_no_findings(path):
    assert list(validate(load(path)).codes) == []


def test_every_rule_has_a_case():
    text = "".join(path.read_text(encoding="utf-8") for path in FINDINGS)
    declared = [rule.code for detector in REGISTRY.topology for rule in detector.rules]
    assert [code for code in declared if f": {code}: " not in text] == []


def test_every_finding_has_a_place_and_a_way_out():
    for path in FINDINGS:
        for finding in findings_of(path.read_text(encoding="utf-8").partition(MARK)[0], path.name):
            assert finding.location.startswith(f"{path.name}:")
            assert finding.hint or finding.code in ("bad-value", "not-yaml")


def test_a_topology_that_was_changed_since_it_was_read_names_no_lines():
    topology = loads("name: x\nswitches: [{name: A, switch_type: External}]")
    assert validate(topology)[0].location == "<text>:2:12"
    moved = replace(topology, vms=(VM(name="new"),))
    assert validate(moved)[0].location == ""


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(topologies)
def test_any_topology_can_be_validated(topology):
    findings = validate(topology)
    assert all(
        finding.message and finding.severity in ("error", "warning", "info") for finding in findings
    )
    assert [finding.code for finding in validate(loads(dumps(topology)))] == [
        finding.code for finding in findings
    ]


def a_thousand_vms():
    def vm(host, number):
        address = IPv4Interface(f"10.0.0.{number + 10}/24")
        adapters = (
            NetworkAdapter(switch="Net", ip_address=address, gateway=IPv4Address("10.0.0.1")),
        )
        return VM(
            name=f"web{host}-{number}",
            disk=Disk(parent=r"D:\images\ws2022.vhdx"),
            network_adapters=adapters,
        )

    def nested_host(host):
        net = Switch(
            name="Net",
            switch_type=SwitchType.INTERNAL,
            ip_address=IPv4Interface("10.0.0.1/24"),
            nat=IPv4Network("10.0.0.0/24"),
        )
        nested = Nested(switches=(net,), vms=tuple(vm(host, number) for number in range(19)))
        return VM(
            name=f"HV{host}",
            memory_startup=Size(32 << 30),
            guest=Guest(os="windows", credential="c"),
            nested=nested,
        )

    return Topology(name="big", vms=tuple(nested_host(host) for host in range(50)))


def test_a_thousand_vms_are_read_and_judged():
    text = dumps(a_thousand_vms())
    findings = validate(loads(text))
    assert findings


def test_a_switch_is_no_physical_network_whatever_its_name():
    topology = loads("""
name: lab
uplinks: [{net_adapter: Ethernet, network: 192.0.2.0/24, gateway: 192.0.2.1, ip_address: 192.0.2.9/24}]
switches: [{name: wire Ethernet, switch_type: Private}]
vms:
  - {name: a, network_adapters: [{switch: wire Ethernet, dhcp: true}]}
  - {name: b, network_adapters: [{switch: wire Ethernet, ip_address: 192.0.2.9/24, gateway: 192.0.2.1}]}
""")
    of_networks = {"dhcp-without-server", "gateway-without-machine"}
    assert set(validate(topology).codes) == {*of_networks, "set-by-hand"}


GATEWAY_IN_VLAN_20 = """
name: x
switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, vlan: {access: 20}}]
vms: [{name: a, network_adapters: [{switch: A, ip_address: 10.0.0.5/24, gateway: 10.0.0.1}]}]
"""


@pytest.mark.parametrize(
    ("words", "old", "new"),
    [
        (
            r"set (vlan: \{access: 20\}) on adapter a/Network Adapter",
            "{switch: A,",
            "{switch: A, %s,",
        ),
        ("remove (vlan) from switch A", ", vlan: {access: 20}", ""),
    ],
)
def test_both_ways_that_the_hint_about_a_gateway_in_another_vlan_names_help(words, old, new):
    code = "gateway-without-machine"
    (found,) = (each for each in validate(loads(GATEWAY_IN_VLAN_20)) if each.code == code)
    assert "which switch A has in another VLAN" in found.message
    said = re.search(words, found.hint, re.IGNORECASE)
    assert said
    edit = new % said[1].lower() if "%s" in new else new
    assert code not in validate(loads(GATEWAY_IN_VLAN_20.replace(old, edit))).codes


def test_a_gateway_in_another_nested_host_is_not_named():
    """Nested hosts may well use the same addresses."""
    nested = "{name: %s, state: 'Off', memory_startup: 8GB, guest: {os: windows, credential: c}, nested: {switches: [{name: N, switch_type: Internal%s}], vms: [{name: v, state: 'Off', network_adapters: [{switch: N, ip_address: 10.0.0.5/24, gateway: 10.0.0.1}]}]}}"
    text = f"name: x\nvms: [{nested % ('h1', ', ip_address: 10.0.0.1/24')}, {nested % ('h2', '')}]"
    found = [item for item in validate(loads(text)) if item.code == "gateway-without-machine"]
    assert [item.subject for item in found] == ["adapter h2/v/Network Adapter"]
    assert "no machine on that network has this address" in found[0].message
