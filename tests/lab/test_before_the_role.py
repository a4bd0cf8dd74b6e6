"""A nested host that answers before Hyper-V is installed in it."""

from __future__ import annotations

import pytest

import nestlab

LAB = r"""
name: early
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}}
switches: [{name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24}]
vms:
  - name: HV1
    memory_startup: 8GB
    processor_count: 4
    disk: {image: ws2022}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: Ethernet, switch: LabNet, ip_address: 192.168.100.11/24, gateway: 192.168.100.1}]
    nested:
      switches: [{name: In, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}]
"""


@pytest.mark.parametrize("scenario", ["ws2022-intel", "ws2022-spanish", "ws2025-amd"])
def test_a_nat_in_it_is_no_warning_while_winnat_is_not_there_yet(scenario, tmp_path):
    # Before, plan and check said that the NATs of HV1 could not be read: "Invalid class".
    host = nestlab.connect(f"sim:{scenario}")
    lab = nestlab.Lab(nestlab.loads(LAB), host, tmp_path / "j.jsonl")
    for result in lab.apply():
        assert result.ok
        if result.step.id == "host:start-vm:HV1":
            break
    host.wait(900)
    plan = lab.plan()
    assert "Install Hyper-V in HV1" in [step.title for step in plan.steps]
    assert [each.code for each in plan.warnings if each.code.startswith("nat-")] == []
    subjects = [each.subject for each in lab.check() if each.code == "nat-not-known"]
    assert subjects == []
    assert [str(result) for result in lab.apply() if not result.ok] == []
    assert lab.plan().is_empty
