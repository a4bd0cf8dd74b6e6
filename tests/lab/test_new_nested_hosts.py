"""What cannot be inside a nested host that is still to be created is said before it is.

Before, an existing switch was looked for when the nested host answered, and a missing parent failed
in New-VHD there, after 27 steps.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.errors import PlanRefused

LAB = r"""
name: lab
images: {{ws2022: {{path: 'D:\images\ws2022.vhdx', os: windows}}}}
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {{{disk}}}
    guest: {{os: windows, credential: lab}}
    nested:
      switches: [{{{switch}}}]
      vms:
        - {{name: web1, disk: {{{inner}}}, network_adapters: [{{switch: Lab}}]}}
"""
SWITCH = "name: Lab, switch_type: Private"
IMAGE = "image: ws2022"
EXISTING = "name: Lab, existing: true"


def lab_of(tmp_path, host=None, *, disk=IMAGE, switch=SWITCH, inner="size: 20GB", text=""):
    path = tmp_path / "lab.yml"
    body = (text or LAB).format(disk=disk, switch=switch, inner=inner)
    path.write_text(body, encoding="utf-8")
    return nestlab.Lab(nestlab.load(path), host or nestlab.connect(), tmp_path / "j.jsonl")


def refusals(lab):
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    with pytest.raises(PlanRefused):
        list(lab.apply())
    assert {"HV1"}.isdisjoint(vm.name for vm in lab.observe()[()].hyper_v.vms)
    return refused.value.findings.errors


@pytest.mark.parametrize(
    ("switch", "hint"),
    [
        (EXISTING, "leave out existing and write switch_type: Internal, with ip_address"),
        (EXISTING + ", switch_type: Internal", "leave out existing and add ip_address"),
    ],
)
def test_an_existing_switch_cannot_be_in_a_nested_host_that_is_created(switch, hint, tmp_path):
    lab = lab_of(tmp_path, switch=switch)
    (finding,) = refusals(lab)
    assert finding.code == "existing-switch-missing"
    assert finding.location.partition("lab.yml")[2].startswith(":10:")
    assert hint in finding.hint
    followed = lab_of(tmp_path, switch="name: Lab, switch_type: Internal, ip_address: 10.7.0.1/24")
    assert all(result.ok for result in followed.apply())
    # Now that it is there, it may be called existing.
    lab_of(tmp_path, followed.host, switch=EXISTING).plan()


def test_a_switch_two_levels_down_is_found_too(tmp_path):
    deep = LAB.replace(
        "        - {{name: web1",
        "        - {{name: HV2, memory_startup: 4GB, disk: {{image: ws2022}}, guest: {{os: windows, credential: lab}}, nested: {{switches: [{{name: Deep, existing: true}}]}}}}\n        - {{name: web1",
    )
    found = refusals(lab_of(tmp_path, text=deep))
    assert [finding.subject for finding in found] == ["switch HV1/HV2/Deep"]


def test_a_default_switch_in_a_nested_host_depends_on_its_windows(tmp_path):
    lab = lab_of(
        tmp_path,
        switch="name: Default Switch, existing: true",
        text=LAB.replace("switch: Lab", "switch: Default Switch"),
    )
    found = [item for item in lab.plan().warnings if item.code == "existing-switch-missing"]
    assert len(found) == 1
    assert "only if its Windows is a client" in found[0].message


@pytest.mark.parametrize(
    ("inner", "hint"),
    [
        (r"parent: 'D:\images\ws2022.vhdx'", "Write disk: {image: ws2022}"),
        ("path: 'd:/images/WS2022.vhdx'", "Write disk: {image: ws2022}"),
        (r"parent: 'E:\golden.vhdx'", "under images, and write disk: {image: NAME}"),
        (r"path: 'D:\vms\web1.vhdx'", "under images, and write disk: {image: NAME}"),
    ],
)
def test_a_disk_that_nothing_brings_into_a_nested_host_is_an_error(inner, hint, tmp_path):
    lab = lab_of(tmp_path, inner=inner)
    (finding,) = refusals(lab)
    assert finding.code == "path-inside-nested-host"
    assert finding.location.partition("lab.yml")[2].startswith(":12:")
    assert hint in finding.hint
    followed = lab_of(tmp_path, inner=IMAGE)
    assert all(result.ok for result in followed.apply())


@pytest.mark.parametrize(
    ("inner", "hint"),
    [
        (r"parent: 'D:\images\ws2022.vhdx'", "Write disks: [{image: ws2022}]"),
        (r"path: 'E:\data.vhdx'", "under images, and write disks: [{image: NAME}]"),
    ],
)
def test_the_hint_about_a_data_disk_names_disks(inner, hint, tmp_path):
    text = LAB.replace("disk: {{{inner}}}", "disk: {{size: 20GB}}, disks: [{{{inner}}}]")
    lab = lab_of(tmp_path, inner=inner, text=text)
    (finding,) = refusals(lab)
    assert finding.code == "path-inside-nested-host"
    assert hint in finding.hint
    followed = lab_of(tmp_path, inner=IMAGE, text=text)
    assert all(result.ok for result in followed.apply())


def test_a_disk_that_the_nested_hosts_own_disk_may_have_is_a_warning(tmp_path):
    lab = lab_of(tmp_path, inner=r"parent: 'C:\images\golden.vhdx'")
    assert "path-inside-nested-host" in [item.code for item in lab.plan().warnings]


def test_what_is_in_a_nested_host_that_exists_is_looked_up_there(tmp_path):
    host = nestlab.connect()
    assert all(result.ok for result in lab_of(tmp_path, host).apply())
    lab = lab_of(tmp_path, host, inner=r"parent: 'E:\golden.vhdx'")
    with pytest.raises(PlanRefused) as refused:
        lab.plan()
    (finding,) = refused.value.findings.errors
    assert finding.code == "disk-missing"
    assert "under images, and write disk: {image: NAME}" in finding.hint
