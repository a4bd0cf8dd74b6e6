"""Fixes of a trace: tried against the other checks of the topology, and against the rules."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.dataclass import replace
from nestlab.rules.tried_fixes import errors_of_edit

LAB = r"""
name: lab
switches:
  - {name: S, switch_type: Internal, ip_address: 10.10.0.1/24, nat: 10.10.0.0/16%s, management_adapters: [{name: V20, ip_address: 10.10.20.1/24, vlan: {access: 20}}]}
defaults: {vm: {guest: {os: windows, credential: lab}}, network_adapter: {switch: S}}
vms:
  - {name: A, network_adapters: [{ip_address: 10.10.0.11/24, gateway: 10.10.0.1%s}]}
  - {name: B, network_adapters: [{ip_address: 10.10.20.11/24, gateway: 10.10.20.1, vlan: {access: 20}}]}
  - {name: C, network_adapters: [{ip_address: 10.10.0.12/24, gateway: 10.10.0.1}]}
"""
ON_TEN = ", vlan: {access: 10}"
ONE_ADDRESS_IN_TWO_VLANS = (LAB % ("", ON_TEN)).replace("10.10.0.12", "10.10.0.11")
"""A, in VLAN 10, cannot join the VLAN of the host, where C has its address: only the host can be moved."""


def traced(text, source, target):
    return nestlab.trace(nestlab.loads(text), source, target)


@pytest.mark.parametrize("checks", ["", "checks: [{from: A, to: internet}, {from: B, to: A}]"])
def test_inside_one_nat_the_machine_forwards_and_the_nat_stays(checks):
    found = traced(LAB % ("", "") + checks, "B", "A")
    (fix,) = found.fixes
    assert {cmdlet.name for cmdlet in fix.cmdlets} == {"Set-NetIPInterface"}
    assert fix.verified
    assert found.breaks == ()


def test_what_a_fix_would_break_is_named_everywhere():
    checks = "checks: [{from: C, to: internet}]"
    found = traced(ONE_ADDRESS_IN_TWO_VLANS + checks, "A", "host")
    assert found.breaks == ("check 1: C to internet, reachable",)
    text = str(found)
    assert "(verified)" not in text
    assert "It would break check 1: C to internet, reachable" in text
    assert "It would break check 1" in found._repr_html_()
    assert found.to_dict()["breaks"] == list(found.breaks)


def test_without_checks_the_way_of_others_to_the_internet_is_one():
    found = traced(ONE_ADDRESS_IN_TWO_VLANS, "A", "host")
    assert found.breaks == ("the path from C to the internet",)


def test_an_error_that_an_edit_brings_to_the_file_is_one():
    topology = nestlab.loads(LAB % ("", ""))
    (error,) = errors_of_edit(topology, without_address)
    assert error.startswith("the file: switch S: translates 10.10.0.0/16")
    assert error.endswith("(nat-without-address)")


def without_address(topology):
    (switch,) = topology.switches
    return replace(topology, switches=(replace(switch, ip_address=None),))


@pytest.mark.parametrize(
    ("source", "target", "broken"),
    [
        (
            "C",
            "internet",
            ["check 1: A to internet, reachable", "check 3: C to internet, unreachable"],
        ),
        ("C", "A", ["check 1: A to internet, reachable", "check 2: C to A, unreachable"]),
    ],
)
def test_a_vlan_that_another_check_needs_is_named(source, target, broken):
    checks = "checks: [{from: A, to: internet}, {from: C, to: A, expect: unreachable}, {from: C, to: internet, expect: unreachable}]"
    found = traced(LAB % (ON_TEN, ON_TEN) + checks, source, target)
    assert found.fixes
    assert not any(fix.verified for fix in found.fixes)
    assert list(found.breaks) == broken


def test_a_fix_that_breaks_nothing_is_verified():
    checks = "checks: [{from: B, to: internet}, {from: C, to: host}, {from: A, to: host}]"
    found = traced((LAB % ("", ON_TEN)) + checks, "A", "host")
    assert found.fixes
    assert all(fix.verified for fix in found.fixes)
    assert found.breaks == ()
    assert "(verified)" in str(found)
    assert "break" not in str(found)


def test_a_check_that_fails_before_is_not_broken_by_a_fix():
    checks = "checks: [{from: A, to: 10.10.20.11}, {from: A, to: host}]"
    assert traced((LAB % ("", ON_TEN)) + checks, "A", "host").breaks == ()


def test_the_nat_of_a_nested_host():
    inner = (LAB % ("", "")).replace("name: lab\n", "")
    lines = "\n".join(
        "      " + line for line in inner.strip().splitlines() if "defaults" not in line
    )
    text = f"""
name: lab
defaults: {{vm: {{memory_startup: 1GB, guest: {{os: windows, credential: lab}}}}}}
vms:
  - name: HV
    memory_startup: 8GB
    nested:
{lines.replace("network_adapters: [{", "network_adapters: [{switch: S, ")}
checks: [{{from: A, to: HV}}, {{from: HV/B, to: HV/A}}]
"""
    found = traced(text, "B", "A")
    assert found.fixes[0].machine == ("HV",)
    assert found.fixes[0].verified
