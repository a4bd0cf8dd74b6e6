"""Restart-Computer, Stop-Computer, Rename-Computer and Confirm-SecureBootUEFI."""

from __future__ import annotations

import re

from nestlab.pattern import pattern
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.behaviour import power
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import scalar_record
from nestlab.simulator.powershell.should_process import cannot_prompt
from nestlab.simulator.state.machine import Machine


@cmdlet("Restart-Computer")
def restart_computer(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Restart-Computer: ends the session; the machine answers again after booting."""
    power.restart(machine)


@cmdlet("Stop-Computer")
def stop_computer(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Stop-Computer: in a guest, turns off its VM.

    On the host it is an error, because nothing could turn the host on again.
    """
    outer_host = machine.outer_host
    vms = (
        outer_host.hyper_v.vms if outer_host is not None and outer_host.hyper_v is not None else []
    )
    vm = next(
        (vm for vm in vms if outer_host is not None and outer_host.guest(vm) is machine), None
    )
    if outer_host is None or vm is None:
        message = "The simulated host cannot be shut down, because it could not be switched on again. Use Restart-Computer."
        raise cmdlet_errors.generic(
            message, "NotImplemented", "NotSimulated,Stop-Computer", machine.name
        )
    power.turn_off(outer_host, vm, power_cut=False)
    machine.ready_at = power.NEVER


_NETBIOS_LENGTH = 15
_HOST_NAME = pattern(r"[A-Za-z0-9-]{1,63}", re.ASCII)


@cmdlet("Rename-Computer")
def rename_computer(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Rename-Computer: takes effect at the next restart.

    A name that is too long for NetBIOS prompts for confirmation, unless -Force is given.
    """
    name = bound.text("NewName")
    refused, fully_qualified_id = (
        f"Skip computer '{machine.name}' with new name '{name}' because the new name is",
        "",
    )
    if _HOST_NAME.fullmatch(name) is None or name.isdigit():
        refused, fully_qualified_id = f"{refused} not valid. {_STANDARD_NAMES}", "InvalidNewName"
    elif name.lower() == machine.name.lower():
        refused, fully_qualified_id = f"{refused} the same as the current name.", "NewNameIsOldName"
    elif len(name) > _NETBIOS_LENGTH and not bound.is_present("Force"):
        raise cannot_prompt(bound)
    if fully_qualified_id:
        fully_qualified_id = f"{fully_qualified_id},{bound.signature.class_name}"
        raise cmdlet_errors.generic(
            refused, "InvalidArgument", fully_qualified_id, name, "System.InvalidOperationException"
        )
    machine.new_name = name
    if bound.is_present("Restart"):
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
        fully_qualified_id, exception = (
            f"GetFWVarFailed,{SECURE_BOOT_COMMAND}",
            "System.PlatformNotSupportedException",
        )
        message = "Cmdlet not supported on this platform: 0xC0000002"
        raise cmdlet_errors.generic(
            message, "NotImplemented", fully_qualified_id, SECURE_BOOT_COMMAND, exception
        )
    sink.output(scalar_record(machine.hardware.secure_boot == "On"))
