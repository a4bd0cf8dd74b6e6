"""Microsoft's two scripts, step by step: whatever they say about a host or a VM, the report says it too, with what was read.

Get-NestedVirtStatus.ps1 and Enable-NestedVm.ps1 of MicrosoftDocs/Virtualization-Documentation,
hyperv-tools/Nested.
"""

import pytest

import nestlab
from nestlab.model import Cmdlet, Size
from nestlab.observe import observe
from nestlab.rules import host_findings

VM = "dc-archive"


def world(host):
    return host.simulated_host.world


def run(host, name, **parameters):
    host.run(Cmdlet(name, parameters))


def nothing(_host):
    pass


def an_early_build(host):
    world(host).host.operating_system.build = 10500


def another_maker(host):
    world(host).host.hardware.processors.manufacturer = "CentaurHauls"


def no_hypervisor(host):
    world(host).host.hardware.processors.virtualization_firmware_enabled = False


def boot_option(host):
    world(host).quirks.hypervisor_load_options = "OFFERNESTEDVIRT=FALSE"


def security_configured(host):
    world(host).quirks.virtualization_based_security = 1


def security_running(host):
    world(host).quirks.virtualization_based_security = 2


def security_left_behind(host):
    world(host).quirks.security_policy_check_fails = True


def exposed(host, name=VM):
    run(host, "Set-VMProcessor", VMName=name, ExposeVirtualizationExtensions=True)


def exposed_with_dynamic_memory(host):
    exposed(host, "sql-test")


def a_checkpoint(host):
    run(host, "Checkpoint-VM", Name=VM)


def saved(host):
    run(host, "Save-VM", Name="build-agent")


def exposed_with_little_memory(host):
    exposed(host)
    run(host, "Set-VMMemory", VMName=VM, StartupBytes=Size.parse("2GB"))


def exposed_on_a_switch(host):
    exposed(host)
    run(host, "New-VMSwitch", Name="LabNet", SwitchType="Internal")
    run(host, "Connect-VMNetworkAdapter", VMName=VM, SwitchName="LabNet")


SECURITY = "vbs-off"
STATUS = [
    # (step, host, what is planted, finding, what of it was read)
    pytest.param(
        "sim:hyperv-admin-only",
        nothing,
        "account-not-administrator",
        "requires elevation",
        id="1 not elevated",
    ),
    pytest.param(
        "sim:ws2022-intel",
        nothing,
        "account-elevated",
        "Get-WindowsOptionalFeature -Online answered",
        id="1 elevated",
    ),
    pytest.param(
        "sim:azure-vm", nothing, "host-is-azure-vm", "Model = Virtual Machine", id="2 computer"
    ),
    pytest.param(
        "sim:ws2022-intel",
        nothing,
        "processor-supported",
        "Manufacturer = GenuineIntel",
        id="2 processor",
    ),
    pytest.param(
        "sim:ws2022-intel",
        an_early_build,
        "build-too-old",
        "BuildNumber = 10500",
        id="3 UnsupportedBuild",
    ),
    pytest.param(
        "sim:ws2019-amd",
        nothing,
        "build-too-old",
        "Manufacturer = AuthenticAMD",
        id="4 UnsupportedProcessor where AMD is",
    ),
    pytest.param(
        "sim:ws2025-amd",
        nothing,
        "processor-supported",
        "Manufacturer = AuthenticAMD",
        id="4 AMD that nests today",
    ),
    pytest.param(
        "sim:ws2022-intel",
        another_maker,
        "processor-not-supported",
        "Manufacturer = CentaurHauls",
        id="4 UnsupportedProcessor",
    ),
    pytest.param(
        "sim:ws2022-intel",
        no_hypervisor,
        "hypervisor-not-running",
        "HypervisorPresent = False",
        id="5 noHypervisor",
    ),
    pytest.param(
        "sim:firmware-off",
        nothing,
        "virtualization-off",
        "HypervisorPresent = False",
        id="5 noHypervisor without the role",
    ),
    pytest.param(
        "sim:ws2022-intel", nothing, "role-installed", "Installed = Hyper-V", id="6 FullHyperVRole"
    ),
    pytest.param(
        "sim:win10-intel",
        nothing,
        "role-installed",
        "Installed = Microsoft-Hyper-V",
        id="6 FullHyperVRole on a client",
    ),
    pytest.param(
        "sim:no-role", nothing, "role-not-installed", "no Hyper-V feature", id="6 noFullHyp"
    ),
    pytest.param(
        "sim:ws2022-intel",
        boot_option,
        "boot-option-forbids",
        "Element = OFFERNESTEDVIRT=FALSE",
        id="7 BcdDisabled",
    ),
    pytest.param(
        "sim:ws2022-intel",
        nothing,
        "boot-options-fine",
        "hypervisorloadoptions = not set",
        id="7 no load options",
    ),
    pytest.param(
        "sim:ws2022-intel",
        nothing,
        SECURITY,
        "IsolatedUserMode = no such feature",
        id="8 IumInstalled",
    ),
    pytest.param(
        "sim:hyperv-admin-only",
        nothing,
        SECURITY,
        "IsolatedUserMode = not known",
        id="8 IumInstalled without rights",
    ),
    pytest.param(
        "sim:ws2022-intel",
        security_running,
        "vbs-on-host",
        "VirtualizationBasedSecurityStatus = 2",
        id="9 VbsRunning",
    ),
    pytest.param(
        "sim:ws2022-intel",
        security_configured,
        "vbs-on-host",
        "VirtualizationBasedSecurityStatus = 1",
        id="9 VbsRunning: configured",
    ),
    pytest.param(
        "sim:ws2022-intel",
        security_configured,
        "vbs-on-host",
        "EnableVirtualizationBasedSecurity = 1",
        id="10 VbsRegKey",
    ),
    pytest.param(
        "sim:ws2022-intel",
        security_left_behind,
        "vbs-left-behind",
        "since the last start",
        id="11 VbsPresent",
    ),
    pytest.param(
        "sim:ws2022-intel",
        security_left_behind,
        "vbs-left-behind",
        "SecureBoot = On",
        id="11 Secure Boot",
    ),
    pytest.param(
        "sim:kvm-guest",
        security_left_behind,
        SECURITY,
        "SecureBoot = Unsupported",
        id="11 not VbsPresent on a BIOS",
    ),
    pytest.param("sim:ws2022-intel", nothing, SECURITY, "EventID_124 = none", id="11 no event"),
    # Of each VM.
    pytest.param(
        "sim:ws2022-intel",
        nothing,
        "vm-ready",
        "ExposeVirtualizationExtensions = False",
        id="VM: extensions not exposed",
    ),
    pytest.param(
        "sim:ws2022-intel",
        exposed,
        "vm-exposes-extensions",
        "ExposeVirtualizationExtensions = True",
        id="VM: exposed",
    ),
    pytest.param(
        "sim:ws2022-intel",
        nothing,
        "vm-dynamic-memory",
        "DynamicMemoryEnabled = True",
        id="VM: DynMem",
    ),
    pytest.param(
        "sim:ws2022-intel",
        a_checkpoint,
        "vm-checkpoint",
        "ParentCheckpointId = ",
        id="VM: Checkpoint",
    ),
    pytest.param("sim:ws2022-intel", saved, "vm-saved", "State = Saved", id="VM: Saved"),
]


