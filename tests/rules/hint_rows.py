"""Situations with a finding about a host, a VM, or a topology on a host, and its hint followed."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import nestlab
from nestlab.model import Cmdlet, Finding, SwitchParameter
from nestlab.simulator.faults import Fault
from nestlab.simulator.state.networking import IPInterface
from tests.rules.test_problems import upgraded
from tests.rules.test_refusals import SCOPE, SERVING, SWITCH, renamed_to_a_team
from tests.rules.troubles import (
    EXPOSE,
    Scene,
    by_its_cmdlets,
    on,
    processor,
    redesigned,
    start,
)

Follow = Callable[[Scene, Finding], None]


@dataclass(frozen=True)
class HintRow:
    """A situation, the words of the hint that are followed, and what following them is."""

    code: str
    words: str
    plant: Callable[[], Scene]
    follow: Follow = by_its_cmdlets

    def play(self) -> None:
        """Plant, find, do what the hint says, and look again."""
        scene = self.plant()
        findings = scene.found(self.code)
        assert findings, f"{self.code} is not found"
        for finding in findings:
            assert re.search(self.words, finding.hint), finding.hint
            self.follow(scene, finding)
        assert not scene.found(self.code)


# -- What an account may not read. --------------------------------------------------------------


def denied(*cmdlets: str) -> Callable[[], Scene]:
    """A host that refuses cmdlets to the account."""

    def plant() -> Scene:
        scene = on("sim:ws2022-intel")
        scene.host.simulated_host.inject_faults(*(Fault("deny", name, 0) for name in cmdlets))
        return scene

    return plant


def with_the_rights(scene: Scene, _finding: Finding) -> None:
    scene.host.simulated_host.clear_faults()
    scene.world.quirks.administrator = True


RIGHTS = "account|Administrator|administrator"
NOT_READ = {
    "boot-options-not-known": "Get-ItemProperty",
    "disk-space-not-known": "Get-CimInstance",
    "edition-not-known": "Get-CimInstance",
    "execution-prevention-not-known": "Get-CimInstance",
    "hyper-v-not-readable": "Get-VMHost",
    "logical-processors-not-known": "Get-CimInstance",
    "manufacturer-not-known": "Get-CimInstance",
    "memory-left-not-known": "Get-VM",
    "memory-not-known": "Get-CimInstance",
    "nat-not-known": "Get-NetNat",
    "nat-owners-not-known": "Get-Service",
    "nesting-not-known": "Get-CimInstance",
    "processor-not-known": "Get-CimInstance",
    "protection-not-known": "Get-ItemProperty",
    "unread": "Get-CimInstance",
    "vm-not-known": "Get-VMProcessor",
}


# -- What is changed outside of Windows, or in its setup. ---------------------------------------


def in_the_firmware(scene: Scene, _finding: Finding) -> None:
    scene.world.host.hardware.processors.virtualization_firmware_enabled = True
    scene.world.quirks.data_execution_prevention = True
    scene.host.run(Cmdlet("Restart-Computer", {"Force": SwitchParameter.ON}))
    scene.host.wait(900)


def without_the_boot_option(scene: Scene, _finding: Finding) -> None:
    scene.world.quirks.hypervisor_load_options = ""
    scene.host.run(Cmdlet("Restart-Computer", {"Force": SwitchParameter.ON}))
    scene.host.wait(900)


def with_the_boot_option() -> Scene:
    scene = on("sim:ws2022-intel")
    scene.world.quirks.hypervisor_load_options = "OFFERNESTEDVIRT=FALSE"
    return scene


def without_execution_prevention() -> Scene:
    scene = on("sim:no-role")
    scene.world.quirks.data_execution_prevention = False
    return scene


def to_pro(scene: Scene, _finding: Finding) -> None:
    system = scene.world.host.operating_system
    system.operating_system_sku, system.caption = 48, "Microsoft Windows 11 Pro"


def to_another_host(address: str) -> Follow:
    def follow(scene: Scene, _finding: Finding) -> None:
        scene.host = nestlab.connect(address)

    return follow


# -- VMs and what is on the host. ---------------------------------------------------------------


def named_apart(scene: Scene, finding: Finding) -> None:
    vms = scene.host.run(Cmdlet("Get-VM", {})).records
    names = [vm["Name"].casefold() for vm in vms]
    twice = next(vm for vm in vms if names.count(vm["Name"].casefold()) > 1)
    scene.host.run(
        Cmdlet("Get-VM", {"Id": twice["Id"]}, pipe_to=Cmdlet("Rename-VM", {"NewName": "other"}))
    )


def stop_everything(scene: Scene, _finding: Finding) -> None:
    for vm in scene.host.run(Cmdlet("Get-VM", {})).records:
        if str(vm["State"]) == "Running":
            scene.host.run(Cmdlet("Stop-VM", {"Name": vm["Name"], "TurnOff": SwitchParameter.ON}))


def little_left() -> Scene:
    scene = on("sim:ws2022-intel", start("dc-archive"))
    scene.world.host.hardware.memory = 8 << 30
    return scene


def nested_on(address: str, *cmdlets: Cmdlet) -> Callable[[], Scene]:
    new = Cmdlet("New-VM", {"Name": "new", "NoVHD": SwitchParameter.ON, "Generation": 2})
    return lambda: on(address, new, processor("new", **EXPOSE), *cmdlets)


def fewer_processors(scene: Scene, finding: Finding) -> None:
    scene.host.run(processor(finding.subject.removeprefix("VM "), Count=2))


# -- Topologies on a host: the file is changed as the hint says. ---------------------------------


def lab(topology: str, address: str = "sim:ws2022-intel", before: object = None):
    def plant() -> Scene:
        scene = on(address, topology=f"name: lab\n{topology}")
        if before:
            before(scene.host)
        return scene

    return plant


def built(topology: str):
    def build(host):
        with tempfile.TemporaryDirectory() as folder:
            journal = Path(folder) / "journal.jsonl"
            lab_ = nestlab.Lab(nestlab.loads(f"name: lab\n{topology}"), host, journal)
            assert all(result.ok for result in lab_.apply())

    return build


UNANSWERED = r"""
images: {ws2022: {path: 'D:\images\ws2022.vhdx', os: windows}}
switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24}]
vms: [{name: a, disk: {image: ws2022}, guest: {os: windows}, network_adapters: [{switch: A, dhcp: true}]}]
"""


WITH_STATIC = UNANSWERED.replace("dhcp: true", "ip_address: 10.5.0.9/24").replace(
    "{os: windows}, n", "{os: windows, credential: lab}, n"
)
ON_THE_HOST = {"InterfaceAlias": "vEthernet (A)", "IPAddress": "10.5.0.9"}


def with_its_address_on_the_host(host):
    built(WITH_STATIC)(host)
    host.run(Cmdlet("New-NetIPAddress", {**ON_THE_HOST, "PrefixLength": 24}))


def with_its_server_stopped(host):
    built(SERVING)(host)
    host.run(Cmdlet("Stop-Service", {"Name": "DHCPServer", "Force": SwitchParameter.ON}))


def in_a_domain(host):
    host.simulated_host.world.host.domain = "contoso.com"
    built(SERVING)(host)


BY_HAND = UNANSWERED.replace("dhcp: true", "ip_address: 10.5.0.9/24")


def set_by_hand(host):
    new = {"InterfaceAlias": "Ethernet", "IPAddress": "10.5.0.9", "PrefixLength": 24}
    host.guest("a", credential="lab-admin").run(Cmdlet("New-NetIPAddress", new))


def applied_again(scene):
    assert all(result.ok for result in nestlab.Lab(scene.topology, scene.host).apply())


NEW_NESTED_HOST = r"""images: {ws2022: {path: 'D:\images\ws2022.vhdx'}}
vms:
  - name: HV9
    memory_startup: 8GB
    disk: {image: ws2022}
    guest: {os: windows, credential: lab}
    nested: {%s}
