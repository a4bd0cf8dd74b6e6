"""Pipelines that find an object of Hyper-V or Windows by its exact name.

``-Name`` of most commands expands wildcards, and reports a name that it does not find as an error:
the pipelines list all objects, and filter them.
"""

from __future__ import annotations

from nestlab.export.powershell.fields import DataField
from nestlab.export.powershell.step_code import pipeline, where
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.parameter_values import Value

IPV4 = {"AddressFamily": "IPv4"}


def vm(name: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that finds a VM, and what follows it."""
    return pipeline(Cmdlet("Get-VM"), where("Name", DataField("VMName", name)), *further)


def switch(name: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that finds a switch."""
    return pipeline(Cmdlet("Get-VMSwitch"), where("Name", DataField("SwitchName", name)), *further)


def adapter(vm_name: Value, name: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that finds a network adapter of a VM."""
    named = where("Name", DataField("Adapter", name))
    return vm(vm_name, Cmdlet("Get-VMNetworkAdapter"), named, *further)


def management_adapter(name: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that finds a network adapter that a host has on a switch."""
    own = Cmdlet("Get-VMNetworkAdapter", {"ManagementOS": SwitchParameter.ON})
    return pipeline(own, where("Name", DataField("Adapter", name)), *further)


def of_interface(reading: str, alias: Value, *further: Cmdlet) -> Cmdlet:
    """Return the pipeline that reads something of one IPv4 interface of Windows."""
    on = where("InterfaceAlias", DataField("InterfaceAlias", alias))
    return pipeline(Cmdlet(reading, IPV4), on, *further)


def file(path: Value, name: str = "Path") -> Cmdlet:
    """Return the pipeline that says whether a file exists."""
    return Cmdlet("Test-Path", {"LiteralPath": DataField(name, path)})


def equal(name: str, value: Value, key: str = "") -> Cmdlet:
    """Return the filter of objects by a value of the data file."""
    return where(name, DataField(key or name, value))


def computer_named(name: Value) -> Cmdlet:
    """Return the pipeline that says whether Windows has a computer name already."""
    read = Cmdlet("Get-CimInstance", {"ClassName": "Win32_ComputerSystem"})
    return pipeline(read, where("Name", DataField("NewName", name)))


def hyper_v_answers() -> Cmdlet:
    """Return the pipeline that says whether Hyper-V answers on a machine."""
    return Cmdlet("Get-VMHost", {"ErrorAction": "SilentlyContinue"})