@pytest.mark.parametrize(("address", "plant", "code", "evidence"), STATUS)
def test_what_the_status_script_says_the_report_says_with_evidence(address, plant, code, evidence):
    host = nestlab.connect(address)
    plant(host)
    found = [finding for finding in host_findings(observe(host)) if finding.code == code]
    assert any(evidence in finding.evidence for finding in found), [
        finding.evidence for finding in found
    ]
    assert all(finding.source.startswith("https://") for finding in found)


def test_what_the_status_script_takes_for_an_obstacle_and_is_none_leaves_the_verdict():
    for plant in (security_running, security_configured, security_left_behind):
        host = nestlab.connect()
        plant(host)
        assert nestlab.check(host)[0].code == "can-nest"


ENABLE = [
    pytest.param(saved, "vm-saved", "Remove-VMSavedState", id="1 saved state removed"),
    pytest.param(nothing, "vm-running", "Stop-VM", id="2 turned off"),
    pytest.param(
        exposed_with_dynamic_memory,
        "vm-dynamic-memory",
        "Set-VMMemory",
        id="4 dynamic memory disabled",
    ),
    pytest.param(
        exposed_on_a_switch,
        "vm-mac-spoofing-off",
        "Set-VMNetworkAdapter",
        id="5 MAC address spoofing",
    ),
    pytest.param(
        exposed_with_little_memory, "vm-memory-low", "Set-VMMemory", id="6 memory of 4 GB"
    ),
]


@pytest.mark.parametrize(("plant", "code", "cmdlet"), ENABLE)
def test_what_the_enable_script_changes_the_report_finds_with_the_same_cmdlet(plant, code, cmdlet):
    host = nestlab.connect()
    plant(host)
    found = [finding for finding in host_findings(observe(host)) if finding.code == code]
    assert found
    assert all(cmdlet in [command.name for command in finding.fix] for finding in found)


def test_enabling_takes_the_steps_of_the_enable_script_in_its_order():
    host = nestlab.connect()
    run(host, "New-VMSwitch", Name="LabNet", SwitchType="Internal")
    run(host, "Connect-VMNetworkAdapter", VMName="sql-test", SwitchName="LabNet")
    run(host, "Start-VM", Name="sql-test")
    run(host, "Save-VM", Name="sql-test")
    wishes = {
        "discard_saved_state": True,
        "mac_address_spoofing": True,
        "memory_startup": Size.parse("4GB"),
    }
    plan = nestlab.NestingChange(host, "sql-test", enable=True, **wishes).plan()
    sent = "\n".join(str(command) for step in plan.steps for command in step.cmdlets)
    of_the_script = (
        "-DynamicMemoryEnabled $false",
        "-StartupBytes 4GB",
        "-MacAddressSpoofing 'On'",
    )
    assert (
        0 <= sent.index("Remove-VMSavedState") < sent.index("-ExposeVirtualizationExtensions $true")
    )
    assert all(part in sent for part in of_the_script), sent


def test_a_vm_that_runs_is_shut_down_before_its_extensions_are_switched_on():
    plan = nestlab.NestingChange(nestlab.connect(), "build-agent", enable=True).plan()
    sent = [command.last_command.name for step in plan.steps for command in step.cmdlets]
    assert sent.index("Stop-VM") < sent.index("Set-VMProcessor")
