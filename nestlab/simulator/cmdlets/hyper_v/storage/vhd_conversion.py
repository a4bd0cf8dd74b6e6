"""Convert-VHD: copies a virtual disk to one of another format or type."""

from __future__ import annotations

from nestlab.dataclass import dataclass
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour.attachments import missing_file
from nestlab.simulator.behaviour.power import disk_with_system
from nestlab.simulator.cmdlets.hyper_v.storage.vhd import (
    BUSY,
    VHD_MAXIMUM,
    full_path,
    is_vhd_format,
    parent_error,
    path_error,
    require_vhd,
    vhd_record,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.state import disk_files
from nestlab.simulator.state.machine import File, Machine

_BYTES_PER_SECOND = 200 << 20


@dataclass(frozen=True)
class _Destination:
    path: str
    disk_type: str  # a name of VhdType
    parent: str


@cmdlet("Convert-VHD")
def convert_vhd(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Convert-VHD: copies the contents of a disk into a new one.

    The extension determines the format. The type is that of the source, unless -VHDType is given.
    """
    source = require_vhd(machine, bound, bound.text("Path"))
    wanted = _Destination(
        path=full_path(machine, bound.text("DestinationPath")),
        disk_type=bound.text("VHDType", source.disk_type),
        parent=full_path(machine, bound.text("ParentPath")) if "ParentPath" in bound else "",
    )
    error = _conversion_error(machine, bound, source, wanted)
    if error is not None:
        raise error
    target = _convert(machine, source, wanted)
    machine.world.clock.advance(target.length / _BYTES_PER_SECOND)
    if bound.is_present("DeleteSource"):
        del machine.files[source.path.lower()]
    if bound.is_present("Passthru"):
        sink.output(vhd_record(machine, target))


def _conversion_error(
    machine: Machine, bound: Bound, source: File, wanted: _Destination
) -> PowerShellError | None:
    failed = f"Failed to convert the virtual disk.\nThe system failed to convert '{source.path}'"
    if disk_files.is_open(machine, source.path):
        return cmdlet_errors.vhd(bound.name, "ObjectInUse", f"{failed}: {BUSY}", source.path)
    missing = missing_file(machine, source.path)
    if missing:
        message = f"{failed}: The system cannot find the file specified. (0x80070002). '{missing}'"
        return cmdlet_errors.vhd(bound.name, "ObjectNotFound", message, missing)
    error = path_error(machine, bound.name, wanted.path)
    if error is not None:
        return error
    differencing = wanted.disk_type == "Differencing"
    too_large = is_vhd_format(wanted.path) and source.size > VHD_MAXIMUM
    if wanted.disk_type == "Unknown" or differencing != bool(wanted.parent) or too_large:
        message = f"{failed}: The parameter is incorrect. (0x80070057)."
        return cmdlet_errors.vhd(bound.name, "InvalidParameter", message, source.path)
    if differencing:
        return parent_error(machine, bound.name, wanted.path, wanted.parent, source.size)
    return None


def _convert(machine: Machine, source: File, wanted: _Destination) -> File:
    target = disk_files.create(
        machine,
        wanted.path,
        size=source.size,
        disk_type=wanted.disk_type,
        parent=wanted.parent,
    )
    system = source if wanted.disk_type == "Differencing" else disk_with_system(machine, source)
    if system is not None:
        target.operating_system = system.operating_system
    if source.system is not None:
        target.system = disk_files.copy_system(source.system)
        target.system.attach(machine.world, machine)
    if wanted.disk_type != "Fixed":
        files = [machine.file(each) for each in disk_files.chain(machine, source.path)]
        merged = files if wanted.disk_type == "Dynamic" else files[:1]
        target.length = min(sum(file.length for file in merged if file is not None), source.size)
    return target
