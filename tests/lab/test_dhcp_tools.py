"""The DHCP server role without its tools: without them, Windows has no cmdlets of the role."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, SwitchParameter

LAB = """
name: lab
switches:
  - {name: S, switch_type: Internal, ip_address: 10.9.0.1/24, dhcp: {range: 10.9.0.100-10.9.0.110, dns_servers: [10.9.0.5]}}
"""
TOOLS = "RSAT-DHCP"


@pytest.fixture
def host():
    host = nestlab.connect("sim:ws2022-intel")
    host.run(Cmdlet("Install-WindowsFeature", {"Name": "DHCP"}))
    return host


def features(host):
    return {
        name
        for name, state in host.simulated_host.world.host.features.items()
        if state == "Installed"
    }


def test_a_plan_installs_the_tools_and_undo_removes_them_alone(host, tmp_path):
    lab = nestlab.Lab(nestlab.loads(LAB), host, journal=tmp_path / "journal.jsonl")
    (step,) = [step for step in lab.plan() if step.action == "install-dhcp"]
    assert [str(cmdlet) for cmdlet in step.cmdlets] == [f"Install-WindowsFeature -Name '{TOOLS}'"]
    assert [str(cmdlet) for cmdlet in step.undo] == [f"Uninstall-WindowsFeature -Name '{TOOLS}'"]
    assert "tools" in step.title
    assert all(result.ok for result in lab.apply())
    assert lab.plan().is_empty
    host.run(
        Cmdlet(
            "Add-DhcpServerv4Scope",
            {
                "Name": "theirs",
                "StartRange": "10.8.0.50",
                "EndRange": "10.8.0.99",
                "SubnetMask": "255.255.255.0",
            },
        )
    )
    assert all(result.ok for result in lab.undo())
    assert "DHCP" in features(host)
    assert TOOLS not in features(host)
    assert [scope.name for scope in host.simulated_host.world.host.dhcp_scopes] == ["theirs"]


def test_tools_that_were_there_before_the_role_stay_at_its_undo(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    host.run(Cmdlet("Install-WindowsFeature", {"Name": TOOLS}))
    lab = nestlab.Lab(nestlab.loads(LAB), host, journal=tmp_path / "journal.jsonl")
    assert all(result.ok for result in lab.apply())
    assert all(result.ok for result in lab.undo())
    assert features(host) >= {TOOLS}
    assert "DHCP" not in features(host)


def test_the_error_without_the_tools_is_explained(host):
    with pytest.raises(CmdletError) as caught:
        host.run(Cmdlet("Get-DhcpServerv4Scope"))
    known = nestlab.explain(caught.value.record)
    assert known.code == "dhcp-tools-missing"
    assert "Install-WindowsFeature -Name RSAT-DHCP" in known.fix
    spanish = nestlab.connect("sim:ws2022-spanish")
    with pytest.raises(CmdletError) as caught:
        spanish.run(
            Cmdlet(
                "Add-DhcpServerv4Scope",
                {
                    "Name": "x",
                    "StartRange": "10.8.0.50",
                    "EndRange": "10.8.0.99",
                    "SubnetMask": "255.255.255.0",
                },
            )
        )
    assert nestlab.explain(caught.value.record).code == "dhcp-tools-missing"


def test_role_and_tools_are_installed_together_where_neither_is(tmp_path):
    host = nestlab.connect("sim:ws2022-intel")
    (step,) = [
        s for s in nestlab.Lab(nestlab.loads(LAB), host).plan() if s.action == "install-dhcp"
    ]
    role = {"Name": "DHCP", "IncludeManagementTools": SwitchParameter.ON}
    assert step.cmdlets == (Cmdlet("Install-WindowsFeature", role),)


def test_a_restricted_session_installs_the_tools(tmp_path):
    topology = nestlab.loads(LAB)
    host = nestlab.connect("sim:ws2022-intel")
    nestlab.Lab(topology, host).export(tmp_path, to="jea")
    restricted = nestlab.connect(f"sim:?configuration={tmp_path}")
    features = restricted.simulated_host.world.host.features
    features["DHCP"] = "Installed"
    lab = nestlab.Lab(topology, restricted, journal=tmp_path / "journal.jsonl")
    assert all(result.ok for result in lab.apply())
    assert features["RSAT-DHCP"] == "Installed"
    assert all(result.ok for result in lab.undo())
    assert "RSAT-DHCP" not in features
