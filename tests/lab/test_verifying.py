"""Checks on the live lab: what answered, what did not, and what nobody knows, each with its evidence."""

from dataclasses import replace

import pytest

import nestlab
from nestlab.topology_file import loads

HEAD = """
name: lab
switches:
  - {name: S, switch_type: Internal, ip_address: 10.70.1.1/24, nat: 10.70.1.0/24, dhcp: {range: 10.70.1.100-10.70.1.150}}
  - {name: P, switch_type: Private}
vms:
"""
WINDOWS = "memory_startup: 2GB, disk: {parent: 'D:\\images\\ws2022.vhdx'}, guest: {os: windows, credential: c}"
LINUX = "memory_startup: 1GB, disk: {size: 10GB}, guest: {os: linux}"


@pytest.fixture
def verified(tmp_path):
    def run(*lines, refused=False):
        topology, host = loads(HEAD + "\n".join(lines)), nestlab.connect("sim:ws2022-intel")
        wanted = replace(topology, checks=()) if refused else topology
        lab = nestlab.Lab(wanted, host, tmp_path / "journal.jsonl")
        assert [str(result) for result in lab.apply() if not result.ok] == []
        return nestlab.Lab(topology, host, tmp_path / "journal.jsonl").verify()

    return run


def test_an_address_from_a_server_of_the_lab_neither_refuses_the_plan_nor_fails(verified):
    report = verified(
        f"  - {{name: a, {WINDOWS}, network_adapters: [{{name: One, switch: S, dhcp: true}}, {{name: Two, switch: P, ip_address: 10.5.0.1/24}}]}}",
        "checks: [{from: a, to: internet, expect: reachable}, {from: host, to: a, expect: reachable}]",
    )
    assert [(result.status, result.method, result.passed) for result in report] == [
        ("reachable", "ping", True)
    ] * 2


@pytest.mark.parametrize("expect", ["reachable", "unreachable"])
def test_a_guest_that_nobody_looked_into_passes_no_check_whatever_it_expects(verified, expect):
    report = verified(
        f"  - {{name: a, {LINUX}, network_adapters: [{{switch: S, ip_address: 10.70.1.11/24, gateway: 10.70.1.1}}]}}",
        f"  - {{name: b, {LINUX}, network_adapters: [{{switch: S, dhcp: true}}]}}",
        "checks:",
        *(
            f"  - {{from: {one}, to: {other}, expect: {expect}}}"
            for one, other in (("a", "b"), ("b", "a"), ("a", "internet"), ("host", "a"))
        ),
        refused=expect == "unreachable",  # the file itself says that they are reachable
    )
    assert [(result.status, result.passed) for result in report] == [("undetermined", False)] * 4
    assert not report.ok
    assert all(result.explanation for result in report)
    assert "if the settings are as declared" in report.results[2].explanation
    assert "First check on its console" in report.results[3].explanation
    assert {check["status"] for check in report.to_dict()["checks"]} == {"undetermined"}


def test_an_empty_disk_is_named_where_a_trace_of_the_file_goes_over_it():
    topology = loads(
        HEAD
        + "  - {name: a, memory_startup: 1GB, disk: {size: 10GB}, guest: {os: windows, credential: c}, "
        + "network_adapters: [{switch: S, ip_address: 10.70.1.11/24, gateway: 10.70.1.1}]}\n"
    )
    answer = nestlab.trace(topology, "a", "internet")
    assert answer.headline == (
        "a → internet: reachable, if the guests that were not observed are configured as declared"
    )
    assert (
        "a is assumed to be configured as declared: its disk is empty until Windows is installed on it."
        in answer.assumptions
    )


def test_a_ping_without_an_answer_says_what_to_look_at(verified):
    report = verified(
        f"  - {{name: a, {WINDOWS}, network_adapters: [{{switch: S, ip_address: 10.70.1.11/24}}]}}",
        "checks: [{from: a, to: internet, expect: reachable}, {from: a, to: 10.70.1.77, expect: unreachable}]",
        refused=True,
    )
    assert [result.status for result in report] == ["unreachable", "unreachable"]
    assert all(result.explanation for result in report)


def test_an_answer_proves_nothing_where_another_machine_has_the_address(tmp_path):
    path = tmp_path / "lab.yml"
    path.write_text(
        """
name: twice
switches: [{name: B, switch_type: Internal, ip_address: 10.2.0.1/24}]
vms:
  - name: HV
    memory_startup: 4GB
    processor_count: 2
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    nested:
      switches: [{name: B, switch_type: Internal, ip_address: 10.2.0.1/24}]
checks: [{from: host, to: HV}]
""",
        encoding="utf-8",
    )
    topology = nestlab.load(path)
    host = nestlab.connect()
    without = replace(topology, checks=())
    assert all(result.ok for result in nestlab.Lab(without, host, tmp_path / "j.jsonl").apply())
    (result,) = nestlab.Lab(topology, host, tmp_path / "j.jsonl").verify()
    assert (result.status, result.method, result.passed) == ("undetermined", "ping", False)
    assert "host has the address 10.2.0.1 as well" in result.explanation


def test_a_ping_to_a_vm_that_does_not_run_is_not_explained_by_its_declared_address(verified):
    report = verified(
        "  - {name: a, memory_startup: 1GB, disk: {size: 10GB}, state: Off, guest: {os: linux}, "
        "network_adapters: [{switch: S, ip_address: 10.70.9.11/24}]}",
        "checks: [{from: host, to: a, expect: unreachable}]",
    )
    (result,) = report
    assert (result.status, result.method, result.passed) == ("undetermined", "ping", False)
    assert result.explanation == "a is not running."


def test_a_guest_that_was_not_observed_is_no_proof_of_what_a_trace_says(verified):
    report = verified(
        "  - {name: a, memory_startup: 1GB, disk: {size: 10GB}, guest: {os: linux}, "
        "network_adapters: [{switch: S, ip_address: 10.70.9.11/24}]}",
        "checks: [{from: host, to: a, expect: unreachable}]",
    )
    (result,) = report
    assert result.status == "undetermined"
    assert "a could not be observed: its address is the declared one." in result.explanation
    assert "With that address, a trace gives: gateway" in result.explanation
