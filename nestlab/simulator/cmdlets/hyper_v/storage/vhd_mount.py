"""Mount-VHD and Dismount-VHD, which attach virtual disks to the host's own Windows."""

from __future__ import annotations

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import volumes
from nestlab.simulator.cmdlets.hyper_v.storage.vhd import (
    BUSY,
    mounted_disk,
    require_vhd,
    vhd_record,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import Machine

_FIRST_NUMBER = 1  # number 0 is the system disk


@cmdlet("Mount-VHD")
def mount_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Mount-VHD: fails while the disk is open for writing.

    Unless -ReadOnly is given, Windows opens the disk for writing.
    """
    for item in bound.values("Path"):
        file = require_vhd(machine, bound, str(item))
        read_only = bound.is_present("ReadOnly")
        failed = f"Failed to mount the virtual disk.\nThe system failed to mount '{file.path}'"
        mismatched = disk_files.mismatched_disk(machine, file.path)
        if file.disk_number is not None or (
            disk_files.file_open_for_writing if read_only else disk_files.blocking_file
        )(machine, file.path):
            sink.error(
                cmdlet_errors.vhd(bound.name, "ObjectInUse", f"{failed}: {BUSY}", file.path).record
            )
            continue
        if mismatched:
            message = f"{failed}: {disk_files.CHANGED_PARENT} (0xC03A000E)."
            sink.error(cmdlet_errors.vhd(bound.name, "OperationFailed", message, mismatched).record)
            continue
        letters = not bound.is_present("NoDriveLetter")
        number = _free_number(machine)
        volumes.mount(machine, file, number, read_only=read_only, letters=letters)
        if not read_only:
            disk_files.record_write(file)
        machine.world.clock.advance(1.0)
        if bound.is_present("Passthru"):
            sink.output(vhd_record(machine, file))


def _free_number(machine: Machine) -> int:
    used = {file.disk_number for file in machine.files.values()}
    return next(number for number in range(_FIRST_NUMBER, len(used) + 2) if number not in used)


@cmdlet("Dismount-VHD")
def dismount_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Dismount-VHD: by path, or by disk number."""
    numbers = [mounted_disk(machine, bound, int(number)) for number in bound.values("DiskNumber")]
    for file in [require_vhd(machine, bound, str(item)) for item in bound.values("Path")] + numbers:
        if file.disk_number is None:
            message = f"Failed to dismount the virtual disk.\nThe virtual disk '{file.path}' is not mounted."
            sink.error(cmdlet_errors.vhd(bound.name, "InvalidState", message, file.path).record)
            continue
        volumes.dismount(machine, file)
        if bound.is_present("Passthru"):
            sink.output(vhd_record(machine, file))
