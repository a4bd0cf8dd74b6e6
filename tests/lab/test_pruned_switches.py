"""Switches that leave the file while the topology's own running VMs are connected to them."""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet

INNER = "{name: B, switch_type: Internal, ip_address: 10.2.0.1/24"
LAB = """\
name: lab
images: {ws: {path: 'D:\\images\\ws2022.vhdx'}}
switches: [{OUTER}]
vms:
  - name: HV
    memory_startup: 8GB
    disk: {image: ws}
    guest: {os: windows, credential: lab-admin}
    network_adapters: [{name: one, SWITCH}]
    nested:
      switches: [INNER]
      vms:
        - {name: v1, disk: {image: ws}, guest: {os: windows, credential: lab-admin}, network_adapters: [{name: one, switch: B}]}
"""
EXTERNAL = "{name: A, switch_type: External, net_adapter: Ethernet}"
OTHER_EXTERNAL = "{name: A2, switch_type: External, net_adapter: Ethernet}"


def text(outer="", switch="", inner=""):
    without = LAB if inner else LAB.replace(", switch: B", "")
    words = {"{OUTER}": outer, ", SWITCH": switch and f", switch: {switch}", "INNER": inner}
    for word, value in words.items():
        without = without.replace(word, value)
    return without


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            text(
                "{name: A, switch_type: Internal}",
                "A",
                f"{INNER}, management_adapters: [{{name: More, ip_address: 10.27.66.1/24, vlan: {{access: 7}}}}]}}",
            ),
            text(),
            id="Internal, with another adapter of the nested host",
        ),
        pytest.param(text(EXTERNAL, "A", INNER + "}"), text(inner=INNER + "}"), id="External"),
        pytest.param(
            text(EXTERNAL, "A", INNER + "}"),
            text(OTHER_EXTERNAL, "A2", INNER + "}"),
            id="External, whose adapter another switch gets",
        ),
    ],
)
def test_switches_that_left_the_file_are_removed_while_own_vms_run(tmp_path, before, after):
    host = nestlab.connect()
    for number, file in enumerate((before, after)):
        lab = nestlab.Lab(nestlab.loads(file), host, tmp_path / f"{number}.jsonl")
        results = list(lab.apply(lab.plan(prune=True, disconnect_others=True)))
        assert [str(result) for result in results if not result.ok] == []
    left = lab.plan()
    assert left.is_empty
    assert not left.remainder
    names = [switch["Name"] for switch in host.run(Cmdlet("Get-VMSwitch")).records]
    assert "A" not in names
