"""What people run into, rows 1 to 12: nesting, memory, platform.

Each is planted, found by name, mended by its fix, and gone.
"""

from __future__ import annotations

import pytest

import nestlab
from nestlab.model import Cmdlet, Size, SwitchParameter
from tests.rules.troubles import (
    EXPOSE,
    Row,
    Scene,
    applied,
    explained,
    memory,
    on,
    processor,
    redesigned,
    start,
    stop,
)

NESTED = """
name: levels
switches:
  - {name: LabNet, switch_type: Internal, ip_address: 192.168.100.1/24, nat: 192.168.100.0/24}
vms:
  - name: HV1
    processor_count: 4
    memory_startup: 8GB
    disk: {parent: 'D:\\images\\ws2022.vhdx'}
    guest: {os: windows, credential: lab-admin}
    network_adapters:
      - name: Ethernet
        switch: LabNet
        ip_address: 192.168.100.11/24
        gateway: 192.168.100.1
        dns_servers: [1.1.1.1]
        mac_address_spoofing: true
"""
INSIDE = """    nested:
      switches: [{name: Outside, switch_type: External, net_adapter: Ethernet}]
      vms: [{name: web1, memory_startup: 2GB, state: 'Off', network_adapters: [{switch: Outside}]}]
"""
BRIDGED = """
name: bridged
switches:
  - {name: Lab, switch_type: External, net_adapter: Ethernet}
vms:
  - name: web1
    memory_startup: 1GB
    network_adapters: [{switch: Lab, ip_address: 192.0.2.61/24}]
"""
TO_NAT = (
    (
        "switch_type: External, net_adapter: Ethernet",
        "switch_type: Internal, ip_address: 192.168.50.1/24, nat: 192.168.50.0/24",
    ),
    ("192.0.2.61/24", "192.168.50.61/24, gateway: 192.168.50.1"),
)
ROLE = Cmdlet(
    "Install-WindowsFeature", {"Name": "Hyper-V", "IncludeManagementTools": SwitchParameter.ON}
)


def made(text):
    """A topology that stands on a simulated host."""
    scene = Scene(nestlab.connect(), nestlab.loads(text))
    applied(scene)
    return scene


def two_levels(*cmdlets):
    """A host with a nested host that answers, after some cmdlets on the host."""
    scene = made(NESTED + INSIDE)
    scene.host.run(*cmdlets)
    scene.host.wait(900)
    return scene


def no_extensions():
    return two_levels(
        stop("HV1"), processor("HV1", ExposeVirtualizationExtensions=False), start("HV1")
    )


def a_vm_that_is_to_nest():
    scene = made(NESTED)
    scene.host.wait(900)
    scene.topology = nestlab.loads(NESTED + INSIDE)
    return scene


def dynamic_inside():
    limits = {
        "DynamicMemoryEnabled": True,
        "MinimumBytes": Size.parse("4GB"),
        "MaximumBytes": Size.parse("12GB"),
    }
    return two_levels(stop("HV1"), memory("HV1", "8GB", **limits), start("HV1"))


def too_much_inside():
    scene = two_levels()
    scene.inside("HV1").run(
        Cmdlet(
            "New-VM",
            {"Name": "big", "NoVHD": SwitchParameter.ON, "MemoryStartupBytes": Size.parse("6GB")},
        )
    )
    return scene


def amd_of_2019():
    return on("sim:ws2019-amd")


def upgraded(scene, _finding):
    system = scene.world.host.operating_system
    system.build, system.caption = 20348, "Microsoft Windows Server 2022 Datacenter"
    scene.world.host.hyper_v.default_version = "10.0"


def security_on():
    scene = on("sim:ws2022-intel")
    scene.world.quirks.virtualization_based_security = 2
    return scene


def nests_all_the_same(scene, finding):
    assert finding.severity == "info"
    assert nestlab.check(scene.host)[0].code == "can-nest"
    scene.host.run(processor("dc-archive", **EXPOSE), start("dc-archive"))
    scene.world.quirks.virtualization_based_security = 0


