"""Further inputs of each kind of trouble that people reported, beside the cases themselves.

The cases are in `test_reported_labs.py`. Inputs of the same kinds are in `test_secure_boot.py`,
`test_existing_switches.py`, `test_embedded_teams.py`, `test_own_adapter_vlan.py`,
`test_trunk_ranges.py` and `test_capturing.py`, error texts in `tests/cases/explanations`.
"""

import json
from pathlib import Path

import pytest

import nestlab
from nestlab.cli import main
from nestlab.lab.capture import capture_all
from nestlab.model import Cmdlet
from nestlab.topology_file import dumps

CASES = Path(__file__).parents[1] / "cases" / "reported"
LINUX = "MicrosoftUEFICertificateAuthority"


def codes_of(findings):
    return {finding.code for finding in findings if finding.severity in ("error", "warning")}


def said(findings, code):
    (found,) = (finding for finding in findings if finding.code == code)
    return f"{found.message} {found.hint}"


# K1: what a Linux guest needs before it can start.

GUEST = "name: web1, memory_startup: 2GB, guest: {os: linux}"
IMAGES = r"""
name: linux
images:
  ubuntu: {path: 'D:\images\ubuntu2404.vhdx', os: linux}
  ws2022: {path: 'D:\images\ws2022.vhdx', os: windows, prepared: true}
"""
NESTED_LINUX = f"""{IMAGES}
switches: [{{name: Lab, switch_type: Internal, ip_address: 10.0.0.1/24}}]
vms:
  - name: HV1
    memory_startup: 8GB
    disk: {{image: ws2022}}
    guest: {{os: windows, credential: lab-admin}}
    network_adapters: [{{switch: Lab, ip_address: 10.0.0.2/24}}]
    nested: {{vms: [{{{GUEST}, disk: {{image: ubuntu}}}}]}}
"""


@pytest.mark.parametrize(
    ("text", "machine"),
    [
        (f"{IMAGES}vms: [{{{GUEST}, disk: {{image: ubuntu}}}}]", ()),
        (f"{IMAGES}vms: [{{{GUEST}, disk: {{image: ubuntu, size: 40GB}}, tpm: true}}]", ()),
        (f"{IMAGES}vms: [{{{GUEST}, disk: {{size: 20GB}}}}]", ()),
        (NESTED_LINUX, ("HV1",)),
    ],
    ids=["image", "grown-image-with-tpm", "empty-disk", "in-a-nested-host"],
)
def test_linux_has_its_template_before_it_starts(text, machine, tmp_path):
    lab = nestlab.Lab(nestlab.loads(text), nestlab.connect(), tmp_path / "lab.jsonl")
    results = list(lab.apply())
    assert [str(result) for result in results if not result.ok] == []
    there = [result.step.action for result in results if result.step.runs_on == machine]
    assert there.index("set-secure-boot") < there.index("start-vm")
    (vm,) = (vm for vm in lab.observe()[machine].hyper_v.vms if vm.name == "web1")
    assert (vm.secure_boot, vm.secure_boot_template) == (True, LINUX)
    assert lab.plan().is_empty


# K3: switches that are there already.


@pytest.mark.parametrize("language", ["es", "de", "fr", "ja"])
def test_the_default_switch_is_used_under_its_name_or_called_by_it_in_english(language, tmp_path):
    host = nestlab.connect(f"sim:win11-ryzen?language={language}")
    (there,) = host.run(Cmdlet("Get-VMSwitch")).records
    for number, name in enumerate(("Default Switch", str(there["Name"]))):
        declared = (CASES / "default-switch-declared.yml").read_text(encoding="utf-8")
        refused = nestlab.loads(declared.replace("Default Switch", name))
        found = said(nestlab.Lab(refused, host).check(), "default-switch-declared")
        assert "can be neither renamed nor changed" in found
        riding = (CASES / "existing-switch.yml").read_text(encoding="utf-8")
        used = riding.replace(
            "vms:", "switches: [{name: Default Switch, existing: true}]\nvms:"
        ).replace("Default Switch", name)
        lab = nestlab.Lab(nestlab.loads(used), host, tmp_path / f"{number}.jsonl")
        assert [str(result) for result in lab.apply() if not result.ok] == []
        assert all(result.ok for result in lab.undo())
    (after,) = host.run(Cmdlet("Get-VMSwitch")).records
    assert (after["Id"], after["Name"]) == (there["Id"], there["Name"])


# K4: limits that a host alone would tell.


@pytest.mark.parametrize(
    ("vm", "option", "value", "message", "way_out"),
    [
        ("build-agent", "--memory", "4077MB", "not a multiple of 2MB", "Give 4076MB or 4078MB."),
        ("build-agent", "--memory", "16MB", "a VM has at least 32MB", "Give 32MB or more."),
        (
            "build-agent",
            "--memory",
            "2000000001",
            "not a multiple of 2MB",
            "Give 1906MB or 1908MB.",
        ),
        ("dc-archive", "--memory", "13TB", "has at most 12TB on this host", "Give 12TB or less."),
        (
            "build-agent",
            "--processors",
            "300",
            "has at most 240 on this host",
            "Give 240 or fewer.",
        ),
        (
            "build-agent",
            "--processors",
            "33",
            "this host has 32 logical processors",
            "Give 32 or fewer.",
        ),
    ],
)
def test_what_a_vm_cannot_have_is_refused_before_it_is_shut_down(
    vm, option, value, message, way_out, capsys
):
    # Before, the VM was shut down first, and stayed off.
    host = ["--host", "sim:ws2022-intel", "--yes"]
    assert main(["nesting", "enable", vm, option, value, *host]) != 0
    captured = capsys.readouterr()
    assert message in captured.err
    assert way_out in captured.err
    assert "done:" not in captured.out


