"""Get-VMIntegrationService, Enable-VMIntegrationService and Disable-VMIntegrationService."""

from __future__ import annotations

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import power
from nestlab.simulator.behaviour.integration_services import (
    INTEGRATION_SERVICES,
    IntegrationService,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine


def _record(machine: Machine, vm: VirtualMachine, service: IntegrationService) -> Record:
    enabled = service.is_enabled(vm)
    has_contact = enabled and power.guest_is_up(machine, vm)
    status = "Ok" if has_contact else "NoContact"
    is_running = vm.state == "Running" and enabled
    return make_record(
        "VMIntegrationComponent",
        Name=service.display_name(machine.world.quirks.language),
        Id=service.component_id(vm),
        VMName=vm.name,
        VMId=vm.id,
        ComputerName=machine.name,
        Enabled=enabled,
        OperationalStatus=[status] if is_running else [],
        PrimaryOperationalStatus=status if is_running else None,
        PrimaryStatusDescription=(
            {"Ok": "OK", "NoContact": "No Contact"}[status] if is_running else ""
        ),
    )


def _select(
    machine: Machine, bound: Bound, sink: Sink
) -> list[tuple[VirtualMachine, IntegrationService]]:
    """Return the services that a call selects by object, or by name in the language of Windows."""
    objects = [item for item in bound.values("VMIntegrationService") if isinstance(item, Record)]
    if objects:
        ids = [str(item["Id"]).upper() for item in objects]
        vms = machine.hyper_v.vms if machine.hyper_v else []
        every = [(vm, service) for vm in vms for service in INTEGRATION_SERVICES]
        return [(vm, service) for vm, service in every if service.component_id(vm).upper() in ids]
    language = machine.world.quirks.language
    patterns = [str(item) for item in bound.values("Name")] or ["*"]
    found = []
    for vm in select_vms(machine, bound, sink, "VMName"):
        for pattern in patterns:
            named = [s for s in INTEGRATION_SERVICES if matches(pattern, s.display_name(language))]
            if not named and not has_wildcard(pattern):
                message = (
                    f'Hyper-V was unable to find an integration service with name "{pattern}".'
                )
                sink.error(
                    cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, pattern).record
                )
            found += [(vm, service) for service in named]
    return found


@cmdlet("Get-VMIntegrationService")
def get_vm_integration_service(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMIntegrationService."""
    for vm, service in _select(machine, bound, sink):
        sink.output(_record(machine, vm, service))


@cmdlet("Enable-VMIntegrationService")
def enable_vm_integration_service(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Enable-VMIntegrationService."""
    _set_enabled(machine, bound, sink, enabled=True)


@cmdlet("Disable-VMIntegrationService")
def disable_vm_integration_service(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Disable-VMIntegrationService."""
    _set_enabled(machine, bound, sink, enabled=False)


def _set_enabled(machine: Machine, bound: Bound, sink: Sink, *, enabled: bool) -> None:
    for vm, service in _select(machine, bound, sink):
        vm.integration_services.pop(service.name, None)
        if enabled != service.enabled:
            vm.integration_services[service.name] = enabled
        if bound.is_present("Passthru"):
            sink.output(_record(machine, vm, service))
