"""Invoke-Command and Enter-PSSession to a virtual machine: only the opening of the session.

The rest is not simulated: script blocks do not arrive over remoting, and an interactive session
needs a console.
"""

from __future__ import annotations

from nestlab.simulator.behaviour.powershell_direct import (
    GuestRefused,
    enter,
    enter_by_id,
    enter_interactively,
)
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.pipeline_processor import not_simulated
from nestlab.simulator.state.machine import Machine


@cmdlet("Invoke-Command")
def invoke_command(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Invoke-Command -VMName and -VMId."""
    try:
        for name in bound.values("VMName"):
            enter(machine, str(name), *_credential(bound))
        for vm_id in bound.values("VMId"):
            enter_by_id(machine, str(vm_id), *_credential(bound))
    except GuestRefused as error:
        raise PowerShellError(error.record, terminating=False) from None
    raise not_simulated(bound.signature)


@cmdlet("Enter-PSSession")
def enter_pssession(machine: Machine, bound: Bound, sink: Sink) -> None:  # noqa: ARG001  # it has no output
    """Enter-PSSession -VMName."""
    try:
        for name in bound.values("VMName"):
            enter_interactively(machine, str(name), *_credential(bound))
    except GuestRefused as error:
        raise PowerShellError(error.record, terminating=False) from None
    raise not_simulated(bound.signature)


def _credential(bound: Bound) -> tuple[str, str | None]:
    credential = bound["Credential"]
    return credential.username, credential.value or None
