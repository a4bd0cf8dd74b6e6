"""Roles and features of Windows Server in guests."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import TopologyFileError
from nestlab.model import Cmdlet, SwitchParameter

FILE = r"""
name: roles
images: {ws2022: {path: 'D:\images\ws2022.vhdx'}}
switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24}]
vms:
  - name: dc
    disk: {image: ws2022}
    guest: {os: windows, credential: c, features: FEATURES}
    network_adapters: [{switch: A, ip_address: 10.0.0.11/24}]
"""


@pytest.fixture
def host():
    return nestlab.connect()


def lab_of(host, features, journal=None):
    return nestlab.Lab(nestlab.loads(FILE.replace("FEATURES", features)), host, journal)


def applied(lab):
    results = list(lab.apply())
    assert [str(result) for result in results if not result.ok] == []
    assert lab.plan().is_empty
    return [str(each.step.action) for each in results if each.step.machine]


def guest_of(host):
    machine = host.simulated_host.world.host
    return machine.guest(machine.hyper_v.vms_named("dc")[0])


def test_a_feature_is_installed_with_its_tools_and_undo_removes_it(host, tmp_path):
    applied(lab_of(host, "[]"))
    lab = lab_of(host, "[DNS]", tmp_path / "dns.jsonl")
    assert applied(lab) == ["install-feature"]
    assert {"DNS", "RSAT-DNS-Server"} <= set(guest_of(host).features)
    assert all(result.ok for result in lab.undo())
    assert "DNS" not in guest_of(host).features


def test_a_feature_that_waits_for_a_restart_gets_one(host):
    applied(lab_of(host, "[]"))
    lab = lab_of(host, "[Failover-Clustering]")
    assert applied(lab) == ["install-feature", "restart"]
    assert guest_of(host).features["Failover-Clustering"] == "Installed"


def test_the_restart_for_a_new_name_completes_features_as_well(host):
    done = applied(lab_of(host, "[Failover-Clustering, DNS]"))
    assert done.count("restart") == 1
    assert guest_of(host).features["Failover-Clustering"] == "Installed"


def test_names_are_compared_as_windows_does(host):
    applied(lab_of(host, "[dns]"))
    assert lab_of(host, "[DNS]").plan().is_empty


def test_a_removed_feature_is_drift_and_one_that_the_file_does_not_name_stays(host):
    lab = lab_of(host, "[DNS]")
    applied(lab)
    guest = host.guest("dc", "c")
    for name in ("DHCP", "DNS"):
        tools = {"Name": name, "IncludeManagementTools": SwitchParameter.ON}
        guest.run(Cmdlet("Install-WindowsFeature", tools))
    assert lab.plan().is_empty
    guest.run(Cmdlet("Uninstall-WindowsFeature", {"Name": "DNS"}))
    assert [step.title for step in lab.plan().steps] == ["Install the feature DNS in dc"]
    assert "DHCP" in guest_of(host).features


def test_a_capture_names_what_a_default_installation_does_not_have(host):
    applied(lab_of(host, "[DNS]"))
    found = nestlab.capture(host, of_topology="roles", credential="c")
    (vm,) = found.vms
    assert vm.guest.features == ("DNS", "RSAT-DNS-Server")
    assert nestlab.Lab(found, host).plan().is_empty


def test_a_name_that_windows_does_not_know_fails_with_the_name(host):
    results = list(lab_of(host, "[Domain-Naming]").apply())
    (failed,) = (result for result in results if not result.ok)
    assert "'Domain-Naming'" in failed.message  # the text is in the language of Windows


@pytest.mark.parametrize("name", ["'DNS*'", "'DNS Server'", "''"])
def test_other_than_names_are_refused_with_the_way_out(name):
    with pytest.raises(TopologyFileError) as caught:
        nestlab.loads(FILE.replace("FEATURES", f"[{name}]"))
    assert "Get-WindowsFeature" in str(caught.value)
    assert ":8:" in str(caught.value)


def test_features_of_a_windows_client_are_a_finding():
    host = nestlab.connect("sim:win11-ryzen")
    text = FILE.replace("ws2022.vhdx", "win11.vhdx").replace("FEATURES", "[DNS]")
    lab = nestlab.Lab(nestlab.loads(text), host)
    results = list(lab.apply())
    assert "install-feature" not in [str(each.step.action) for each in results]
    (found,) = (each for each in lab.check() if each.code == "guest-needs-server")
    assert ":8:51" in found.location


NESTED_CLIENT = r"""
name: box
images: {client: {path: 'D:\images\win11.vhdx'}}
switches: [{name: Default Switch, existing: true}]
vms:
  - name: PC1
    memory_startup: 8GB
    disk: {image: client}
    guest: {os: windows, credential: c}
    network_adapters: [{switch: Default Switch, dhcp: true}]
    nested: {switches: [{name: Default Switch, existing: true}]}
"""


def test_the_optional_features_of_a_nested_windows_client_are_not_captured():
    """A capture had Microsoft-Hyper-V under `features`, which then was refused for a client."""
    topology = nestlab.loads(NESTED_CLIENT)
    host = nestlab.connect("sim:win11-ryzen", prepared_for=topology)
    applied(nestlab.Lab(topology, host))
    found = nestlab.capture(host, of_topology="box", credential="c")
    assert found.vms[0].nested is not None
    assert found.vms[0].guest.features == ()
    assert nestlab.Lab(found, host).plan().is_empty