def a_preview():
    scene = security_on()
    scene.world.host.operating_system.build = 14357
    for vm in scene.world.host.hyper_v.vms:
        vm.version = "8.0"  # the newest of that time
    return scene


def redeployed(scene, finding):
    assert "Standard" in finding.hint
    scene.host = nestlab.connect("sim:azure-vm")


def bridging_nested_host():
    switch = Cmdlet("New-VMSwitch", {"Name": "Lab", "SwitchType": "Internal"})
    connect = Cmdlet("Connect-VMNetworkAdapter", {"VMName": "dc-archive", "SwitchName": "Lab"})
    return on("sim:ws2022-intel", processor("dc-archive", **EXPOSE), switch, connect)


def wireless():
    scene = on("sim:ws2022-intel", topology=BRIDGED)
    scene.world.host.adapters[0].interface_description = "Intel(R) Wi-Fi 6E AX211 160MHz"
    scene.world.host.adapters[0].wireless = True
    return scene


def starts_inside(*names):
    return lambda scene: scene.inside("HV1").run(*map(start, names))


def refused_inside(cmdlet):
    return lambda scene: explained(scene.inside("HV1"), cmdlet)


def refused(cmdlet):
    return lambda scene: explained(scene.host, cmdlet)


ROWS = {
    "1 L2 does not start": Row(
        "one of the Hyper-V components is not running",
        "extensions-hidden",
        no_extensions,
        refused=refused_inside(start("web1")),
        explained="hypervisor-not-running",
        then=starts_inside("web1"),
    ),
    # The host takes the flag of a VM that is Off only, so a flag that is set has been through Off
    # and On: no other half of this row is left.
    "2 the role does not install in L1": Row(
        "the processor does not have required virtualization capabilities",
        "extensions-hidden",
        a_vm_that_is_to_nest,
        refused=refused_inside(ROLE),
        explained="hypervisor-already-running",
        then=lambda scene: scene.inside("HV1").run(ROLE),
    ),
    "3 Set-VMProcessor refused, saved": Row(
        "the VM is saved",
        "vm-saved",
        lambda: on("sim:ws2022-intel", Cmdlet("Save-VM", {"Name": "build-agent"})),
        refused=refused(processor("build-agent", **EXPOSE)),
        explained="vm-must-be-off",
        then=lambda scene: scene.host.run(processor("build-agent", **EXPOSE)),
    ),
    "3 Set-VMProcessor refused, running": Row(
        "the VM runs",
        "vm-running",
        lambda: on("sim:ws2022-intel"),
        refused=refused(processor("build-agent", **EXPOSE)),
        explained="vm-must-be-off",
        then=lambda scene: scene.host.run(processor("build-agent", **EXPOSE)),
    ),
    "4 dynamic memory, before": Row(
        "must dynamic memory be off?",
        "vm-dynamic-memory",
        lambda: on("sim:ws2022-intel", processor("sql-test", **EXPOSE)),
    ),
    "4 dynamic memory, of a running nested host": Row(
        "its memory does not change", "vm-dynamic-memory", dynamic_inside
    ),
    "5 memory of a running L1": Row(
        "a resize is refused while Hyper-V runs inside",
        "vm-memory-low",
        lambda: two_levels(stop("HV1"), memory("HV1", "2GB"), start("HV1")),
        refused=refused(memory("HV1", "6GB")),
        explained="vm-must-be-off",
        then=starts_inside("web1"),
    ),
    "6 L1 below 4 GB": Row(
        "L1 boots, L2 does not",
        "vm-memory-low",
        lambda: on(
            "sim:ws2022-intel", memory("dc-archive", "2GB"), processor("dc-archive", **EXPOSE)
        ),
    ),
    "6 the sum of L2 does not fit into L1": Row(
        "L1 boots, L2 does not",
        "memory-inside-short",
        too_much_inside,
        refused=lambda scene: explained(scene.inside("HV1"), start("web1"), start("big")),
        explained="not-enough-memory",
        then=lambda scene: scene.inside("HV1").run(start("web1"), start("big")),
    ),
    "7 configuration version": Row(
        "a VM of an older host", "vm-version-too-old", lambda: on("sim:old-vms")
    ),
    "7 AMD before Server 2022": Row(
        "the VM takes the flag and does not start",
        "build-too-old",
        amd_of_2019,
        upgraded,
        because="no cmdlet makes an older Windows nest on AMD: Windows on the host is upgraded",
        then=lambda scene: scene.host.run(
            Cmdlet("New-VM", {"Name": "new", "NoVHD": SwitchParameter.ON}),
            processor("new", **EXPOSE),
            start("new"),
        ),
    ),
    "8 VBS is no obstacle": Row(
        "a script says that it forbids nesting",
        "vbs-on-host",
        security_on,
        nests_all_the_same,
        because="it is a note; nothing is to be mended, and the VM starts while it is on",
    ),
    "9 the opt-out of previews": Row(
        "cannot modify property without enabling VirtualizationBasedSecurityOptOut",
        "vbs-opt-out-needed",
        a_preview,
        refused=refused(processor("dc-archive", **EXPOSE)),
        explained="vbs-opt-out",
        then=lambda scene: scene.host.run(processor("dc-archive", **EXPOSE)),
    ),
    "10 Trusted Launch": Row(
        "no nesting at all in an Azure VM",
        "extensions-not-known",
        lambda: on("sim:azure-trusted-launch"),
        redeployed,
        because="the security type is Azure's: the VM is deployed anew as type Standard",
        then=lambda scene: scene.host.run(
            Cmdlet("New-VM", {"Name": "new", "NoVHD": SwitchParameter.ON}),
            processor("new", **EXPOSE),
            start("new"),
        ),
    ),
    "11 spoofing off, seen from the host": Row(
        "link but no traffic", "vm-mac-spoofing-off", bridging_nested_host
    ),
    "11 spoofing off under an External switch inside": Row(
        "link but no traffic",
        "spoofing-off",
        lambda: two_levels(
            Cmdlet("Set-VMNetworkAdapter", {"VMName": "HV1", "MacAddressSpoofing": "Off"})
        ),
    ),
    "12 bridging over Wi-Fi": Row(
        "the same, over Wi-Fi",
        "wireless-uplink",
        wireless,
        redesigned(*TO_NAT),
        because="a wireless adapter carries its own MAC address only: the design goes over to NAT",
        then=applied,
    ),
    "12 bridging in a public cloud": Row(
        "the same, in Azure",
        "bridge-in-azure",
        lambda: on("sim:azure-vm", topology=BRIDGED.replace("192.0.2", "10.20.0")),
        redesigned(TO_NAT[0], ("10.20.0.61/24", "192.168.50.61/24, gateway: 192.168.50.1")),
        because="Azure's network drops foreign MAC addresses: the design goes over to NAT",
        then=applied,
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_it_is_found_by_name_and_gone_after_its_fix(row):
    row.play()


def test_a_healthy_pair_of_levels_has_no_findings_of_its_own():
    scene = two_levels()
    codes = {
        finding.code
        for finding in nestlab.Lab(scene.topology, scene.host).check()
        if finding.severity != "info"
    }
    assert codes == set()


def test_a_memory_of_the_design_becomes_a_power_cycle():
    scene = two_levels()
    lab = nestlab.Lab(nestlab.loads((NESTED + INSIDE).replace("8GB", "10GB")), scene.host)
    cmdlets = [cmdlet.last_command.name for step in lab.plan().steps for cmdlet in step.cmdlets]
    assert cmdlets == ["Stop-VM", "Set-VMMemory", "Start-VM"]


def test_an_update_is_no_fix_where_the_host_has_no_newer_version():
    findings = on("sim:ws2019-amd").found("vm-version-too-old")
    for finding in findings:
        assert finding.fix == ()
        assert finding.hint.startswith("Upgrade Windows on the host first")
