"""Host states of well-known machines, for the rules."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.model import Size
from nestlab.model.state import (
    ComputerState,
    HostState,
    HyperVState,
    IPInterfaceState,
    NatState,
    NetAdapterState,
    ProcessorState,
    SwitchState,
    Unread,
    VirtualMachineState,
    VMHostState,
)

GB = 1 << 30
INTEL = ProcessorState(manufacturer="GenuineIntel", name="Intel(R) Xeon(R) Gold 6338", number_of_logical_processors=32)
AMD = ProcessorState(manufacturer="AuthenticAMD", name="AMD EPYC 7763", number_of_logical_processors=64)
VERSIONS = ("8.0", "8.1", "8.2", "8.3", "9.0", "9.1", "9.2", "9.3", "10.0")

READY = HostState(
    host="winrms://hv01",
    computer=ComputerState(
        name="HV01",
        caption="Microsoft Windows Server 2022 Datacenter",
        build=20348,
        manufacturer="Contoso",
        model="CS-R640",
        total_physical_memory=Size(64 * GB),
        hypervisor_present=True,
    ),
    processors=(INTEL,),
    features=frozenset({"Hyper-V", "Hyper-V-PowerShell"}),
    hyper_v=HyperVState(
        vm_host=VMHostState(logical_processor_count=32, memory_capacity=Size(64 * GB), supported_versions=VERSIONS, default_version="10.0"),
        existing_disks=frozenset({r"d:\images\ws2022.vhdx"}),
    ),
    net_adapters=(NetAdapterState(name="Ethernet", interface_description="Intel(R) X710"),),
    ip_interfaces=(
        IPInterfaceState(
            interface_alias="Ethernet",
            ip_addresses=(IPv4Interface("192.0.2.10/24"),),
            routes=((IPv4Network("0.0.0.0/0"), IPv4Address("192.0.2.1")),),
        ),
    ),
)


def with_computer(state=READY, **changes):
    return replace(state, computer=replace(state.computer, **changes))


def with_hyper_v(state=READY, **changes):
    return replace(state, hyper_v=replace(state.hyper_v, **changes))


def with_versions(state, *versions):
    return with_hyper_v(state, vm_host=replace(state.hyper_v.vm_host, supported_versions=versions, default_version=versions[-1]))


def vm(name="old", **changes):
    plain = {"id": f"id-{name}", "name": name, "state": "Off", "version": "10.0", "memory_startup": Size(8 * GB)}
    return VirtualMachineState(**{**plain, **changes})


WITHOUT_ROLE = with_computer(replace(READY, hyper_v=None, features=frozenset()), hypervisor_present=False)
FLAGS_ON = replace(
    INTEL, virtualization_firmware_enabled=True, second_level_address_translation_extensions=True, vm_monitor_mode_extensions=True
)

HOSTS = {
    "ws2022-intel": READY,
    "ws2025-amd": with_versions(with_computer(replace(READY, processors=(AMD,)), build=26100), *VERSIONS, "11.0", "12.0", "254.0"),
    "amd-version-9-3": with_versions(replace(READY, processors=(AMD,)), "9.2", "9.3"),
    "ws2019-amd": with_versions(with_computer(replace(READY, processors=(AMD,)), build=17763, caption="Windows Server 2019"), "8.0", "9.0"),
    "ws2012r2-intel": with_versions(with_computer(build=9600, caption="Windows Server 2012 R2"), "5.0"),
    "arm64": replace(READY, processors=(ProcessorState(manufacturer="Qualcomm", name="Snapdragon X", architecture=12),)),
    "other-maker": replace(READY, processors=(ProcessorState(manufacturer="CentaurHauls", name="VIA"),)),
    "no-role": replace(WITHOUT_ROLE, processors=(FLAGS_ON,)),
    "no-role-client": with_computer(replace(WITHOUT_ROLE, processors=(FLAGS_ON,)), product_type=1, caption="Windows 11 Pro"),
    "firmware-off": replace(WITHOUT_ROLE, processors=(replace(FLAGS_ON, virtualization_firmware_enabled=False),)),
    "old-processor": WITHOUT_ROLE,
    "restart-pending": replace(WITHOUT_ROLE, processors=(FLAGS_ON,), pending_features=frozenset({"Hyper-V"})),
    "role-not-answering": replace(READY, hyper_v=None),
    "home": with_computer(
        replace(WITHOUT_ROLE, processors=(FLAGS_ON,)), operating_system_sku=101, product_type=1, caption="Windows 11 Home"
    ),
    "no-rights": replace(
        READY,
        hyper_v=None,
        unread=(Unread(what="Get-VMHost", error="You do not have the required permission to complete this task."),),
    ),
    "azure": with_computer(manufacturer="Microsoft Corporation", model="Virtual Machine"),
    "azure-no-role": with_computer(
        replace(WITHOUT_ROLE), manufacturer="Microsoft Corporation", model="Virtual Machine", hypervisor_present=True
    ),
    "kvm": with_computer(manufacturer="QEMU", model="Standard PC (Q35 + ICH9, 2009)"),
    "small": with_computer(total_physical_memory=Size(3 * GB)),
    "full": with_hyper_v(vms=(vm("big", state="Running", memory_assigned=Size(62 * GB)),)),
    "nothing-known": HostState(
        computer=ComputerState(name="HV01"),
        unread=(
            Unread(what="GetCimInstanceCommand", error="Access is denied."),
            Unread(what="Get-WindowsFeature", error="Access is denied."),
        ),
    ),
    "versions-unknown": with_versions(READY, ""),
    "busy": replace(
        with_hyper_v(
            vms=(vm("twin"), vm("Twin")),
            switches=(SwitchState(id="C08CB7B8-9B3C-408E-8E30-5E16A3AEB444", name="Default Switch", switch_type="Internal"),),
        ),
        nats=(NatState(name="DockerNAT", internal_prefix=IPv4Network("10.0.75.0/24")),),
        unread=(Unread(what="Get-DhcpServerv4Scope", error="Access is denied."),),
    ),
    "old-nat": replace(with_computer(build=17763), nats=(NatState(name="DockerNAT", internal_prefix=IPv4Network("10.0.75.0/24")),)),
    "no-winnat": replace(READY, unread=(Unread(what="Get-NetNat", error="Invalid class"),)),
    "vms": with_hyper_v(
        vms=(
            vm("ready"),
            vm("nested", expose_virtualization_extensions=True, state="Running"),
            vm("running", state="Running"),
            vm("saved", state="Saved", version="5.0", dynamic_memory_enabled=True, memory_minimum=Size(GB), memory_maximum=Size(4 * GB)),
            vm(
                "exposed",
                expose_virtualization_extensions=True,
                memory_startup=Size(2 * GB),
                dynamic_memory_enabled=True,
                memory_maximum=Size(GB),
            ),
            vm("checkpoint", parent_checkpoint_id="8f0f"),
        )
    ),
}
"""One state for every situation the rules of a host know."""
