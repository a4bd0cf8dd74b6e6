"""`nestlab validate` on files of which one value cannot be read."""

from __future__ import annotations

import json

import pytest

from nestlab.cli import main

FILE = """
name: lab
switches:
  - {name: Lab, switch_type: Internal, ip_address: 10.0.0.1/24}
vms:
  - name: a
    memory_startup: 2GB
    network_adapters: [{switch: Lab, ip_address: 10.0.0.5/24}]
  - name: b
    network_adapters: [{switch: Lob, ip_address: 10.0.0.6/24}]
checks: [{from: a, to: b, expect: unreachable}, {from: zz, to: b}]
"""


def found(text, tmp_path, capsys):
    """Return code and subject of the errors, and the exit code."""
    path = tmp_path / "lab.yml"
    path.write_text(text, encoding="utf-8")
    code = main(["validate", str(path), "--json"])
    said = json.loads(capsys.readouterr().out)["findings"]
    return [(item["code"], item["subject"]) for item in said if item["severity"] == "error"], code


def test_without_a_wrong_value(tmp_path, capsys):
    codes, exit_code = found(FILE, tmp_path, capsys)
    assert (sorted(codes), exit_code) == (
        [("unknown-endpoint", "check 2"), ("unknown-switch", "adapter b/Network Adapter")],
        1,
    )


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("memory_startup: 2GB", "memory_startup: lots", "bad-value"),
        ("memory_startup: 2GB", "memory: 2GB", "unknown-key"),
        ("memory_startup: 2GB", "disk: {siz: 3}", "unknown-key"),
        ("memory_startup: 2GB", "nested: [1]", "wrong-type"),
        ("checks:", "images: {ws: {path: 'D:\\ws.vhdx', os: dos}}\nchecks:", "bad-value"),
        ("checks:", "uplinks: [{net_adapter: Ethernet, network: x}]\nchecks:", "bad-value"),
    ],
)
def test_a_value_that_cannot_be_read_does_not_hide_other_findings(old, new, code, tmp_path, capsys):
    # Before, only the value that cannot be read was reported.
    codes, exit_code = found(FILE.replace(old, new), tmp_path, capsys)
    assert exit_code == 2
    assert code in {code for code, _ in codes}
    assert {("unknown-switch", "adapter b/Network Adapter"), ("unknown-endpoint", "check 2")} <= {
        *codes
    }


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("10.0.0.1/24", "10.0.0.1/240"),
        ("{name: Lab,", "{name: Lab, nat: x,"),
        ("name: Lab,", "nmae: Lab,"),
        ("name: a\n", "nmae: a\n"),
        ("checks:", "images: {ws: {pth: x}}\nchecks:"),
        ("vms:", "images: {ws: {path: 'D:\\ws.vhdx', os: dos}}\nvms:"),
    ],
)
def test_nothing_is_reported_that_follows_from_what_cannot_be_read(old, new, tmp_path, capsys):
    text = FILE.replace("Lob", "Lab").replace(", {from: zz, to: b}", "")
    text = text.replace("unreachable", "reachable")
    assert found(text, tmp_path, capsys) == ([], 0)
    codes, _ = found(text.replace(old, new, 1), tmp_path, capsys)
    assert {code for code, _ in codes} <= {"bad-value", "unknown-key", "missing-key", "wrong-type"}


@pytest.mark.parametrize("text", ["a: [", "- 1", "", "name: [1]", "vms: []", "nmae: x"])
def test_a_file_without_a_readable_part_has_its_own_findings_only(text, tmp_path, capsys):
    codes, exit_code = found(text, tmp_path, capsys)
    assert exit_code == 2
    assert codes


@pytest.mark.parametrize("command", ["check", "plan", "apply", "verify", "drift", "export"])
def test_every_command_that_needs_a_sound_file_reports_all_problems_at_once(
    command, tmp_path, capsys
):
    # Before, they stopped at the values that cannot be read.
    path = tmp_path / "lab.yml"
    path.write_text(FILE.replace("memory_startup: 2GB", "memory_startup: lots"), encoding="utf-8")
    more = {"apply": ["--yes"], "export": ["--to", "html", "-o", str(tmp_path / "x.html")]}
    assert main([command, str(path), *more.get(command, [])]) == 2
    err = capsys.readouterr().err
    assert f"{path}: 3 problems" in err
    assert [
        code for code in ("bad-value", "unknown-switch", "unknown-endpoint") if code not in err
    ] == []


