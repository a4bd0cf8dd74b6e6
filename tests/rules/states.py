"""Host states of well-known machines, for the rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

from nestlab.model import Size
from nestlab.model.state import (
    ComputerState,
    EventState,
    HostState,
    HyperVState,
    IPInterfaceState,
    NatState,
    NetAdapterState,
    NetworkAdapterState,
    ProcessorState,
    SecurityState,
    SwitchState,
    Unread,
    VirtualMachineState,
    VlanState,
    VMHostState,
    VolumeState,
)

GB = 1 << 30
INTEL = ProcessorState(
    manufacturer="GenuineIntel", name="Intel(R) Xeon(R) Gold 6338", number_of_logical_processors=32
)
AMD = ProcessorState(
    manufacturer="AuthenticAMD", name="AMD EPYC 7763", number_of_logical_processors=64
)
VERSIONS = ("8.0", "8.1", "8.2", "8.3", "9.0", "9.1", "9.2", "9.3", "10.0")

STARTED = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)
LAST_START = EventState(
    id=12, provider_name="Microsoft-Windows-Kernel-General", time_created=STARTED
)
CHECK_FAILED = EventState(
    id=124,
    provider_name="Microsoft-Windows-Kernel-Boot",
    time_created=STARTED + timedelta(seconds=2),
)
SECURE = SecurityState(
    virtualization_based_security_status=0,
    enable_virtualization_based_security=0,
    hypervisor_load_options=(),
    isolated_user_mode="",
    secure_boot="On",
    start_events=(LAST_START,),
    elevated=True,
    running_services=frozenset({"vmms"}),
)

READY = HostState(
    host="winrms://hv01",
    computer=ComputerState(
        name="HV01",
        caption="Microsoft Windows Server 2022 Datacenter",
        build=20348,
        operating_system_sku=8,
        manufacturer="Contoso",
        model="CS-R640",
        total_physical_memory=Size(64 * GB),
        hypervisor_present=True,
        data_execution_prevention_available=True,
    ),
    processors=(INTEL,),
    security=SECURE,
    volumes=(VolumeState(device_id="D:", size=Size(100 * GB), free_space=Size(80 * GB)),),
    features=frozenset({"Hyper-V", "Hyper-V-PowerShell"}),
    hyper_v=HyperVState(
        vm_host=VMHostState(
            logical_processor_count=32,
            memory_capacity=Size(64 * GB),
            virtual_hard_disk_path="D:\\vhds",
            mac_address_minimum="00155D000A00",
            mac_address_maximum="00155D000AFF",
            supported_versions=VERSIONS,
            default_version="10.0",
        ),
        existing_disks=frozenset({r"d:\images\ws2022.vhdx"}),
    ),
    net_adapters=(
        NetAdapterState(
            name="Ethernet", interface_description="Intel(R) X710", ndis_physical_medium=14
        ),
    ),
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
    return with_hyper_v(
        state,
        vm_host=replace(
            state.hyper_v.vm_host, supported_versions=versions, default_version=versions[-1]
        ),
    )


def vm(name="old", **changes):
    plain = {
        "id": f"id-{name}",
        "name": name,
        "state": "Off",
        "version": "10.0",
        "memory_startup": Size(8 * GB),
    }
    return VirtualMachineState(**{**plain, **changes})


WITHOUT_ROLE = with_computer(
    replace(READY, hyper_v=None, features=frozenset()), hypervisor_present=False
)
FLAGS_ON = replace(
    INTEL,
    virtualization_firmware_enabled=True,
    second_level_address_translation_extensions=True,
    vm_monitor_mode_extensions=True,
)
FLAGS_OFF = replace(
    INTEL,
    virtualization_firmware_enabled=False,
    second_level_address_translation_extensions=False,
    vm_monitor_mode_extensions=False,
)

HOSTS = {
    "ws2022-intel": READY,
    "ws2025-amd": with_versions(
        with_computer(replace(READY, processors=(AMD,)), build=26100),
        *VERSIONS,
        "11.0",
        "12.0",
        "254.0",
    ),
    "amd-version-9-3": with_versions(replace(READY, processors=(AMD,)), "9.2", "9.3"),
    "ws2019-amd": with_versions(
        with_computer(
            replace(READY, processors=(AMD,)), build=17763, caption="Windows Server 2019"
        ),
        "8.0",
        "9.0",
    ),
    "ws2012r2-intel": with_versions(
        with_computer(build=9600, caption="Windows Server 2012 R2"), "5.0"
    ),
    "arm64": replace(
        READY,
        processors=(ProcessorState(manufacturer="Qualcomm", name="Snapdragon X", architecture=12),),
    ),
    "other-maker": replace(
        READY, processors=(ProcessorState(manufacturer="CentaurHauls", name="VIA"),)
    ),
    "no-role": replace(WITHOUT_ROLE, processors=(FLAGS_ON,)),
    "no-role-client": with_computer(
        replace(WITHOUT_ROLE, processors=(FLAGS_ON,)), product_type=1, caption="Windows 11 Pro"
    ),
    "firmware-off": replace(
        WITHOUT_ROLE, processors=(replace(FLAGS_ON, virtualization_firmware_enabled=False),)
    ),
    "old-processor": replace(WITHOUT_ROLE, processors=(FLAGS_OFF,)),
    "restart-pending": replace(
        WITHOUT_ROLE, processors=(FLAGS_ON,), pending_features=frozenset({"Hyper-V"})
    ),
    "role-not-answering": replace(READY, hyper_v=None),
    "home": with_computer(
        replace(WITHOUT_ROLE, processors=(FLAGS_ON,)),
        operating_system_sku=101,
        product_type=1,
        caption="Windows 11 Home",
    ),
    "no-rights": replace(
        READY,
        hyper_v=None,
        unread=(
            Unread(
                what="Get-VMHost",
                error="You do not have the required permission to complete this task.",
            ),
        ),
    ),
    "azure": with_computer(manufacturer="Microsoft Corporation", model="Virtual Machine"),
    "azure-no-role": with_computer(
        replace(WITHOUT_ROLE),
        manufacturer="Microsoft Corporation",
        model="Virtual Machine",
        hypervisor_present=True,
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
            switches=(
                SwitchState(
                    id="C08CB7B8-9B3C-408E-8E30-5E16A3AEB444",
                    name="Default Switch",
                    switch_type="Internal",
                ),
            ),
        ),
        nats=(NatState(name="DockerNAT", internal_prefix=IPv4Network("10.0.75.0/24")),),
        unread=(Unread(what="Get-DhcpServerv4Scope", error="Access is denied."),),
    ),
    "jumbo-on-wireless": replace(
        READY,
        net_adapters=(replace(READY.net_adapters[0], ndis_physical_medium=9),),
        ip_interfaces=(replace(READY.ip_interfaces[0], nl_mtu=9014),),
    ),
    "azure-with-vms": replace(
        with_computer(manufacturer="Microsoft Corporation", model="Virtual Machine"),
        ip_interfaces=(
            replace(READY.ip_interfaces[0], dns_servers=(IPv4Address("168.63.129.16"),)),
        ),
    ),
    "azure-trusted-launch": replace(
        with_computer(
            WITHOUT_ROLE,
            manufacturer="Microsoft Corporation",
            model="Virtual Machine",
            hypervisor_present=True,
        ),
        ip_interfaces=(
            replace(READY.ip_interfaces[0], dns_servers=(IPv4Address("168.63.129.16"),)),
        ),
        security=replace(
            SECURE, virtualization_based_security_status=2, security_services_running=(1, 2)
        ),
    ),
    "execution-prevention-off": with_computer(
        replace(WITHOUT_ROLE, processors=(FLAGS_ON,)), data_execution_prevention_available=False
    ),
    "execution-prevention-on": with_computer(data_execution_prevention_available=True),
    "preview-build": with_computer(build=14357),
    "boot-option": replace(
        READY, security=replace(SECURE, hypervisor_load_options=("OFFERNESTEDVIRT=FALSE",))
    ),
    "secured": replace(
        READY,
        security=replace(
            SECURE,
            virtualization_based_security_status=2,
            security_services_running=(1,),
            enable_virtualization_based_security=1,
        ),
    ),
    "security-left-behind": replace(
        READY, security=replace(SECURE, start_events=(CHECK_FAILED, LAST_START))
    ),
    "security-check-of-an-earlier-start": replace(
        READY,
        security=replace(
            SECURE,
            start_events=(
                replace(CHECK_FAILED, time_created=STARTED - timedelta(days=1)),
                LAST_START,
            ),
        ),
    ),
    "security-in-the-registry": replace(
        READY, security=replace(SECURE, enable_virtualization_based_security=1)
    ),
    "hypervisor-stopped": with_computer(
        replace(READY, processors=(FLAGS_ON,)), hypervisor_present=False
    ),
    "not-elevated": replace(
        READY, security=SecurityState(elevated=False, running_services=SECURE.running_services)
    ),
    "service-stopped": replace(
        READY,
        hyper_v=None,
        security=replace(SECURE, running_services=frozenset({"hns"})),
        unread=(
            Unread(
                what="Get-VMHost",
                error="Verify that the Virtual Machine Management service on the computer is running.",
            ),
        ),
    ),
    "disk-full": replace(
        with_hyper_v(
            vm_host=replace(
                READY.hyper_v.vm_host,
                virtual_hard_disk_path="D:\\vhds",
                mac_address_minimum="00155D000A00",
                mac_address_maximum="00155D000AFF",
            )
        ),
        volumes=(VolumeState(device_id="D:", size=Size(100 * GB), free_space=Size(10 * GB)),),
    ),
    "disk-free": replace(
        with_hyper_v(vm_host=replace(READY.hyper_v.vm_host, virtual_hard_disk_path="D:\\vhds")),
        volumes=(VolumeState(device_id="D:", size=Size(100 * GB), free_space=Size(80 * GB)),),
    ),
    "containers": replace(
        READY,
        features=READY.features | {"Containers"},
        security=replace(SECURE, running_services=frozenset({"vmms", "hns"})),
    ),
    "amd-vms": with_hyper_v(
        with_versions(replace(READY, processors=(AMD,)), *VERSIONS),
        vms=(vm("nine", version="9.0"), vm("disputed", version="9.3"), vm("ten")),
    ),
    "adapters": with_hyper_v(
        vms=(
            vm(
                "nested",
                expose_virtualization_extensions=True,
                state="Running",
                processor_count=226,
                network_adapters=(
                    NetworkAdapterState(
                        id="1",
                        name="Ethernet",
                        switch_name="LabNet",
                        connected=True,
                        mac_address="00155D000A01",
                        vlan=VlanState(operation_mode="Access", access_vlan_id=10),
                    ),
                    NetworkAdapterState(
                        id="2",
                        name="Other",
                        mac_address="00155D000A01",
                        mac_address_spoofing=True,
                        connected=True,
                    ),
                ),
            ),
            vm("many", processor_count=64, state="Paused"),
        ),
        vm_host=replace(
            READY.hyper_v.vm_host,
            mac_address_minimum="00155D000A00",
            mac_address_maximum="00155D000AFF",
        ),
    ),
    "old-nat": replace(
        with_computer(build=17763),
        nats=(NatState(name="DockerNAT", internal_prefix=IPv4Network("10.0.75.0/24")),),
    ),
    "no-winnat": replace(READY, unread=(Unread(what="Get-NetNat", error="Invalid class"),)),
    "vms": with_hyper_v(
        vms=(
            vm("ready"),
            vm("nested", expose_virtualization_extensions=True, state="Running"),
            vm("running", state="Running"),
            vm(
                "saved",
                state="Saved",
                version="5.0",
                dynamic_memory_enabled=True,
                memory_minimum=Size(GB),
                memory_maximum=Size(4 * GB),
            ),
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
    "little-known": replace(
        with_hyper_v(
            with_computer(build=0, hypervisor_present=None),
            vm_host=replace(READY.hyper_v.vm_host, mac_address_minimum="", mac_address_maximum=""),
            vms=(vm("undated", version=""),),
        ),
        security=replace(SECURE, running_services=None),
        volumes=(),
    ),
    "vms-not-read": replace(
        with_hyper_v(vms=(vm("nested"),)),
        unread=(Unread(what="Get-VMProcessor", error="Access is denied."),),
    ),
    "exposed-on-an-old-build": with_hyper_v(
        with_computer(build=9600, caption="Windows Server 2012 R2"),
        vms=(vm("nested", expose_virtualization_extensions=True),),
    ),
}
"""One state for every situation the rules of a host know."""
