"""Get-VMIntegrationService, Enable-VMIntegrationService and Disable-VMIntegrationService."""

from __future__ import annotations

from nestlab.model import Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import power
from nestlab.simulator.cmdlets.hyper_v.vm_records import INTEGRATION_SERVICES
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import same_id, select_vms, values
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.virtual_machine import VirtualMachine


def _record(machine: Machine, vm: VirtualMachine, name: str) -> Record:
    enabled = vm.integration.get(name, INTEGRATION_SERVICES[name])
    answers = enabled and power.guest_is_up(machine, vm)
    status = "Ok" if answers else "NoContact"
    runs = vm.state == "Running" and enabled
    return make_record(
        "VMIntegrationComponent",
        Name=name,
        Id=f"Microsoft:{vm.id.upper()}\\{name}",
        VMName=vm.name,
        VMId=vm.id,
        ComputerName=machine.name,
        Enabled=enabled,
        OperationalStatus=[status] if runs else [],
        PrimaryOperationalStatus=status if runs else None,
        PrimaryStatusDescription={"Ok": "OK", "NoContact": "No Contact"}[status] if runs else "",
    )


def _select(machine: Machine, bound: Bound, sink: Sink) -> list[tuple[VirtualMachine, str]]:
    objects = [item for item in values(bound, "VMIntegrationService") if isinstance(item, Record)]
    if objects:
        vms = machine.hyper_v.vms if machine.hyper_v else []
        return [
            (vm, str(item["Name"]))
            for item in objects
            for vm in vms
            if same_id(vm.id, item["VMId"])
        ]
    patterns = [str(item) for item in values(bound, "Name")] or ["*"]
    found = []
    for vm in select_vms(machine, bound, sink, "VMName"):
        for pattern in patterns:
            names = [name for name in INTEGRATION_SERVICES if matches(pattern, name)]
            if not names and not has_wildcard(pattern):
                message = (
                    f'Hyper-V was unable to find an integration service with name "{pattern}".'
                )
                sink.error(
                    cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, pattern).record
                )
            found += [(vm, name) for name in names]
    return found


@cmdlet("Get-VMIntegrationService")
def get_vm_integration_service(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-VMIntegrationService."""
    for vm, name in _select(machine, bound, sink):
        sink.output(_record(machine, vm, name))


@cmdlet("Enable-VMIntegrationService")
def enable_vm_integration_service(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Enable-VMIntegrationService."""
    _set(machine, bound, sink, enabled=True)


@cmdlet("Disable-VMIntegrationService")
def disable_vm_integration_service(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Disable-VMIntegrationService."""
    _set(machine, bound, sink, enabled=False)


def _set(machine: Machine, bound: Bound, sink: Sink, *, enabled: bool) -> None:
    for vm, name in _select(machine, bound, sink):
        vm.integration.pop(name, None)
        if enabled != INTEGRATION_SERVICES[name]:
            vm.integration[name] = enabled
        if bound.switch("Passthru"):
            sink.output(_record(machine, vm, name))
