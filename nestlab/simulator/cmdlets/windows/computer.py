"""Restart-Computer, Stop-Computer, Rename-Computer, Confirm-SecureBootUEFI, and services."""

from __future__ import annotations

import re

from nestlab.dataclass import dataclass
from nestlab.model import EnumValue, Record
from nestlab.pattern import pattern
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import power
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import text, values
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import scalar_record
from nestlab.simulator.powershell.should_process import cannot_prompt
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine


@cmdlet("Restart-Computer")
def restart_computer(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Restart-Computer: ends the session; the machine answers again after booting."""
    power.restart(machine)


@cmdlet("Stop-Computer")
def stop_computer(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Stop-Computer: in a guest, turns off its VM; a host could only be turned on manually."""
    outer_host = machine.outer_host
    vms = (
        outer_host.hyper_v.vms if outer_host is not None and outer_host.hyper_v is not None else []
    )
    vm = next(
        (vm for vm in vms if outer_host is not None and outer_host.guest(vm) is machine), None
    )
    if outer_host is None or vm is None:
        message = "The simulated host cannot be shut down, because it could not be switched on again. Use Restart-Computer."
        raise cmdlet_errors.other(
            message, "NotImplemented", "NotSimulated,Stop-Computer", machine.name
        )
    power.turn_off(outer_host, vm, power_cut=False)
    machine.answers_from = power.NEVER


_NETBIOS_LENGTH = 15
_HOST_NAME = pattern(r"[A-Za-z0-9-]{1,63}", re.ASCII)


@cmdlet("Rename-Computer")
def rename_computer(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Rename-Computer: takes effect at the next restart.

    A name that is too long for NetBIOS prompts for confirmation, unless -Force is given.
    """
    name = text(bound, "NewName")
    refused, identity = (
        f"Skip computer '{machine.name}' with new name '{name}' because the new name is",
        "",
    )
    if _HOST_NAME.fullmatch(name) is None or name.isdigit():
        refused, identity = f"{refused} not valid. {_STANDARD_NAMES}", "InvalidNewName"
    elif name.lower() == machine.name.lower():
        refused, identity = f"{refused} the same as the current name.", "NewNameIsOldName"
    elif len(name) > _NETBIOS_LENGTH and not bound.switch("Force"):
        raise cannot_prompt(bound)
    if identity:
        identity = f"{identity},{bound.signature.class_name}"
        raise cmdlet_errors.other(
            refused, "InvalidArgument", identity, name, "System.InvalidOperationException"
        )
    machine.new_name = name
    if bound.switch("Restart"):
        power.restart(machine)
    else:
        sink.warning(f"The changes will take effect after you restart the computer {machine.name}.")


_STANDARD_NAMES = (
    "The new computer name entered is not properly formatted. Standard names may contain letters (a-z, A-Z), numbers (0-9), and hyphens "
    "(-), but no spaces or periods (.). The name may not consist entirely of digits, and may not be longer than 63 characters."
)


SECURE_BOOT_COMMAND = "Microsoft.SecureBoot.Commands.ConfirmSecureBootUefiCommand"


@cmdlet("Confirm-SecureBootUEFI")
def confirm_secure_boot(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no parameters
    """Confirm-SecureBootUEFI: true or false; an error on a machine with a BIOS."""
    if machine.hardware.secure_boot == "Unsupported":
        identity, exception = (
            f"GetFWVarFailed,{SECURE_BOOT_COMMAND}",
            "System.PlatformNotSupportedException",
        )
        message = "Cmdlet not supported on this platform: 0xC0000002"
        raise cmdlet_errors.other(
            message, "NotImplemented", identity, SECURE_BOOT_COMMAND, exception
        )
    sink.output(scalar_record(machine.hardware.secure_boot == "On"))


@dataclass(frozen=True)
class _Service:
    name: str
    display_name: str
    feature: str = ""
    in_guests: bool = False
    starts_automatically: bool = True


_SERVICES = (
    _Service("vmms", "Hyper-V Virtual Machine Management", feature="Hyper-V"),
    _Service("vmcompute", "Hyper-V Host Compute Service", feature="Hyper-V"),
    _Service("hns", "Host Network Service", feature="Containers"),
    _Service("vmicheartbeat", "Hyper-V Heartbeat Service", in_guests=True),
    _Service("vmicshutdown", "Hyper-V Guest Shutdown Service", in_guests=True),
    _Service("vmicvmsession", "Hyper-V PowerShell Direct Service", in_guests=True),
    _Service("vmicguestinterface", "Hyper-V Guest Service Interface", in_guests=True),
    _Service("SharedAccess", "Internet Connection Sharing (ICS)", starts_automatically=False),
    _Service("DHCPServer", "DHCP Server", feature="DHCP"),
    _Service("WinRM", "Windows Remote Management (WS-Management)"),
    _Service("Dhcp", "DHCP Client"),
)


def _services(machine: Machine) -> list[_Service]:
    def is_available(service: _Service) -> bool:
        if service.in_guests:
            return machine.outer_host is not None
        return not service.feature or machine.features.get(service.feature) == "Installed"

    return [service for service in _SERVICES if is_available(service)]


def _service_record(machine: Machine, service: _Service) -> Record:
    stopped = (
        machine.services.get(service.name, "Running" if service.starts_automatically else "Stopped")
        == "Stopped"
    )
    properties = {
        "Name": service.name,
        "ServiceName": service.name,
        "DisplayName": service.display_name,
        "Status": EnumValue("Stopped", 1) if stopped else EnumValue("Running", 4),
        "StartType": EnumValue("Automatic", 2)
        if service.starts_automatically
        else EnumValue("Manual", 3),
        "CanStop": not stopped,
    }
    return Record(
        ("System.ServiceProcess.ServiceController", "System.Object"), properties, service.name
    )


def _select(machine: Machine, bound: Bound, sink: Sink) -> list[_Service]:
    names = [str(item["Name"]) for item in values(bound, "InputObject") if isinstance(item, Record)]
    names = names or [str(item) for item in values(bound, "Name", "DisplayName")]
    if not names:
        return _services(machine)
    found: list[_Service] = []
    for name in names:
        chosen = [
            service
            for service in _services(machine)
            if matches(name, service.name) or matches(name, service.display_name)
        ]
        if not chosen and not has_wildcard(name):
            command = bound.name.replace("-", "")
            identity = f"NoServiceFoundForGivenName,Microsoft.PowerShell.Commands.{command}Command"
            message = f"Cannot find any service with service name '{name}'."
            exception = "Microsoft.PowerShell.Commands.ServiceCommandException"
            sink.error(
                cmdlet_errors.other(message, "ObjectNotFound", identity, name, exception).record
            )
        found += chosen
    return found


@cmdlet("Get-Service")
def get_service(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-Service."""
    for service in _select(machine, bound, sink):
        sink.output(_service_record(machine, service))


@cmdlet("Start-Service")
def start_service(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Start-Service."""
    for service in _select(machine, bound, sink):
        if service.starts_automatically:
            machine.services.pop(service.name, None)
        else:
            machine.services[service.name] = "Running"
        if bound.switch("PassThru"):
            sink.output(_service_record(machine, service))


@cmdlet("Stop-Service")
def stop_service(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Stop-Service: VMs continue to run without their management service."""
    for service in _select(machine, bound, sink):
        machine.services[service.name] = "Stopped"
        if bound.switch("PassThru"):
            sink.output(_service_record(machine, service))
