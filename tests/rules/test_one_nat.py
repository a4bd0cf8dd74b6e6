"""A host of build 17763 takes one NAT: plan says so, apply fails as it says, and each way out works."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused
from nestlab.model import Cmdlet
from nestlab.simulator.state.networking import NetNat

LAB = """
name: one-nat
switches:
  - {name: LabNet, switch_type: Internal, ip_address: 172.20.100.1/24, nat: 172.20.100.0/24}
vms:
  - name: v1
    memory_startup: 2GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {name: Ethernet, switch: LabNet, ip_address: 172.20.100.11/24, gateway: 172.20.100.1}
"""
ON_ITS_SWITCH = LAB.replace(
    "{name: LabNet, switch_type: Internal, ip_address: 172.20.100.1/24, nat: 172.20.100.0/24}",
    "{name: nat, existing: true}",
)
ON_ITS_SWITCH = (
    ON_ITS_SWITCH.replace("switch: LabNet", "switch: nat")
    .replace("172.20.100.11/24", "172.30.0.11/20")
    .replace("172.20.100.1}", "172.30.0.1}")
)
BRIDGED = LAB.replace(
    "switch_type: Internal, ip_address: 172.20.100.1/24, nat: 172.20.100.0/24",
    "switch_type: External, net_adapter: Ethernet",
).replace("ip_address: 172.20.100.11/24, gateway: 172.20.100.1", "dhcp: true")


def lab(host, text, tmp_path):
    return nestlab.Lab(nestlab.loads(text), host, journal=tmp_path / "journal.jsonl")


def warnings(plan, code):
    return [finding for finding in plan.warnings if finding.code == code]


def test_plan_warns_of_a_nat_that_is_not_shown_and_apply_fails_with_the_same_way_out(tmp_path):
    host = nestlab.connect("sim:busy-host")
    plan = lab(host, LAB, tmp_path).plan()
    (warning,) = warnings(plan, "nat-may-be-hidden")
    assert "whatever its prefix" in warning.message
    (failed,) = [result for result in lab(host, LAB, tmp_path).apply(plan) if not result.ok]
    for text in (warning.hint, failed.hint):
        assert "no other prefix helps" in text
        assert "NAT into the nested hosts" in text
        assert "the switch of the NAT that exists" in text
        assert "External switch" in text


def test_what_is_left_of_a_refused_nat_is_not_said_to_be_made_by_applying_again(tmp_path):
    host = nestlab.connect("sim:busy-host")
    list(lab(host, LAB, tmp_path).apply())
    findings = lab(host, LAB, tmp_path).check()
    (incomplete,) = [finding for finding in findings if finding.code == "nat-incomplete"]
    assert "unless this Windows refuses the NAT: nat-may-be-hidden" in incomplete.hint


@pytest.mark.parametrize("text", [ON_ITS_SWITCH, BRIDGED])
def test_a_lab_without_a_nat_of_its_own_is_made_beside_the_one_that_is_not_shown(text, tmp_path):
    host = nestlab.connect("sim:busy-host")
    plan = lab(host, text, tmp_path).plan()
    assert not warnings(plan, "nat-may-be-hidden")
    assert [
        result.message for result in lab(host, text, tmp_path).apply(plan) if not result.ok
    ] == []


def test_vms_on_the_switch_of_the_nat_that_is_not_shown_reach_the_internet(tmp_path):
    host = nestlab.connect("sim:busy-host")
    list(lab(host, ON_ITS_SWITCH, tmp_path).apply())
    host.wait(900)
    ping = Cmdlet("Test-NetConnection", {"ComputerName": "1.1.1.1"})
    (answer,) = host.guest("v1", "lab-admin").run(ping).records
    assert answer["PingSucceeded"] is True


def test_no_other_prefix_is_offered_where_the_second_nat_is_refused(tmp_path):
    host = nestlab.connect("sim:busy-host")
    world = host.simulated_host.world
    world.quirks.hidden_nats.clear()
    world.host.nats.append(NetNat("DockerNAT", "172.20.0.0/16"))
    with pytest.raises(PlanRefused) as refused:
        lab(host, LAB, tmp_path).plan()
    (taken,) = [finding for finding in refused.value.findings if finding.code == "nat-taken"]
    (present,) = [f for f in nestlab.check(host) if f.code == "nat-present"]
    for finding in (taken, present):
        assert "No other prefix helps" in finding.hint
        assert "Choose another" not in finding.hint
        assert "choose internal networks" not in finding.hint


def test_no_doubt_about_hidden_nats_on_a_build_that_takes_several(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    host.simulated_host.world.host.features["Containers"] = "Installed"
    assert not warnings(lab(host, LAB, tmp_path).plan(), "nat-may-be-hidden")