"""


def run(*cmdlets):
    return lambda host: [host.run(Cmdlet(name, parameters)) for name, parameters in cmdlets]


def no_link(host):
    host.simulated_host.world.host.adapters[0].link = False


def another_adapter(host):
    adapters = host.simulated_host.world.host.adapters
    adapters.append(
        replace(
            adapters[0],
            name="Other",
            interface_description="Broadcom NetXtreme",
            interface_index=77,
            mac_address="B49691A00C77",
            device_id="{00000000-0000-0000-0000-000000000077}",
            ip=IPInterface(),
        )
    )


def plugged_in(scene: Scene, _finding: Finding) -> None:
    scene.world.host.adapters[0].link = True


BOUND = "switches: [{name: A, switch_type: External, net_adapter: %s}]"
NAT = ("New-NetNat", {"Name": "Other", "InternalIPInterfaceAddressPrefix": "10.77.0.0/24"})
MAPPING = {
    "NatName": "Other",
    "Protocol": "TCP",
    "ExternalIPAddress": "0.0.0.0/0",
    "ExternalPort": 80,
    "InternalIPAddress": "10.77.0.5",
    "InternalPort": 80,
}
FORWARDING = (
    SWITCH
    % ", nat: 10.5.0.0/24, port_forwards: [{protocol: tcp, external_port: 80, to: '10.5.0.7:80'}]"
)
SERVER = ("Install-WindowsFeature", {"Name": "DHCP", "IncludeManagementTools": True})
NESTED = "vms: [{name: a, memory_startup: 4GB, disk: {parent: 'D:\\images\\ws2022.vhdx'}, guest: {os: windows, credential: lab}, nested: {}}]"
HAS_VM = run(("New-VM", {"Name": "a", "NoVHD": True, "Generation": 1}))
IMAGE = "D:\\images\\ws2022.vhdx"


def _with_topology(scene: Scene, topology: str) -> Scene:
    scene.topology = nestlab.loads(f"name: lab\n{topology}")
    return scene


def _with_memory(scene: Scene, gigabytes: int) -> Scene:
    scene.world.host.hardware.memory = gigabytes << 30
    return scene


def _with_the_role(scene: Scene) -> None:
    role = {"Name": "Hyper-V", "IncludeManagementTools": True, "Restart": True}
    scene.host.run(Cmdlet("Install-WindowsFeature", role))
    scene.host.wait(900)


def _without_the_team(scene: Scene) -> None:
    scene.world.host.adapters[0].interface_description = "Intel(R) X710"


def _changed_after_apply() -> Scene:
    scene = on("sim:ws2022-intel", topology="name: lab\nvms: [{name: a, state: 'Off'}]")
    with tempfile.TemporaryDirectory() as folder:
        lab_ = nestlab.Lab(scene.topology, scene.host, journal=Path(folder, "journal.jsonl"))
        assert all(result.ok for result in lab_.apply())
    scene.topology = nestlab.loads("name: lab\nvms: [{name: a, generation: 1, state: 'Off'}]")
    return scene


ROWS = {
    **{code: HintRow(code, RIGHTS, denied(name), with_the_rights) for code, name in NOT_READ.items()},
    "account-not-administrator": HintRow(
        "account-not-administrator",
        "as a member of the host's Administrators",
        lambda: on("sim:hyperv-admin-only"),
        with_the_rights,
    ),
    "ambiguous-name": HintRow(
        "ambiguous-name", "Get-VM -Id .* | Rename-VM", lambda: on("sim:busy-host"), named_apart
    ),
    "boot-option-forbids": HintRow(
        "boot-option-forbids",
        "bcdedit /deletevalue hypervisorloadoptions, then restart",
        with_the_boot_option,
        without_the_boot_option,
    ),
    "virtualization-off": HintRow(
        "virtualization-off",
        "in the firmware setup, then power the host off and on",
        lambda: on("sim:firmware-off"),
        in_the_firmware,
    ),
    "execution-prevention-off": HintRow(
        "execution-prevention-off", "in the firmware", without_execution_prevention, in_the_firmware
    ),
    "edition-without-hyper-v": HintRow(
        "edition-without-hyper-v", "Upgrade to Pro", lambda: on("sim:win11-home"), to_pro
    ),
    "processor-not-supported": HintRow(
        "processor-not-supported",
        "Use an Intel or AMD host",
        lambda: on("sim:arm64"),
        to_another_host("sim:win11-ryzen"),
    ),
    "cannot-nest": HintRow(
        "cannot-nest", "Upgrade Windows", lambda: on("sim:ws2019-amd"), upgraded
    ),
    "version-not-supported": HintRow(
        "version-not-supported", "Upgrade Windows", lambda: on("sim:ws2019-amd"), upgraded
    ),
    "version-not-supported by the file": HintRow(
        "version-not-supported",
        "Remove version",
        lab("vms: [{name: a, version: 12.0, state: 'Off'}]"),
        redesigned((" version: 12.0,", "")),
    ),
    "platform-cannot-nest": HintRow(
        "platform-cannot-nest", "Upgrade Windows|newer version", lab(NESTED, "sim:ws2019-amd"), upgraded
    ),
    "platform-not-known": HintRow(
        "platform-not-known",
        RIGHTS,
        lambda: _with_topology(denied("Get-CimInstance")(), NESTED),
        with_the_rights,
    ),
    "role-not-installed": HintRow(
        "role-not-installed", "Install the role", lambda: on("sim:no-role")
    ),
    "hyper-v-missing": HintRow(
        "hyper-v-missing", "Install the role", lab(BOUND % "Ethernet", "sim:no-role"),
        lambda scene, _finding: _with_the_role(scene),
    ),
    "restart-pending": HintRow(
        "restart-pending",
        "Restart the host",
        lambda: on("sim:no-role", Cmdlet("Install-WindowsFeature", {"Name": "Hyper-V", "IncludeManagementTools": True})),
    ),
    "role-not-answering": HintRow(
        "role-not-answering",
        "Get-Service vmms",
        lambda: on("sim:ws2022-intel", Cmdlet("Stop-Service", {"Name": "vmms", "Force": True})),
        lambda scene, _finding: scene.host.run(Cmdlet("Start-Service", {"Name": "vmms"})),
    ),
    "memory-little-left": HintRow(
        "memory-little-left", "Stop VMs", little_left, stop_everything
    ),
    "memory-low": HintRow(
        "memory-low",
        "Add memory",
        lambda: _with_memory(on("sim:no-role"), 3),
        lambda scene, _finding: _with_memory(scene, 64),
    ),
    "vm-checkpoint": HintRow(
        "vm-checkpoint", "Remove the checkpoints", lambda: on("sim:old-vms")
    ),
    "vm-cannot-start": HintRow(
        "vm-cannot-start", "Turn the extensions off", nested_on("sim:ws2019-amd")
    ),
    "vm-processors": HintRow(
        "vm-processors",
        "Reduce the number of virtual processors",
        nested_on("sim:ws2022-intel", processor("new", Count=64)),
        fewer_processors,
    ),
    "duplicate-mac-on-host": HintRow(
        "duplicate-mac-on-host",
        "-DynamicMacAddress",
        lambda: on(
            "sim:ws2022-intel",
            *(Cmdlet("New-VM", {"Name": name, "NoVHD": True}) for name in ("x", "y")),
            *(
                Cmdlet("Set-VMNetworkAdapter", {"VMName": name, "StaticMacAddress": "00155D010101"})
                for name in ("x", "y")
            ),
        ),
        lambda scene, _finding: scene.host.run(
            Cmdlet("Set-VMNetworkAdapter", {"VMName": "x", "DynamicMacAddress": True})
        ),
    ),
    "dhcp-scope-taken": HintRow(
        "dhcp-scope-taken",
        "Choose another network",
        lab(SERVING, before=run(SERVER, ("Add-DhcpServerv4Scope", SCOPE))),
        redesigned(("10.5.0.1/24", "10.6.0.1/24"), ("10.5.0.100-10.5.0.110", "10.6.0.100-10.6.0.110")),
    ),
    "dhcp-not-served": HintRow(
        "dhcp-not-served",
        "Start the DHCP server",
        lab(SERVING, before=with_its_server_stopped),
        by_its_cmdlets,
    ),
    "dhcp-not-authorized": HintRow(
        "dhcp-not-authorized",
        "Add-DhcpServerInDC",
        lab(SERVING, before=in_a_domain),
        by_its_cmdlets,
    ),
    "dhcp-unanswered": HintRow(
        "dhcp-unanswered",
        "Give the adapter an ip_address",
        lab(UNANSWERED, before=built(UNANSWERED)),
        redesigned(("dhcp: true", "ip_address: 10.5.0.9/24")),
    ),
    "static-address-missing": HintRow(
        "static-address-missing",
        "Set the address in the guest by hand",
        lab(BY_HAND, before=built(BY_HAND)),
        lambda scene, _finding: set_by_hand(scene.host),
    ),
    "address-duplicated": HintRow(
        "address-duplicated",
        "`nestlab apply` removes it",
        lab(WITH_STATIC, before=with_its_address_on_the_host),
        lambda scene, _finding: applied_again(scene),
    ),
    "port-forward-taken": HintRow(
        "port-forward-taken",
        "another external_port",
        lab(FORWARDING, before=run(NAT, ("Add-NetNatStaticMapping", MAPPING))),
        redesigned(("external_port: 80", "external_port: 81")),
    ),
    "disk-missing": HintRow(
        "disk-missing",
        "correct the path",
        lab(r"vms: [{name: a, disk: {parent: 'D:\images\ws2202.vhdx'}}]"),
        redesigned(("ws2202", "ws2022")),
    ),
    "iso-file-missing": HintRow(
        "iso-file-missing",
        "leave it out: the drive is empty then",
        lab(r"vms: [{name: a, dvd_drives: [{path: 'D:\iso\setup.iso'}]}]"),
        redesigned((r"{path: 'D:\iso\setup.iso'}", "{{}}")),
    ),
    "disk-in-use": HintRow(
        "disk-in-use",
        "^Copy the file, and write the path of the copy",
        lab(r"vms: [{name: a, disk: {path: 'D:\images\ws2022.vhdx'}}]"),
        redesigned(("ws2022", "copy")),
    ),
    "parent-in-use": HintRow(
        "parent-in-use",
        "write the path of the copy",
        lab(r"vms: [{name: a, disk: {parent: 'D:\vms\build-agent\disk.vhdx'}}]"),
        redesigned((r"D:\vms\build-agent\disk.vhdx", IMAGE)),
    ),
    "memory-not-enough": HintRow(
        "memory-not-enough",
        "Reduce memory_startup",
        lab("vms: [{name: a, memory_startup: 200GB}]"),
        redesigned(("200GB", "8GB")),
    ),
    "name-clash": HintRow(
        "name-clash",
        "Choose another name in the topology",
        lab("vms: [{name: build-agent, state: 'Off'}]"),
        redesigned(("build-agent", "build-agent-2")),
    ),
    "net-adapter-missing": HintRow(
        "net-adapter-missing",
        "Physical adapters of the host: Ethernet",
        lab(BOUND % "eth0"),
        redesigned(("eth0", "Ethernet")),
    ),
    "net-adapter-down": HintRow(
        "net-adapter-down",
        "Connect its cable",
        lab(BOUND % "Ethernet", before=no_link),
        plugged_in,
    ),
    "net-adapter-in-use": HintRow(
        "net-adapter-in-use",
        r"write \{name: Corp, existing: true\} in place of this switch",
        lab(
            BOUND % "Ethernet",
            before=run(("New-VMSwitch", {"Name": "Corp", "NetAdapterName": "Ethernet"})),
        ),
        redesigned(("{name: A, switch_type: External, net_adapter: Ethernet}", "{{name: Corp, existing: true}}")),
    ),
    "team-members-differ": HintRow(
        "team-members-differ",
        "a single adapter",
        lab(BOUND % "[Ethernet, Other]", before=another_adapter),
        redesigned(("[Ethernet, Other]", "Ethernet")),
    ),
    "uplink-is-a-team": HintRow(
        "uplink-is-a-team",
        "remove it and write the name of a member",
        lab(BOUND % "Ethernet", before=renamed_to_a_team),
        lambda scene, _finding: _without_the_team(scene),
    ),
    "uplink-differs": HintRow(
        "uplink-differs",
        "Correct uplinks",
        lab(
            "uplinks: [{net_adapter: Ethernet, network: 198.51.100.0/24, gateway: 198.51.100.1}]\n"
            + BOUND % "Ethernet"
        ),
        redesigned(("198.51.100.0", "192.0.2.0"), ("198.51.100.1", "192.0.2.1")),
    ),
    "route-overlap": HintRow(
        "route-overlap",
        "Choose another network, ",
        lab("switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24}]", "sim:busy-host"),
        redesigned(("10.5.0.1/24", "{first}.1/24")),
    ),
    "host-loses-network": HintRow(
        "host-loses-network",
        "Leave out allow_management_os: false",
        lab("switches: [{name: A, switch_type: External, net_adapter: Ethernet, allow_management_os: false}]"),
        redesigned((", allow_management_os: false", "")),
    ),
    "host-loses-network by an address": HintRow(
        "host-loses-network",
        "Leave out ip_address, so",
        lab("switches: [{name: A, switch_type: External, net_adapter: Ethernet, ip_address: 10.5.0.1/24}]"),
        redesigned((", ip_address: 10.5.0.1/24", "")),
    ),
    "host-loses-network by a VLAN": HintRow(
        "host-loses-network",
        "Leave out vlan, so",
        lab("switches: [{name: A, switch_type: External, net_adapter: Ethernet, vlan: {access: 12}}]"),
        redesigned((", vlan: {access: 12}", "")),
    ),
    "existing-switch-missing": HintRow(
        "existing-switch-missing",
        "leave out existing and write switch_type: Internal",
        lab("switches: [{name: Corp, existing: true}]"),
        redesigned(("existing: true", "switch_type: Internal")),
    ),
    "existing-switch-missing of type External": HintRow(
        "existing-switch-missing",
        "leave out existing and add net_adapter: the name",
        lab("switches: [{name: Corp, existing: true, switch_type: External}]"),
        redesigned(("existing: true", "net_adapter: Ethernet")),
    ),
    "existing-switch-missing of type Private": HintRow(
        "existing-switch-missing",
        r"leave out existing\.",
        lab("switches: [{name: Corp, existing: true, switch_type: Private}]"),
        redesigned(("existing: true, ", "")),
    ),
    "existing-switch-missing of type Internal": HintRow(
        "existing-switch-missing",
        "leave out existing and add ip_address",
        lab("switches: [{name: Corp, existing: true, switch_type: Internal}]"),
        redesigned(("existing: true", "ip_address: 10.0.0.1/24")),
    ),
    "existing-switch-missing in a nested host": HintRow(
        "existing-switch-missing",
        "leave out existing and write switch_type: Internal",
        lab(NEW_NESTED_HOST % "switches: [{name: Corp, existing: true}]"),
        redesigned(("existing: true", "switch_type: Internal")),
    ),
    "path-inside-nested-host": HintRow(
        "path-inside-nested-host",
        r"Write disk: \{image: ws2022\}",
        lab(NEW_NESTED_HOST % r"vms: [{name: web1, disk: {parent: 'D:\images\ws2022.vhdx'}}]"),
        redesigned((r"parent: 'D:\images\ws2022.vhdx'", "image: ws2022")),
    ),
    "address-in-use": HintRow(
        "address-in-use",
        "Write an address that is not used there",
        lab(
            "switches: [{name: Corp, existing: true}]\n"
            "vms: [{name: a, network_adapters: [{switch: Corp, ip_address: 10.9.0.1/24}]}]",
            before=run(
                ("New-VMSwitch", {"Name": "Corp", "SwitchType": "Internal"}),
                (
                    "New-NetIPAddress",
                    {
                        "InterfaceAlias": "vEthernet (Corp)",
                        "IPAddress": "10.9.0.1",
                        "PrefixLength": 24,
                    },
                ),
            ),
        ),
        redesigned(("10.9.0.1/24", "{network}")),
    ),
    "adapter-disabled": HintRow(
        "adapter-disabled",
        "Enable the adapter",
        lab(
            "switches: [{name: Corp, existing: true}]\nvms: [{name: a, network_adapters: [{switch: Corp}]}]",
            before=run(
                ("New-VMSwitch", {"Name": "Corp", "SwitchType": "Internal"}),
                (
                    "Disable-NetAdapter",
                    {"Name": "vEthernet (Corp)", "Confirm": SwitchParameter.OFF},
                ),
            ),
        ),
    ),
    "route-conflict": HintRow(
        "route-conflict",
        "Leave the route out of the file",
        lab(
            "switches: [{name: Corp, existing: true}]\nroutes: [{to: 10.99.0.0/24, via: 10.66.0.7}]",
            before=run(
                ("New-VMSwitch", {"Name": "Corp", "SwitchType": "Internal"}),
                (
                    "New-NetIPAddress",
                    {
                        "InterfaceAlias": "vEthernet (Corp)",
                        "IPAddress": "10.66.0.1",
                        "PrefixLength": 24,
                    },
                ),
                (
                    "New-NetRoute",
                    {
                        "InterfaceAlias": "vEthernet (Corp)",
                        "DestinationPrefix": "10.99.0.0/24",
                        "NextHop": "10.66.0.9",
                    },
                ),
            ),
        ),
        redesigned(("\nroutes: [{to: 10.99.0.0/24, via: 10.66.0.7}]", "")),
    ),
    "mac-address-in-use": HintRow(
        "mac-address-in-use",
        "Write another mac_address, or remove the key",
        lab(
            "switches: [{name: Corp, existing: true}]\n"
            "vms: [{name: a, network_adapters: [{switch: Corp, mac_address: 00-15-5D-00-00-01}]}]",
            before=run(
                ("New-VMSwitch", {"Name": "Corp", "SwitchType": "Internal"}),
                ("New-VM", {"Name": "theirs", "SwitchName": "Corp"}),
                ("Set-VMNetworkAdapter", {"VMName": "theirs", "StaticMacAddress": "00155D000001"}),
            ),
        ),
        redesigned((", mac_address: 00-15-5D-00-00-01", "")),
    ),
    "default-switch-declared": HintRow(
        "default-switch-declared",
        r"write \{name: Default Switch, existing: true\}",
        lab("switches: [{name: Default Switch, switch_type: Internal}]", "sim:win11-ryzen"),
        redesigned(("switch_type: Internal", "existing: true")),
    ),
    "existing-switch-differs": HintRow(
        "existing-switch-differs",
        "leave it out",
        lab(
            "switches: [{name: Corp, existing: true, switch_type: Private}]",
            before=run(("New-VMSwitch", {"Name": "Corp", "SwitchType": "Internal"})),
        ),
        redesigned((", switch_type: Private", "")),
    ),
    "rights-missing": HintRow(
        "rights-missing",
        "as a member of the host's Administrators",
        lab("switches: [{name: A, switch_type: Internal, ip_address: 10.9.0.1/24}]", "sim:hyperv-admin-only"),
        with_the_rights,
    ),
    "cannot-change": HintRow(
        "cannot-change",
        "change the file to match the VM",
        _changed_after_apply,
        redesigned(("generation: 1", "generation: 2")),
    ),
}  # fmt: skip


_NOTE = "A note on what the host is: following it does not change the host."
_ELSEWHERE = "Followed in tests of its own: "
UNFOLLOWED = {
    "administrator-renamed": "A note: the user name of a credential is not in the file.",
    "adapter-wireless": _NOTE,
    "build-not-known": "Windows always shows its build to every account: nesting-not-known is followed.",
    "cannot-recreate": "Says what depends on the VM; the finding is one of a plan with --recreate.",
    "cannot-reset": _ELSEWHERE + "tests/lab/test_reset.py; the finding is one of `nestlab reset`.",
    "default-switch": _NOTE,
    "dhcp-reservation-in-use": _ELSEWHERE + "tests/lab/test_reserved_addresses.py.",
    "dhcp-scope-in-use": _ELSEWHERE + "tests/lab/test_dhcp_of_others.py.",
    "disk-smaller-than-image": _ELSEWHERE + "the topologies with images.",
    "disk-space-low": "The simulated host has no volume that fills up.",
    "guest-refuses": _ELSEWHERE + "test_problems_of_accounts.py, with a real endpoint.",
    "guest-needs-server": _ELSEWHERE + "tests/lab/test_guest_features.py.",
    "guest-silent": _ELSEWHERE + "tests/lab, where guests are waited for.",
    "host-is-azure-vm": _NOTE,
    "host-is-virtual": _NOTE,
    "hypervisor-not-known": "The simulated host shows its hypervisor wherever a VM has started.",
    "hypervisor-not-running": "The simulated host has no hypervisorlaunchtype to set.",
    "inner-vm-not-shut-down": "A note on what happens at the next shutdown of the nested host.",
    "mac-address-pool": _NOTE,
    "mac-address-pool-not-known": "Get-VMHost is read as a whole: hyper-v-not-readable is followed.",
    "nat-beside-another": "A note that it works: there is nothing to change.",
    "adapter-of-others": _ELSEWHERE + "tests/lab/test_adapters_of_others.py.",
    "nat-in-use": _ELSEWHERE + "tests/lab/test_nat_of_others.py.",
    "nat-may-be-hidden": "What holds a hidden NAT is stopped by commands that are not simulated.",
    "nat-only": _NOTE,
    "nested-host-in-use": _ELSEWHERE + "tests/lab/test_nested_removed_beside_others.py.",
    "no-hyper-v": "About a scenario file, which the simulated host reads: tests/simulator.",
    "not-adopted": _ELSEWHERE + "tests/lab/test_adopting.py.",
    "not-json": "About a scenario file, which the simulated host reads: tests/simulator.",
    "others-not-read": "Its hint is the error of the host: unread is followed.",
    "not-readable": "Its hint is the error of the host: unread is followed.",
    **dict.fromkeys(
        ("drift", "left-over", "drift-not-known"), _ELSEWHERE + "tests/lab/test_drift.py."
    ),
    "remainder-conflict": _ELSEWHERE + "tests/plan, with --prune.",
    "switch-address-in-use": _ELSEWHERE + "tests/lab/test_changes_beside_others.py.",
    **dict.fromkeys(
        ("seat-over-quota", "workshop-host-silent", "seat-on-two-hosts"),
        _ELSEWHERE + "tests/workshop/test_workshop_plan.py.",
    ),
    "seat-not-in-file": _ELSEWHERE + "tests/workshop/test_bad_days.py.",
    "switch-in-use": _ELSEWHERE + "tests/lab/test_settings_beside_others.py.",
    "unknown-base": "About a scenario file, which the simulated host reads: tests/simulator.",
    "unreadable-file": "About the file system of the computer: tests/cli.",
    "unwritable-file": "About the file system of the computer: tests/cli.",
    "vbs-left-behind": "The page about Credential Guard is followed by hand, in the firmware.",
    "version-disputed": "A doubt between two pages of Microsoft, which a trial on a real host ends.",
    "versions-not-known": "The versions are read with the host: hyper-v-not-readable is followed.",
    "virtualization-not-known": "Read with the processor: processor-not-known is followed.",
    "vm-memory-fixed": "A note that memory changes only while the VM is off.",
    "vm-not-ready": "A summary: the other findings about the VM are followed.",
    "vm-ready": "A summary: nesting is enabled in tests/lab/test_nesting.py.",
    "vm-version-disputed": "A doubt between two pages of Microsoft, which a trial on a real host ends.",
    "vm-version-not-known": "Get-VM shows the version with everything else: unread is followed.",
    "vm-would-not-start-again": _ELSEWHERE + "tests/lab/test_nesting.py.",
}
"""Why nothing can follow a hint here."""
