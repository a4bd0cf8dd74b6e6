"""Starting and stopping virtual machines, and the systems inside them."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.simulator.behaviour import cloud_init, hyper_v_role, volumes
from nestlab.simulator.behaviour.feature_changes import finish_pending
from nestlab.simulator.behaviour.firmware import firmware_boots
from nestlab.simulator.behaviour.first_boot import windows_setup
from nestlab.simulator.behaviour.naming import free_name
from nestlab.simulator.behaviour.start_conditions import start_error
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.checks.state_checks import LATEST_TIME
from nestlab.simulator.state.clock import utc_time
from nestlab.simulator.state.hardware import Hardware, Processors
from nestlab.simulator.state.machine import File, Machine
from nestlab.simulator.state.networking import IPInterface, NetAdapter
from nestlab.simulator.state.operating_systems import OPERATING_SYSTEMS
from nestlab.simulator.state.virtual_machine import NO_MAC, VirtualMachine

NEVER = LATEST_TIME
"""The `ready_at` of a system that does not boot: the latest time that a state file can have."""
START_SECONDS = 3.0
SHUTDOWN_SECONDS = 12.0

ADAPTER_DESCRIPTION = "Microsoft Hyper-V Network Adapter"


def run_vm(machine: Machine, vm: VirtualMachine) -> None:
    """Start or resume a VM; one that was off boots, with its missing MAC addresses assigned."""
    if machine.hyper_v is None:
        return
    resumed = vm.state in ("Saved", "Paused")
    if not resumed:
        _take_automatic_checkpoint(machine, vm)
    for adapter in vm.settings.adapters:
        if adapter.dynamic_mac_address and adapter.mac_address == NO_MAC:
            adapter.mac_address = hyper_v_role.free_mac(machine.hyper_v)
    vm.state, vm.ran_at_shutdown = "Running", False
    if vm.settings.memory.dynamic and machine.world.quirks.dynamic_memory_undoes_extensions:
        vm.settings.processor.expose_virtualization_extensions = False  # microsoft/MSLab#133
    for drive in vm.settings.drives:
        disk = machine.file(drive.path) if drive.kind == "disk" else None
        if disk is not None:
            disk_files.record_write(disk)
    if not resumed:
        vm.started = machine.world.clock.now
        boot_guest(machine, vm)


def _take_automatic_checkpoint(machine: Machine, vm: VirtualMachine) -> None:
    """Take the checkpoint of a VM that starts with automatic checkpoints and has no other.

    This is how Microsoft announced them in 2017 ("Making it easier to revert"). The form of
    the name is inferred.
    """
    if vm.automatic_checkpoints and vm.checkpoint_type != "Disabled" and not vm.snapshots:
        taken = f"{utc_time(machine.world.clock.now):%m/%d/%Y - %I:%M:%S %p}"
        name = f"Automatic Checkpoint - {vm.name} - ({taken})"
        disk_files.add_checkpoint(machine, vm, name, automatic=True)


def boot_guest(machine: Machine, vm: VirtualMachine) -> None:
    """Start the system on the boot disk of a VM, if any; it is up after its boot time."""
    file = machine.file(vm.boot_disk) if vm.boot_disk else None
    if file is None:
        return
    if file.system is None:
        file.system = _new_guest(machine, file)
    if file.system is None:
        return
    apply_vm_hardware(file.system, vm)
    if firmware_boots(machine, vm, file, file.system.operating_system.family):
        _boot_system(machine, file, file.system)
        if file.system.operating_system.family == "linux":
            seeds = volumes.files_of_labelled_volumes(machine, vm, cloud_init.LABEL)
            cloud_init.run_cloud_init(file.system, seeds)
            if file.system.dhcp_scopes:
                machine.world.dhcp_servers[id(file.system)] = file.system
    else:
        file.system.ready_at = NEVER


def _boot_system(machine: Machine, file: File, guest: Machine) -> None:
    """Start a system; a generalized image runs Windows Setup first, and restarts after it."""
    if not guest.setup_screen:
        boot(guest)
        return
    if guest.setup_screen in windows_setup.WAITING:
        windows_setup.set_up(guest, volumes.read_partitions(machine, file))
    seconds = guest.operating_system.boot_seconds
    boot(guest, extra_seconds=seconds)
    guest.accounts_created_at = guest.ready_at + seconds
    if guest.setup_screen and guest.setup_screen not in windows_setup.WAITING:
        guest.ready_at = NEVER


def boot(machine: Machine, extra_seconds: float = 0.0) -> None:
    """Start a system: pending features take effect, then VMs start as configured."""
    now = machine.world.clock.now
    seconds = machine.operating_system.boot_seconds + extra_seconds
    machine.booted_at = now + seconds / 3
    machine.ready_at = now + seconds
    machine.services.clear()
    for file in volumes.mounted_disks(machine):
        volumes.dismount(machine, file)  # a mount does not survive a restart
    for adapter in machine.adapters:
        adapter.ip.release()
        for address in adapter.ip.addresses:
            address.found_in_use = False  # Windows tests its addresses again
    machine.name, machine.new_name = machine.new_name or machine.name, ""
    finish_pending(machine)
    for vm in machine.hyper_v.vms if machine.hyper_v else ():
        starts = vm.automatic_start_action == "Start" or (
            vm.automatic_start_action == "StartIfRunning" and vm.ran_at_shutdown
        )
        if starts and not vm.is_powered_on and start_error(machine, vm) is None:
            run_vm(machine, vm)
        vm.ran_at_shutdown = False


def restart(machine: Machine) -> None:
    """Restart a system; it is up again after its boot time.

    This includes the second restart that a newly installed hypervisor needs.
    """
    second = (
        machine.operating_system.boot_seconds
        if machine.features.get("Hyper-V") == "InstallPending"
        else 0.0
    )
    shut_down(machine, power_cut=False)
    boot(machine, extra_seconds=SHUTDOWN_SECONDS + second)


def shut_down(machine: Machine, *, power_cut: bool) -> None:
    """Shut a system down: VMs inside are saved, shut down or turned off as configured.

    In a power cut, all of them are turned off.
    """
    for vm in machine.hyper_v.vms if machine.hyper_v else ():
        if not vm.is_powered_on:
            continue
        vm.ran_at_shutdown = not power_cut
        is_saved = not power_cut and vm.automatic_stop_action == "Save"
        turn_off(machine, vm, power_cut=power_cut, is_saved=is_saved)


def turn_off(
    machine: Machine, vm: VirtualMachine, *, power_cut: bool, is_saved: bool = False
) -> None:
    """Turn a VM off or save it; its guest shuts down before that, except in a power cut.

    A VM that shut down loses its automatic checkpoint; one that was turned off keeps it.
    """
    guest = machine.guest(vm)
    if guest is not None:
        shut_down(guest, power_cut=power_cut)
        guest.ready_at = 0.0
    vm.state = "Saved" if is_saved else "Off"
    if not power_cut and not is_saved:
        for snapshot in [each for each in vm.snapshots if each.automatic]:
            disk_files.remove_checkpoint(machine, vm, snapshot)


def guest_is_up(machine: Machine, vm: VirtualMachine) -> bool:
    """Whether the system in a VM has finished its start."""
    return running_guest(machine, vm) is not None


def running_guest(machine: Machine, vm: VirtualMachine) -> Machine | None:
    """Return the system in a VM; None until it has finished its start."""
    if vm.state != "Running":
        return None
    guest = machine.guest(vm)
    up = guest is not None and guest.ready_at <= machine.world.clock.now
    return guest if up else None


def disk_with_system(machine: Machine, file: File) -> File | None:
    """Return the disk of a chain that the system was installed on; None if there is no system."""
    current: File | None = file
    while current is not None and not current.operating_system:
        current = machine.file(current.parent) if current.parent else None
    return current


def _new_guest(machine: Machine, file: File) -> Machine | None:
    image = disk_with_system(machine, file)
    if image is None:
        return None
    system = replace(OPERATING_SYSTEMS[image.operating_system])
    guest = Machine(
        name=f"WIN-{machine.world.new_id()[:8].upper()}",
        operating_system=system,
        hardware=Hardware(),
    )
    guest.attach(machine.world, machine)
    if image.generalized and system.family == "windows":
        guest.setup_screen = windows_setup.NOT_STARTED
    return guest


def apply_vm_hardware(guest: Machine, vm: VirtualMachine) -> None:
    """Set the hardware of a guest to that of its virtual machine."""
    outer_host = guest.outer_host
    if outer_host is None:
        return
    exposed = vm.settings.processor.expose_virtualization_extensions
    physical = outer_host.hardware.processors
    guest.hardware = Hardware(
        manufacturer="Microsoft Corporation",
        model="Virtual Machine",
        memory=vm.settings.memory.startup,
        processors=Processors(
            physical.manufacturer, physical.name, physical.architecture, 1, vm.settings.processor.count, vm.settings.processor.count,
            exposed, exposed, exposed,
        ),
        virtual=True,
        secure_boot=_secure_boot(vm),
    )  # fmt: skip
    update_guest_adapters(guest, vm)


def _secure_boot(vm: VirtualMachine) -> str:
    # Generation 1 has a BIOS, which does not support Secure Boot.
    if vm.generation == 1:
        return "Unsupported"
    return "On" if vm.settings.firmware.secure_boot else "Off"


def update_guest_adapters(guest: Machine, vm: VirtualMachine) -> None:
    """Update the adapters that a guest sees to those of its VM.

    New ones are named ``Ethernet``, ``Ethernet 2``, ... in order.
    """
    present = {adapter.id: adapter for adapter in vm.settings.adapters}
    kept = [
        adapter
        for adapter in guest.adapters
        if adapter.kind != "synthetic" or adapter.port in present
    ]
    known = {adapter.port: adapter for adapter in kept if adapter.kind == "synthetic"}
    guest.adapters = kept
    for adapter_id, source in present.items():
        adapter = known.get(adapter_id)
        if adapter is None:
            adapter = _new_adapter(guest, adapter_id)
            guest.adapters.append(adapter)
        adapter.mac_address = source.mac_address
        adapter.link = bool(source.switch_id)


def _new_adapter(guest: Machine, adapter_id: str) -> NetAdapter:
    world = guest.world
    descriptions = {adapter.interface_description for adapter in guest.adapters}
    return NetAdapter(
        name=free_name("Ethernet", {adapter.name for adapter in guest.adapters}, " {}"),
        interface_description=free_name(ADAPTER_DESCRIPTION, descriptions, " #{}"),
        interface_index=world.new_interface_index(),
        mac_address=NO_MAC,
        device_id="{" + world.new_id().upper() + "}",
        kind="synthetic",
        port=adapter_id,
        ip=IPInterface(),
    )
