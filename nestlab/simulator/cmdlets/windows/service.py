"""Get-Service, Start-Service and Stop-Service."""

from __future__ import annotations

from nestlab.dataclass import dataclass
from nestlab.model import EnumValue, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine


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
    names = [str(item["Name"]) for item in bound.values("InputObject") if isinstance(item, Record)]
    names = names or [str(item) for item in bound.values("Name", "DisplayName")]
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
            fully_qualified_id = (
                f"NoServiceFoundForGivenName,Microsoft.PowerShell.Commands.{command}Command"
            )
            message = f"Cannot find any service with service name '{name}'."
            exception = "Microsoft.PowerShell.Commands.ServiceCommandException"
            sink.error(
                cmdlet_errors.generic(
                    message, "ObjectNotFound", fully_qualified_id, name, exception
                ).record
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
        if bound.is_present("PassThru"):
            sink.output(_service_record(machine, service))


@cmdlet("Stop-Service")
def stop_service(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Stop-Service: VMs continue to run without their management service."""
    for service in _select(machine, bound, sink):
        machine.services[service.name] = "Stopped"
        if bound.is_present("PassThru"):
            sink.output(_service_record(machine, service))
