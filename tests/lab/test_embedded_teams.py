"""Switches on several adapters: Switch Embedded Teaming, on the host and in nested hosts."""

from pathlib import Path

import pytest

import nestlab
from nestlab.model import Cmdlet
from nestlab.topology_file import dumps

CASES = Path(__file__).parents[1] / "cases" / "reported"
NESTED = (CASES / "embedded-team.yml").read_text(encoding="utf-8")
ON_HOST = """
name: team-lab
switches:
  - {name: Team, switch_type: External, net_adapter: %s, allow_management_os: %s}
vms:
  - name: PC1
    memory_startup: 4GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{switch: Team, ip_address: 192.0.2.50/24, gateway: 192.0.2.1}]
checks: [{from: PC1, to: internet, expect: reachable}]
"""
BRIDGED = """
name: bridged-team
switches: [{name: Lab, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]
vms:
  - name: NODE1
    memory_startup: 8GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - {name: Mgmt1, switch: Lab, mac_address_spoofing: true, ip_address: 10.0.0.11/24, gateway: 10.0.0.1}
      - {name: Mgmt2, switch: Lab, mac_address_spoofing: %s}
    nested:
      switches: [{name: Team, switch_type: External, net_adapter: [Mgmt1, Mgmt2]}]
      vms:
        - {name: inner, memory_startup: 1GB, network_adapters: [{switch: Team, ip_address: 10.0.0.20/24, gateway: 10.0.0.1}]}
checks:
  - {from: NODE1, to: internet, expect: reachable}
"""


@pytest.fixture
def host():
    return nestlab.connect(f"sim:{CASES / 'two-adapters.json'}")


def said_to_do(plan):
    return [str(cmdlet) for step in plan.steps for cmdlet in step.cmdlets]


def applied(topology, host):
    lab = nestlab.Lab(nestlab.loads(topology), host)
    assert all(result.ok for result in lab.apply())
    assert lab.plan().steps == ()
    return lab


def members(host):
    (team,) = host.run(Cmdlet("Get-VMSwitch", {"Name": "Team"}))
    return team["EmbeddedTeamingEnabled"], list(team["NetAdapterInterfaceDescriptions"])


def test_a_team_of_the_host_is_made_traced_captured_and_removed(host):
    topology = ON_HOST % ("[NIC1, NIC2]", "true")
    lab = nestlab.Lab(nestlab.loads(topology), host)
    assert lab.check().ok
    assert nestlab.trace(lab.topology, "PC1", "internet").reachable
    (made,) = (text for text in said_to_do(lab.plan()) if "New-VMSwitch" in text)
    assert "-NetAdapterName 'NIC1','NIC2' -EnableEmbeddedTeaming $true" in made.replace(", ", ",")
    applied(topology, host)
    assert members(host) == (True, ["Intel I350", "Intel I350 #2"])
    assert lab.verify().ok
    (switch,) = nestlab.capture(host).switches
    assert switch.net_adapters == ("NIC1", "NIC2")
    assert "net_adapter: [NIC1, NIC2]" in dumps(nestlab.capture(host))
    assert "not in this file" not in dumps(nestlab.capture(host))
    assert all(result.ok for result in lab.destroy())
    assert not list(host.run(Cmdlet("Get-VMSwitch")))


def test_members_of_a_team_change_without_a_new_switch(host):
    applied(ON_HOST % ("[NIC1, NIC2]", "true"), host)
    fewer = nestlab.Lab(nestlab.loads(ON_HOST % ("NIC1", "true")), host)
    assert [text.split(" | ")[1] for text in said_to_do(fewer.plan())] == [
        "Set-VMSwitchTeam -NetAdapterName @('NIC1')"
    ]
    applied(ON_HOST % ("NIC1", "true"), host)
    assert members(host) == (True, ["Intel I350"])
    assert all(result.ok for result in fewer.undo())
    assert members(host) == (True, ["Intel I350", "Intel I350 #2"])


