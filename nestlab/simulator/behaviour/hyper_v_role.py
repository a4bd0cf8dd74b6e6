"""The Hyper-V role of a machine: its hypervisor, configuration versions, MAC address pool."""

from __future__ import annotations

from nestlab.simulator.behaviour.network.automatic_address import automatic_address
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import HyperV

_LEGACY = ("5.0", "6.2", "7.0", "7.1")

# From MicrosoftDocs/windowsserverdocs, Upgrade-virtual-machine-version (2025-01-20); build numbers
# are commonly known. Each row: the lowest build, the versions.
_SUPPORTED_VERSIONS: tuple[tuple[int, tuple[str, ...]], ...] = (
    (26100, ("8.0", "8.1", "8.2", "8.3", "9.0", "9.1", "9.2", "9.3", "10.0", "11.0", "12.0")),
    (22621, ("8.0", "8.1", "8.2", "8.3", "9.0", "9.1", "9.2", "9.3", "10.0", "11.0")),
    (20348, ("8.0", "8.1", "8.2", "8.3", "9.0", "9.1", "9.2", "9.3", "10.0")),
    (19041, ("8.0", "8.1", "8.2", "8.3", "9.0", "9.1", "9.2")),
    (18362, (*_LEGACY, "8.0", "8.1", "8.2", "8.3", "9.0", "9.1")),
    (17763, (*_LEGACY, "8.0", "8.1", "8.2", "8.3", "9.0")),
    (17134, (*_LEGACY, "8.0", "8.1", "8.2", "8.3")),
    (16299, (*_LEGACY, "8.0", "8.1", "8.2")),
    (15063, (*_LEGACY, "8.0", "8.1")),
    # The last previews of 14393 support the same versions (dsccommunity/HyperVDsc#55).
    (14352, (*_LEGACY, "8.0")),
    (10240, ("5.0", "6.2")),
    (0, ("5.0",)),
)


def supported_versions(build: int) -> tuple[str, ...]:
    """Return the configuration versions that a host of this build supports, lowest first.

    >>> supported_versions(20348)[-1], supported_versions(14393)[0]
    ('10.0', '5.0')
    """
    return next(versions for lowest, versions in _SUPPORTED_VERSIONS if build >= lowest)


PRERELEASE, EXPERIMENTAL = "254.0", "255.0"
"""Versions that every host supports; VMs of these may not run on another host."""


def supports_version(machine: Machine, version: str) -> bool:
    """Whether a machine supports virtual machines of this configuration version."""
    return version in (
        *supported_versions(machine.operating_system.build),
        PRERELEASE,
        EXPERIMENTAL,
    )


def version_key(version: str) -> tuple[int, ...]:
    """Return the sort key of a configuration version: 9.3 comes before 10.0."""
    return tuple(int(part) for part in version.split("."))


def hypervisor_can_run(machine: Machine) -> bool:
    """Whether the processors and the firmware allow a hypervisor to start on this machine."""
    processors = machine.hardware.processors
    return (
        data_execution_prevention_is_on(machine)
        and processors.virtualization_firmware_enabled
        and processors.second_level_address_translation
        and (processors.vm_monitor_mode or processors.architecture != 9)  # noqa: PLR2004  # 9 is x64
    )


def data_execution_prevention_is_on(machine: Machine) -> bool:
    """Whether data execution prevention is on, as every hypervisor requires; always in a VM."""
    return machine.outer_host is not None or machine.world.quirks.data_execution_prevention


def hypervisor_runs(machine: Machine) -> bool:
    """Whether the machine's own hypervisor is running."""
    return (
        machine.features.get("Hyper-V") == "Installed"
        and machine.hyper_v is not None
        and hypervisor_can_run(machine)
        and not _too_many_processors(machine)
    )


def _too_many_processors(machine: Machine) -> bool:
    # Hyper-V in a VM with Server 2019 or older supports 225 processors (windowsserverdocs,
    # enable-nested-virtualization). That its hypervisor then does not start, while the system does,
    # is an inference.
    maximum = machine.world.quirks.old_hypervisors_processor_maximum
    old = machine.operating_system.build <= 17763  # noqa: PLR2004  # Windows Server 2019
    return (
        machine.outer_host is not None
        and old
        and machine.hardware.processors.logical_processors > maximum
    )


def vmms_ready(machine: Machine) -> bool:
    """Whether the Virtual Machine Management service (vmms) is ready for Hyper-V cmdlets."""
    ready = (
        machine.ready_at + machine.world.quirks.management_service_seconds
        <= machine.world.clock.now
    )
    return machine.hyper_v is not None and machine.services.get("vmms") != "Stopped" and ready


def new_hyper_v(machine: Machine) -> HyperV:
    """Return the state of Hyper-V right after the installation of the role."""
    minimum, maximum = mac_pool(machine)
    return HyperV(
        mac_address_minimum=minimum,
        mac_address_maximum=maximum,
        default_version=supported_versions(machine.operating_system.build)[-1],
        enhanced_session_mode=machine.operating_system.product_type == 1,
    )


def mac_pool(machine: Machine) -> tuple[str, str]:
    """Return the first and the last address of the MAC address pool.

    The pool begins with 00-15-5D and the last two octets of the machine's first IPv4 address: two
    machines with the same last octets, such as clones, assign the same addresses. Where no DHCP
    server has answered, it is the address that Windows gave itself (an inference).
    """
    addresses = [
        address.address for adapter in machine.adapters for address in adapter.ip.addresses
    ]
    asking = [adapter for adapter in machine.adapters if adapter.ip.dhcp]
    addresses += [automatic_address(adapter).address for adapter in asking]
    octets = [int(part) for part in (addresses[0] if addresses else "169.254.0.1").split(".")]
    start = f"00155D{octets[2]:02X}{octets[3]:02X}"
    return start + "00", start + "FF"


def free_mac(hyper_v: HyperV) -> str:
    """Return the lowest unused address of the pool, or the last one if all are used."""
    used = {adapter.mac_address for vm in hyper_v.vms for adapter in vm.settings.adapters}
    used |= {adapter.mac_address for adapter in hyper_v.management_adapters}
    first, last = int(hyper_v.mac_address_minimum, 16), int(hyper_v.mac_address_maximum, 16)
    return next(
        (mac for number in range(first, last + 1) if (mac := f"{number:012X}") not in used),
        hyper_v.mac_address_maximum,
    )
