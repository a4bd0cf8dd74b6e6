"""The reasons for a topology's settings, as sentences."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.enumerations import all_of
from nestlab.model import MachinePath, path_text
from nestlab.model.topology import (
    VM,
    NetworkAdapter,
    SecureBoot,
    Switch,
    SwitchType,
    Topology,
    image_named,
    is_generalized,
    secure_boot_template,
    with_image_names,
)
from nestlab.texts import tr

Reason = tuple[str, str]
"""The switch, VM or adapter that a setting belongs to, and the reason for the setting."""


def setting_reasons(topology: Topology, path: MachinePath, machine: Topology | VM) -> Iterator[str]:
    """Yield the reasons for the settings of a host's switches and of the VMs on it.

    Settings with the same reason share one sentence.
    """
    subjects: dict[str, list[str]] = {}
    for subject, why in _reasons(topology, path, machine):
        subjects.setdefault(why, []).append(subject)
    yield from (f"{', '.join(names)}: {why}" for why, names in subjects.items())


def _reasons(topology: Topology, path: MachinePath, machine: Topology | VM) -> Iterator[Reason]:
    where = path_text(path) if path else tr("the host")
    for switch in machine.switches:
        yield from (
            (tr("Switch {switch}", switch=switch.name), why)
            for why in _switch_reasons(where, switch)
        )
    yield from _image_reasons(topology, path, machine)
    for vm in machine.vms:
        yield from ((vm.name, why) for why in _vm_reasons(topology, vm))
    for vm in machine.vms:
        for adapter in vm.network_adapters:
            subject = tr("{adapter} of {vm}", adapter=adapter.name, vm=vm.name)
            yield from ((subject, why) for why in _adapter_reasons(vm, adapter))


def _switch_reasons(machine: str, switch: Switch) -> Iterator[str]:
    if switch.existing:
        yield tr("it exists already, and is used, but never created, changed or removed.")
        return
    if switch.switch_type is SwitchType.PRIVATE:
        yield tr(
            "Private, so VMs on it reach each other, and {machine} has no adapter on it.",
            machine=machine,
        )
    if switch.switch_type is SwitchType.EXTERNAL:
        yield from _external_reasons(machine, switch)
    if switch.switch_type is SwitchType.INTERNAL:
        yield (
            tr("Internal, so VMs on it reach each other and {machine}.", machine=machine)
            if switch.nat
            else tr(
                "Internal, so VMs on it reach each other and {machine}, and nothing beyond it.",
                machine=machine,
            )
        )
    if switch.nat:
        yield (
            tr(
                "NAT translates {nat} to the address of {machine}, so that VMs on it reach what {machine} reaches; from outside they are reached through port forwards only.",
                nat=switch.nat,
                machine=machine,
            )
        )
    if switch.dhcp:
        yield tr(
            "the DHCP server of {machine} assigns addresses, so that VMs on it need no static ones.",
            machine=machine,
        )


def _external_reasons(machine: str, switch: Switch) -> Iterator[str]:
    adapters = ", ".join(switch.net_adapters)
    yield tr(
        "External, so VMs on it are in the network of {adapters}, an adapter of {machine}.",
        adapters=adapters,
        machine=machine,
    )
    if switch.is_team:
        yield tr(
            "its adapters are one team (Switch Embedded Teaming), which stays connected when one of them fails."
        )
    if not switch.allow_management_os:
        yield tr(
            "{machine} has no adapter of its own on it: only the VMs use the network.",
            machine=machine,
        )


def _image_reasons(
    topology: Topology, path: MachinePath, machine: Topology | VM
) -> Iterator[Reason]:
    named = machine if path else with_image_names(machine, topology.images)
    used = dict.fromkeys(disk.image for vm in named.vms for _, disk in vm.all_disks if disk.image)
    for name in filter(None, used):
        yield (
            tr("Image {image}", image=name),
            tr(
                "disks on it are differencing disks: each holds only what differs from the image, which must not change."
            ),
        )
        if path and image_named(topology.images, name) is not None:
            yield (
                tr("Image {image}", image=name),
                tr(
                    "nestlab copies it into {path}, because VMs there cannot use a file of the host.",
                    path=path_text(path),
                ),
            )


def _vm_reasons(topology: Topology, vm: VM) -> Iterator[str]:
    if vm.nested is not None and vm.exposes_extensions:
        yield tr("virtualization extensions are exposed, because Hyper-V inside a VM needs them.")
    if vm.nested is not None and vm.dynamic_memory is None:
        yield tr(
            "memory is static, because Hyper-V does not change the memory of a VM while a hypervisor runs in it."
        )
    if vm.nested is None and vm.exposes_extensions:
        yield tr("virtualization extensions are exposed, so that a hypervisor can run in it.")
    if vm.generation == 1:
        yield tr(
            "generation 1 (BIOS), for guests that do not start with UEFI; it has no Secure Boot."
        )
    template = secure_boot_template(topology.images, vm)
    if vm.secure_boot is None and template is SecureBoot.UEFI_CA:
        yield tr(
            "the Secure Boot template is MicrosoftUEFICertificateAuthority, which signs the boot loaders of Linux."
        )
    if vm.tpm:
        yield tr(
            "a virtual TPM, for guests that require one (Windows 11) or encrypt their disk with it."
        )
    if vm.has_seed:
        yield tr(
            "a seed disk for cloud-init sets up its Linux, which PowerShell Direct does not reach."
        )
    if is_generalized(topology.images, vm):
        yield tr(
            "its image is generalized: nestlab writes an answer file into its disk, and Windows sets itself up at the first boot."
        )
    yield from _role_reasons(vm)


def _role_reasons(vm: VM) -> Iterator[str]:
    if vm.nat is not None:
        yield tr(
            "it is a router with a NAT: packets from {inside} leave through {outside} with the VM's address there.",
            inside=vm.nat.inside,
            outside=vm.nat.outside,
        )
    elif vm.forwarding:
        yield tr("it forwards packets between its adapters: it is a router.")
    if vm.guest.features:
        yield tr("its Windows Server has {features} installed.", features=all_of(vm.guest.features))


def _adapter_reasons(vm: VM, adapter: NetworkAdapter) -> Iterator[str]:
    if adapter.mac_address_spoofing:
        yield tr(
            "MAC address spoofing is on: frames of VMs inside leave with their own MAC addresses, which the switch drops otherwise."
        )
    if vm.allows_teaming(adapter):
        yield tr("teaming is allowed, so that it can be a member of a team in the guest.")
    if adapter.dhcp_server:
        yield tr(
            "the guest serves {first} to {last} by DHCP on it, so that the VMs on its network need no static addresses.",
            first=adapter.dhcp_server.first,
            last=adapter.dhcp_server.last,
        )
    if not adapter.connected:
        yield tr("not connected on purpose: the file says connected: false.")
