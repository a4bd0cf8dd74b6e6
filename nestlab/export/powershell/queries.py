"""Pipelines that find an object of Hyper-V or Windows by its exact name.

``-Name`` of most commands expands wildcards, and a name that is not found is an error. Therefore
the pipelines list all objects, and filter them.
"""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.export.powershell.fields import DataField
from nestlab.export.powershell.step_code import Absent, Conflict, pipeline, where
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.parameter_values import Value
from nestlab.pattern import pattern
from nestlab.texts import tr

IPV4 = {"AddressFamily": "IPv4"}


def vm(name: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that finds a VM, with the commands that follow."""
    return pipeline(Cmdlet("Get-VM"), where("Name", DataField("VMName", name)), *further)


def switch(name: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that finds a switch."""
    return pipeline(Cmdlet("Get-VMSwitch"), where("Name", DataField("SwitchName", name)), *further)


def adapter(vm_name: Value, name: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that finds a network adapter of a VM."""
    named = where("Name", DataField("Adapter", name))
    return vm(vm_name, Cmdlet("Get-VMNetworkAdapter"), named, *further)


def management_adapter(name: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that finds a network adapter of the management OS."""
    adapters = Cmdlet("Get-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON})
    return pipeline(adapters, where("Name", DataField("Adapter", name)), *further)


def of_interface(reading: str, alias: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that reads settings of one IPv4 interface of Windows."""
    on = where("InterfaceAlias", DataField("InterfaceAlias", alias))
    return pipeline(Cmdlet(reading, IPV4), on, *further)


def file(path: Value, name: str = "Path") -> Cmdlet:
    """Return the pipeline that finds out whether a file exists."""
    return Cmdlet("Test-Path", {"LiteralPath": DataField(name, path)})


def disk(path: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that finds a virtual disk by its file."""
    found = {"Path": DataField("Path", path), "ErrorAction": "SilentlyContinue"}
    return pipeline(Cmdlet("Get-VHD", found), *further)


def attached(vm_name: Value, path: str) -> Cmdlet:
    r"""Return the pipeline that finds a disk of a VM, also below a checkpoint.

    The name of a checkpoint's disk is the name of its parent, ``_`` and a GUID.
    """
    base = _BRACKETS.sub(r"`\g<0>", path.rpartition(".")[0])
    named = where("Path", DataField("AttachedPath", f"{base}[._]*"), "Like")
    return vm(vm_name, Cmdlet("Get-VMHardDiskDrive"), named)


_BRACKETS = pattern(r"[\[\]`]")  # paths have no other wildcard characters


def equal(name: str, value: Value, key: str = "") -> Cmdlet:
    """Return the filter of objects by a value of the data file."""
    return where(name, DataField(key or name, value))


def other_disk(path: Value, vm_name: str, new: Mapping[str, Value]) -> tuple[Conflict, ...]:
    """Return the conflicts with a file at the path of a new disk that is not that disk.

    `new` are the parameters of New-VHD. The file has another format, another parent or a smaller
    size, or it is attached to another VM.
    """
    wanted = [where("VhdFormat", "VHDX")]
    if "ParentPath" in new:
        wanted.append(equal("ParentPath", new["ParentPath"]))
    else:
        wanted.append(where("VhdType", "Differencing", "NE"))
    if "SizeBytes" in new:
        wanted.append(where("Size", DataField("SizeBytes", new["SizeBytes"]), "GE"))
    others = where("Name", DataField("VMName", vm_name), "NE")
    attached = pipeline(
        Cmdlet("Get-VM"), others, Cmdlet("Get-VMHardDiskDrive"), equal("Path", path)
    )
    what_to_do = tr("Move that file, or give the VM of the lab another name.")
    return (
        Conflict(
            (file(path), Absent(disk(path, *wanted))),
            tr(
                "at the path of the disk of {vm_name} is a file that is not that disk: its format, parent or size differs. {what_to_do}",
                vm_name=vm_name,
                what_to_do=what_to_do,
            ),
        ),
        Conflict(
            (attached,),
            tr(
                "the disk of {vm_name} is attached to another VM. Detach it there, or give the VM of the lab another name.",
                vm_name=vm_name,
            ),
        ),
    )


def computer_named(name: Value) -> Cmdlet:
    """Return the pipeline that finds out whether Windows has a computer name."""
    read = Cmdlet("Get-CimInstance", {"ClassName": "Win32_ComputerSystem"})
    return pipeline(read, where("Name", DataField("NewName", name)))


def hyper_v_answers() -> Cmdlet:
    """Return the pipeline that finds out whether Hyper-V answers on a machine."""
    return Cmdlet("Get-VMHost", {"ErrorAction": "SilentlyContinue"})


def features_installed(names: list[str]) -> Absent:
    """Return what is true where no feature waits for a restart or is missing."""
    read = Cmdlet("Get-WindowsFeature", {"Name": DataField("Features", names)})
    return Absent(pipeline(read, where("InstallState", "Installed", "NE")))