# K6: fits that a host would refuse.


@pytest.mark.parametrize(
    ("cmdlet", "parameters", "expected"),
    [
        ("Suspend-VM", {}, "the paused VM golden: New-VHD fails while it is paused (0x80070020)"),
        ("Save-VM", {}, "the existing VM golden: every disk based on it becomes unusable"),
        ("Stop-VM", {"TurnOff": True}, "unusable after that VM's next start"),
    ],
)
def test_a_disk_is_no_image_in_any_state_of_its_vm(cmdlet, parameters, expected):
    host = nestlab.connect(f"sim:{CASES / 'parent-in-use.json'}")
    host.run(Cmdlet(cmdlet, {"Name": "golden", **parameters}))
    lab = nestlab.Lab(nestlab.load(CASES / "parent-in-use.yml"), host)
    assert expected in said(lab.check(), "parent-in-use")
    child = {"Path": r"D:\child.vhdx", "ParentPath": r"D:\vms\golden.vhdx"}
    refused = host.run(Cmdlet("New-VHD", {**child, "ErrorAction": "Continue"})).errors
    assert bool(refused) is ("0x80070020" in expected)


@pytest.mark.parametrize("adapters", ["[Team1]", "team1", "[Team1, NIC2]"])
def test_a_team_of_windows_is_no_uplink_however_it_is_written(adapters, tmp_path):
    scenario = json.loads((CASES / "nic-team.json").read_text(encoding="utf-8"))
    second = json.loads((CASES / "two-adapters.json").read_text(encoding="utf-8"))
    scenario["net_adapters"].append(second["net_adapters"][1])
    path = tmp_path / "team.json"
    path.write_text(json.dumps(scenario), encoding="utf-8")
    text = (CASES / "team-adapter.yml").read_text(encoding="utf-8")
    wanted = nestlab.loads(text.replace("net_adapter: Team1", f"net_adapter: {adapters}"))
    found = nestlab.Lab(wanted, nestlab.connect(f"sim:{path}")).check()
    assert "uplink-is-a-team" in codes_of(found)


# K7: nothing to boot, inside a nested host too.


@pytest.mark.parametrize(
    ("disk", "guest", "warned"),
    [
        ("disk: {size: 40GB}, ", "windows", True),
        ("", "windows", True),
        ("disk: {size: 40GB}, ", "none", False),
        ("disk: {image: ws2022}, ", "windows", False),
    ],
)
def test_a_guest_of_a_nested_host_needs_something_to_boot(disk, guest, warned):
    account = ", credential: lab-admin" if guest == "windows" else ""
    vm = f"name: web1, memory_startup: 2GB, {disk}guest: {{os: {guest}{account}}}"
    text = NESTED_LINUX.replace(f"{GUEST}, disk: {{image: ubuntu}}", vm).replace(
        "  ubuntu: {path: 'D:\\images\\ubuntu2404.vhdx', os: linux}\n", ""
    )
    assert ("nothing-to-boot" in nestlab.validate(nestlab.loads(text)).codes) is warned


# K8: what a capture keeps, and what it says that it does not.


@pytest.mark.parametrize(
    ("mode", "kept"),
    [
        ({"Access": True, "VlanId": 10}, {"access": 10}),
        (
            {"Trunk": True, "AllowedVlanIdList": "1-10,30", "NativeVlanId": 5},
            {"trunk": ["1-10", 30], "native": 5},
        ),
        ({"Untagged": True}, None),
    ],
    ids=["access", "trunk", "untagged"],
)
def test_a_capture_keeps_a_team_and_the_vlan_of_its_own_adapter(mode, kept):
    host = nestlab.connect(f"sim:{CASES / 'two-adapters.json'}")
    team = {"Name": "Team", "NetAdapterName": ("NIC1", "NIC2"), "EnableEmbeddedTeaming": True}
    host.run(Cmdlet("New-VMSwitch", team))
    host.run(Cmdlet("New-VMSwitch", {"Name": "Mgmt", "SwitchType": "Internal"}))
    for own in ("Team", "Mgmt"):
        names = {"ManagementOS": True, "VMNetworkAdapterName": own}
        host.run(Cmdlet("Set-VMNetworkAdapterVlan", {**names, **mode}))
    found = capture_all(host)
    assert found.losses == ()
    written = {
        switch.name: switch.to_dict() for switch in nestlab.loads(dumps(found.topology)).switches
    }
    assert written["Team"]["net_adapter"] == ["NIC1", "NIC2"]
    assert {written[own].get("vlan") == kept for own in ("Team", "Mgmt")} == {True}, written


@pytest.mark.parametrize("names", [("web",) * 2, ("web",) * 4, ("web", "WEB", "db", "Db")])
def test_every_vm_of_a_name_that_is_taken_is_named_with_its_id(names):
    host = nestlab.connect()
    made = [
        host.run(Cmdlet("New-VM", {"Name": name, "MemoryStartupBytes": 1 << 30, "NoVHD": True}))
        for name in names
    ]
    found = capture_all(host)
    assert "error" not in {item.severity for item in nestlab.validate(found.topology)}
    ids = [str(result.records[0]["Id"]) for result in made]
    lost = [vm_id for vm_id in ids if any(vm_id in loss for loss in found.losses)]
    assert len(lost) == len(names) - len({name.casefold() for name in names})