def test_a_team_can_be_kept_from_windows(host):
    applied(ON_HOST % ("[NIC1, NIC2]", "true"), host)
    applied(ON_HOST % ("[NIC1, NIC2]", "false"), host)
    assert members(host)[0]
    assert nestlab.capture(host).switches[0].allow_management_os is False


def test_one_adapter_does_not_become_a_team_in_place(host):
    applied(ON_HOST % ("NIC1", "true"), host)
    wanted = nestlab.Lab(nestlab.loads(ON_HOST % ("[NIC1, NIC2]", "true")), host)
    assert "cannot-change" in wanted.check().codes
    with pytest.raises(
        nestlab.errors.PlanRefused, match="only when it is created again"
    ) as refused:
        wanted.plan()
    assert [found.plan_option for found in refused.value.findings] == [None]


def test_a_team_of_a_nested_host_is_made_and_teaming_is_allowed():
    host = nestlab.connect()
    lab = nestlab.Lab(nestlab.loads(NESTED), host)
    assert lab.check().ok
    codes = {"team-member-address", "guest-without-name-server"}
    assert set(nestlab.validate(lab.topology).codes) == codes
    texts = said_to_do(lab.plan())
    assert sum("-AllowTeaming 'On'" in text for text in texts) == 2
    results = list(lab.apply())
    made = [str(cmdlet) for result in results for cmdlet in result.step.cmdlets]
    (team,) = (text for text in made if "New-VMSwitch -Name 'Team'" in text)
    assert "-EnableEmbeddedTeaming $true" in team
    assert lab.plan().steps == ()


def test_vms_inside_reach_out_over_a_team():
    host = nestlab.connect()
    lab = applied(BRIDGED % "true", host)
    assert nestlab.trace(lab.topology, "NODE1/inner", "internet").reachable
    assert lab.verify().ok


def test_spoofing_is_needed_on_every_member():
    topology = nestlab.loads(BRIDGED % "false")
    found = nestlab.validate(topology)
    assert [item.subject for item in found if item.code == "spoofing-required"] == [
        "adapter NODE1/Mgmt2"
    ]
    trace = nestlab.trace(topology, "NODE1/inner", "internet")
    assert trace.drop.reason == "MAC_SPOOFING_OFF"
    (fix,) = trace.fixes
    assert "'Mgmt2'" in str(fix.cmdlets[0])
    assert fix.verified


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (("[Mgmt1, Mgmt2]", "[Mgmt1, Mgmt3]"), "unknown-net-adapter"),
        (("[Mgmt1, Mgmt2]", "[Mgmt1, mgmt1]"), "adapter-in-two-switches"),
        (("name: Mgmt2,", "name: Mgmt2, vlan: {access: 5},"), "team-spans-networks"),
        (("name: Mgmt2,", "name: Mgmt2, allow_teaming: false,"), "teaming-not-allowed"),
        (("[Mgmt1, Mgmt2]", "[a, b, c, d, e, f, g, h, i]"), "team-too-large"),
    ],
)
def test_what_a_team_cannot_be_is_a_finding(change, code):
    assert code in nestlab.validate(nestlab.loads((BRIDGED % "true").replace(*change))).codes


def test_adapters_of_two_models_are_no_team(tmp_path):
    text = (CASES / "two-adapters.json").read_text(encoding="utf-8")
    path = tmp_path / "two.json"
    path.write_text(text.replace("Intel I350 #2", "Fabrikam 1GbE"), encoding="utf-8")
    wanted = nestlab.loads(ON_HOST % ("[NIC1, NIC2]", "true"))
    assert (
        "team-members-differ" in nestlab.Lab(wanted, nestlab.connect(f"sim:{path}")).check().codes
    )


@pytest.mark.parametrize("written", ["NIC1", "[NIC1]", "[NIC1, NIC2]"])
def test_saving_keeps_adapters_as_they_are_written(tmp_path, written):
    path = tmp_path / "lab.yml"
    text = (ON_HOST % (written, "true")).lstrip()
    path.write_text(text, encoding="utf-8")
    nestlab.save(nestlab.load(path), path)
    assert path.read_text(encoding="utf-8") == text
