"""Secure Boot of generation 2: a guest boots only under a template that trusts its boot loader.

On the build before, the simulated host let Linux boot under the template of Windows, and no plan
set one: on a real host such a VM runs without a system in it.
"""

import pytest

import nestlab
from nestlab.model import Cmdlet
from nestlab.topology_file import dumps, loads

LINUX = """
name: linux-gen2
switches: [{name: Lab, switch_type: Internal, ip_address: 10.0.0.1/24}]
vms:
  - name: web1
    memory_startup: 2GB
    disk: {parent: 'D:\\images\\ubuntu2404.vhdx'}
    guest: {os: linux}
    network_adapters: [{switch: Lab, ip_address: 10.0.0.5/24}]
"""


def applied(text, host, tmp_path):
    lab = nestlab.Lab(loads(text), host, tmp_path / "lab.jsonl")
    results = list(lab.apply())
    assert [str(result) for result in results if not result.ok] == []
    assert lab.plan().is_empty
    return lab, [result.step for result in results]


def heartbeat(host, name):
    host.wait(300)
    (vm,) = host.run(Cmdlet("Get-VM", {"Name": name})).records
    return str(vm["Heartbeat"])


def test_a_linux_guest_gets_its_template_before_it_starts_and_boots(tmp_path):
    host = nestlab.connect()
    lab, steps = applied(LINUX, host, tmp_path)
    actions = [step.action for step in steps]
    assert actions.index("set-secure-boot") < actions.index("start-vm")
    step = steps[actions.index("set-secure-boot")]
    assert str(step.cmdlets[0]).endswith(
        "| Set-VMFirmware -EnableSecureBoot 'On' -SecureBootTemplate 'MicrosoftUEFICertificateAuthority'"
    )
    assert heartbeat(host, "web1").startswith("Ok")
    assert all(result.ok for result in lab.undo())


@pytest.mark.parametrize(
    ("image", "template", "boots"),
    [
        ("ubuntu2404", "MicrosoftWindows", False),
        ("ubuntu2404", "MicrosoftUEFICertificateAuthority", True),
        ("ubuntu2404", "off", True),
        ("ws2022", "MicrosoftWindows", True),
        ("ws2022", "MicrosoftUEFICertificateAuthority", False),
        ("ws2022", "off", True),
    ],
)
def test_the_simulated_firmware_loads_only_what_its_template_trusts(image, template, boots):
    host = nestlab.connect()
    parent = {"ParentPath": f"D:\\images\\{image}.vhdx", "Differencing": True}
    host.run(Cmdlet("New-VHD", {"Path": "D:\\x.vhdx", **parent}))
    host.run(Cmdlet("New-VM", {"Name": "x", "Generation": 2, "VHDPath": "D:\\x.vhdx"}))
    firmware = (
        {"EnableSecureBoot": "Off"} if template == "off" else {"SecureBootTemplate": template}
    )
    host.run(Cmdlet("Set-VMFirmware", {"VMName": "x", **firmware}))
    host.run(Cmdlet("Start-VM", {"Name": "x"}))
    assert heartbeat(host, "x").startswith("Ok") is boots
    host.run(Cmdlet("Stop-VM", {"Name": "x", "TurnOff": True}))
    host.run(Cmdlet("Set-VMFirmware", {"VMName": "x", "EnableSecureBoot": "Off"}))
    host.run(Cmdlet("Start-VM", {"Name": "x"}))
    assert heartbeat(host, "x").startswith("Ok"), "it boots as soon as the firmware lets it"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("secure_boot: false", (False, "MicrosoftWindows")),
        ("secure_boot: true", (True, "MicrosoftUEFICertificateAuthority")),
        (
            "guest: {os: none}\n    secure_boot: MicrosoftUEFICertificateAuthority",
            (True, "MicrosoftUEFICertificateAuthority"),
        ),
        ("guest: {os: none}", (True, "MicrosoftWindows")),
    ],
)
def test_the_file_decides_and_drift_is_set_back(written, expected, tmp_path):
    host = nestlab.connect()
    text = LINUX.replace(
        "guest: {os: linux}", f"guest: {{os: linux}}\n    {written}\n    state: Off"
    )
    text = text.replace("guest: {os: linux}\n    guest", "guest")
    assert dumps(loads(text)) == dumps(loads(dumps(loads(text))))
    lab, _ = applied(text, host, tmp_path)
    (vm,) = [vm for vm in lab.observe()[()].hyper_v.vms if vm.name == "web1"]
    assert (vm.secure_boot, vm.secure_boot_template) == expected
    host.run(
        Cmdlet("Set-VMFirmware", {"VMName": "web1", "SecureBootTemplate": "OpenSourceShieldedVM"})
    )
    actions = {step.action for step in lab.plan()}
    managed = written not in ("secure_boot: false", "guest: {os: none}")
    assert actions == ({"set-secure-boot"} if managed else set())


def test_generation_1_has_no_secure_boot(tmp_path):
    text = LINUX.replace("    memory_startup", "    generation: 1\n    memory_startup")
    _, steps = applied(text, nestlab.connect(), tmp_path)
    assert "set-secure-boot" not in {step.action for step in steps}


def test_capture_writes_a_template_that_a_new_vm_would_not_have(tmp_path):
    host = nestlab.connect()
    applied(LINUX, host, tmp_path)
    captured = nestlab.capture(host)
    found = {vm.name: vm.secure_boot for vm in captured.vms}
    assert found["web1"] == "MicrosoftUEFICertificateAuthority"
    assert found["dc-archive"] is None
