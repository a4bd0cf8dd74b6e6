"""One cause in the file is one finding, which names all objects that have it."""

from __future__ import annotations

import pytest

from nestlab.rules import match_findings, validate
from nestlab.topology_file import loads
from tests.rules.states import READY

IMAGE = r"images: {ws: {path: 'D:\images\absent.vhdx', os: windows}}"
VMS = "\n".join(f"  - {{name: {name}, %s}}" for name in ("a", "b", "c"))
THREE = f"vms:\n{VMS}\n"


def found(text, code=None, *, states=None):
    topology = loads(f"name: lab\n{text}", "lab.yml")
    findings = validate(topology) if states is None else match_findings(topology, states)
    return [finding for finding in findings if code in (None, finding.code)]


def test_an_image_missing_on_the_host_is_one_finding_at_its_path():
    text = f"{IMAGE}\n{THREE % (('disk: {image: ws}',) * 3)}"
    (finding,) = found(text, "disk-missing", states={(): READY})
    assert finding.subject == "image ws"
    assert finding.location == "lab.yml:2:21"
    assert finding.message.endswith("which the disks of VMs a, b and c need")


def test_an_image_missing_on_the_host_is_one_finding_for_vms_of_all_levels():
    inside = "nested: {vms: [{name: l2, disk: {image: ws}}]}"
    text = f"{IMAGE}\nvms: [{{name: HV1, disk: {{image: ws}}, {inside}}}]"
    (finding,) = found(text, "disk-missing", states={(): READY})
    assert "VMs HV1 and HV1/l2" in finding.message


def test_a_missing_parent_of_several_vms_is_one_finding():
    text = THREE % ((r"disk: {parent: 'D:\images\absent.vhdx'}",) * 3)
    (finding,) = found(text, "disk-missing", states={(): READY})
    assert (finding.subject, finding.location) == ("a", "lab.yml:3:30")
    assert finding.message.endswith("the same for b (line 4) and c (line 5)")


def test_two_missing_images_are_two_findings():
    two = IMAGE.replace("}}", r"}, lx: {path: 'D:\images\other.vhdx', os: linux}}")
    text = f"{two}\nvms: [{{name: a, disk: {{image: ws}}}}, {{name: b, disk: {{image: lx}}}}]"
    assert len(found(text, "disk-missing", states={(): READY})) == 2


@pytest.mark.parametrize(
    "kind",
    [
        "memory_startup: 1GB",
        "network_adapters: [{switch: S, ip_address: 10.0.0.5/24, mac_address: 00155D000001}]",
        "nested: {switches: [{name: I, switch_type: Internal}], vms: [{name: x}]}, guest: {os: windows, credential: c}, memory_startup: 8GB",
        r"disk: {path: 'D:\VMs\one.vhdx'}",
    ],
)
@pytest.mark.parametrize(("count", "variable"), [("4", "n"), ("{seat: 3}", "seat")])
def test_copies_without_a_placeholder_in_the_name_are_one_error(kind, count, variable):
    text = f"switches: [{{name: S, switch_type: Internal}}]\nvms:\n  - {{name: web, count: {count}, {kind}}}"
    (error,) = (finding for finding in found(text) if finding.severity == "error")
    assert (error.code, error.subject) == ("duplicate-name", "VM web")
    assert f"'web{{{variable}}}'" in error.hint


def test_copies_of_an_adapter_without_a_placeholder_in_the_name_are_one_error():
    text = "switches: [{name: S, switch_type: Internal}]\nvms:\n  - name: web\n    network_adapters: [{name: lan, count: 3, switch: S, ip_address: 10.0.0.5/24}]"
    (error,) = (finding for finding in found(text) if finding.severity == "error")
    assert error.code == "duplicate-name"


def test_other_findings_of_an_item_with_repeated_copies_stay():
    text = "vms: [{name: web, count: 3, network_adapters: [{switch: absent}]}]"
    codes = sorted(finding.code for finding in found(text))
    assert codes == ["duplicate-name", "unknown-switch"]


def test_a_finding_about_a_default_is_said_once_at_the_default():
    text = (
        f"{IMAGE}\ndefaults:\n  vm:\n    disk: {{image: ws}}\n    guest:\n      os: windows\n"
        "      credential: c\n      time_zone: Romance Standard Time\n"
        "vms: [{name: a}, {name: b}, {name: 'c{n}', count: 2}]"
    )
    (finding,) = found(text, "first-boot-setting-without-effect")
    assert finding.location == "lab.yml:9:18"
    assert finding.message.endswith("; the same for b, c1 and c2")


def test_a_finding_about_a_counted_item_is_said_once_with_its_copies():
    text = "vms: [{name: 'w{n}', count: 30, network_adapters: [{ip_address: 10.0.0.0/24}]}]"
    (finding,) = found(text, "address-not-usable")
    assert finding.location == "lab.yml:2:65"
    assert finding.message.endswith("adapter w13/Network Adapter and 17 more")


def test_an_alias_is_one_cause():
    text = "vms:\n  - {name: a, guest: &g {os: windows}, disk: {size: 1GB}, network_adapters: [{ip_address: 10.0.0.4/24}]}\n  - {name: b, guest: *g, disk: {size: 1GB}, network_adapters: [{ip_address: 10.0.0.5/24}]}"
    (finding,) = found(text, "credential-missing")
    assert finding.message.endswith("; the same for b")


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("unknown-switch", "network_adapters: [{switch: absent}]"),
        ("unknown-image", "disk: {image: absent}"),
    ],
)
def test_a_name_that_is_not_defined_is_one_finding_for_all_that_use_it(code, line):
    (finding,) = found(THREE % ((line,) * 3), code)
    assert "(line 4)" in finding.message
    assert "(line 5)" in finding.message


def test_the_same_mistake_made_twice_is_two_findings():
    text = THREE % (
        "generation: 1, secure_boot: true",
        "generation: 1, secure_boot: true",
        "generation: 2",
    )
    assert len(found(text, "secure-boot-needs-generation-2")) == 2


def test_several_findings_of_one_code_about_one_subject_stay_apart():
    text = "switches: [{name: A, switch_type: Internal, net_adapter: Ethernet, allow_management_os: false}]"
    assert len(found(text, "key-without-effect")) == 2