@pytest.mark.parametrize("image", ["{pth: x}", "{path: 'D:\\ws.vhdx', os: dos}", "7"])
def test_a_vm_on_an_image_that_cannot_be_read_is_not_said_to_be_on_an_unknown_one(
    image, tmp_path, capsys
):
    text = f"name: lab\nimages: {{ws: {image}}}\nvms: [{{name: a, disk: {{image: ws}}}}]\n"
    codes, _ = found(text, tmp_path, capsys)
    assert "unknown-image" not in {code for code, _ in codes}


def test_that_other_findings_may_follow_is_said(tmp_path, capsys):
    path = tmp_path / "lab.yml"
    path.write_text(FILE.replace("2GB", "lots"), encoding="utf-8")
    main(["validate", str(path)])
    assert "may hide other findings" in capsys.readouterr().out
    path.write_text(FILE, encoding="utf-8")
    main(["validate", str(path)])
    assert "may hide other findings" not in capsys.readouterr().out


OWN = r"""
name: lab
images: {win: {path: 'D:\images\win.vhdx'}}
switches: [{name: S, switch_type: Internal, ip_address: 10.0.0.1/24}]
vms:
  - name: a
    generation: 1
    memory_startup: 2GB
    disk: {image: win}
    guest: {os: windows, credential: c, language: es-ES}
    network_adapters: [{switch: S, ip_address: 10.0.0.5/24, gateway: 10.0.9.1}]
"""
ITS_OWN = {"image-of-another-generation", "first-boot-setting-without-effect"}


def codes_of(text, tmp_path, capsys):
    """Return the codes of all findings about a file, of any severity."""
    path = tmp_path / "lab.yml"
    path.write_text(text, encoding="utf-8")
    main(["validate", str(path), "--json"])
    return {item["code"] for item in json.loads(capsys.readouterr().out)["findings"]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("memory_startup: 2GB", "memory_startup: lots"),
        ("memory_startup: 2GB", "memory_startup: [2GB]"),
        ("memory_startup: 2GB", "memory_startup: 2GB\n    processor_count: many"),
        ("memory_startup: 2GB", "memory_startup: 2GB\n    state: Paused\n    tpm: maybe"),
        ("memory_startup: 2GB", "memory_startup: 2GB\n    version: newest"),
        ("credential: c,", "credential: c, cloud_init: perhaps,"),
        ("switch: S,", "switch: S, mac_address_spoofing: please,"),
        ("name: S, switch_type: Internal", "name: S, switch_type: Intrenal"),
    ],
)
def test_a_wrong_value_does_not_hide_the_warnings_of_its_own_vm(old, new, tmp_path, capsys):
    # Before, every finding about a VM with a value that cannot be read was left out.
    assert codes_of(OWN, tmp_path, capsys) >= ITS_OWN
    codes = codes_of(OWN.replace(old, new), tmp_path, capsys)
    assert codes >= ITS_OWN
    assert codes & {"bad-value", "wrong-type"}


@pytest.mark.parametrize(
    ("old", "new", "codes"),
    [
        ("generation: 1", "generation: one", {"image-of-another-generation"}),
        ("win.vhdx'", "win.vhdx', prepared: so", {"first-boot-setting-without-effect"}),
        ("memory_startup: 2GB", "memory_startup: x\n    nested: {}", {"nested-memory-low"}),
        (
            "name: S, switch_type: Internal",
            "name: S, nat: 10.9.0.0/24, switch_type: x",
            {"nat-needs-internal", "address-without-adapter"},
        ),
    ],
)
def test_what_depends_on_a_value_that_cannot_be_read_is_left_out(old, new, codes, tmp_path, capsys):
    assert not codes_of(OWN.replace(old, new), tmp_path, capsys) & codes
