"""Copy-VMFile: files from the host into a guest."""

from __future__ import annotations

import dataclasses

from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import power
from nestlab.simulator.behaviour.integration_services import GUEST_SERVICE_INTERFACE
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.cmdlets.selection import select_vms, text
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.state.machine import Machine


@cmdlet("Copy-VMFile")
def copy_vm_file(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Copy-VMFile: needs a running guest and the Guest Service Interface, off by default."""
    for vm in select_vms(machine, bound, sink, "Name", "VMName"):
        source, destination = text(bound, "SourcePath"), text(bound, "DestinationPath")
        guest = machine.guest(vm)
        file = machine.file(source)
        failed = f"Failed to initiate copying files to the guest.\n'{vm.name}' failed to copy the source file '{source}' to the destination '{destination}' in the guest."
        if vm.state != "Running" or guest is None or not power.guest_is_up(machine, vm):
            sink.error(
                cmdlet_errors.hyper_v(
                    bound.name, "InvalidState", f"{failed}\n{cmdlet_errors.WRONG_STATE}", vm.name
                ).record
            )
        elif not vm.integration.get(GUEST_SERVICE_INTERFACE, False):
            message = f"{failed}\nThe integration service 'Guest Service Interface' is not enabled for virtual machine '{vm.name}'."
            sink.error(cmdlet_errors.hyper_v(bound.name, "NotSupported", message, vm.name).record)
        elif file is None:
            message = f"{failed}\nThe system cannot find the file specified. (0x80070002)"
            sink.error(cmdlet_errors.hyper_v(bound.name, "ObjectNotFound", message, source).record)
        elif guest.file(destination) is not None and not bound.switch("Force"):
            sink.error(
                cmdlet_errors.hyper_v(
                    bound.name,
                    "OperationFailed",
                    f"{failed}\nThe file exists. (0x80070050)",
                    destination,
                ).record
            )
        else:
            guest.files[destination.lower()] = dataclasses.replace(
                file, path=destination, content=None
            )
            machine.world.clock.advance(file.length / (200 << 20))
