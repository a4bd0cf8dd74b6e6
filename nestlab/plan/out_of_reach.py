"""What nestlab cannot set inside a guest: values to set by hand, or a guest to wait for."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model import MachinePath, path_text
from nestlab.model.first_boot_note import first_boot_of
from nestlab.model.state import VirtualMachineState
from nestlab.model.topology import VM, Topology, VMState, guest_settings, is_generalized
from nestlab.plan.first_boot_steps import (
    first_boot_advice,
    no_heartbeat_reasons,
    refused_advice,
)
from nestlab.plan.step import Deferred, OutOfReach, Planned, Unchanged
from nestlab.texts import tr


def why_not_configured(path: MachinePath, vm: VM) -> str:
    """Return why nestlab does not configure a guest; empty if it does."""
    if vm.has_seed:
        return tr(
            "cloud-init sets it from the seed disk when its Linux guest starts; nestlab cannot read it"
        )
    if vm.guest.os != "windows":
        if vm.guest.os == "none":
            return tr("the file names no guest.os; its addresses are set by hand")
        return tr(
            "PowerShell Direct does not support {os} guests; its addresses are set by hand",
            os=vm.guest.os,
        )
    if not vm.guest.credential:
        return tr("its guest names no credential, so nestlab cannot sign in to set it up")
    if is_set_while_running(vm):
        return tr(
            "{path} is declared Off; nestlab sets and reads what is inside it only while it runs, and what it has set there before stays",
            path=path_text(path),
        )
    return ""


def is_set_while_running(vm: VM) -> bool:
    """Whether nestlab would configure a guest if its VM were not declared Off."""
    is_windows = vm.guest.os == "windows" and bool(vm.guest.credential)
    return vm.state is VMState.OFF and is_windows


def not_configured(path: MachinePath, vm: VM, reason: str) -> Iterator[Planned]:
    """Yield what the file declares inside a guest that nestlab does not configure, and why."""
    values = tuple(guest_settings(vm))
    if values and vm.has_seed:
        yield Unchanged(tr("{path}: inside the guest", path=path_text(path)), reason)
    elif values:
        yield OutOfReach(path, values, reason, is_off=is_set_while_running(vm))
    elif vm.network_adapters:
        yield Unchanged(
            tr("{path}: inside the guest", path=path_text(path)),
            tr(
                "the file sets nothing there, and nestlab does not read it: {reason}", reason=reason
            ),
        )


def deferred_guest(
    topology: Topology, path: MachinePath, vm: VM, as_vm: VirtualMachineState | None
) -> Deferred:
    """Return the guest of a VM as one to wait for; `as_vm` is None if it has to be created."""
    images, name = topology.images, path_text(path)
    has_answers = bool(first_boot_of(as_vm.notes)) if as_vm else is_generalized(images, vm)
    advice = first_boot_advice(images, path, vm, has_answers=has_answers)
    after_refusal = refused_advice(images, path, vm, has_answers=has_answers)
    if as_vm is not None and as_vm.state == "Running":
        why = tr("Windows in {machine} does not answer over PowerShell Direct yet", machine=name)
        if as_vm.heartbeat and not as_vm.heartbeat.startswith(("Ok", "Disabled")):
            why = tr(
                "{why}, and its VM has no heartbeat: it is still starting, or nothing starts in it. {reasons}",
                why=why,
                reasons=no_heartbeat_reasons((vm.guest.os,)),
            )
        return Deferred(
            path,
            f"{why.removesuffix('.')}. {advice}" if advice else why,
            advice=advice,
            refused_advice=after_refusal,
            is_running=True,
        )
    why = (
        tr("{vm} has to be created and started before its Windows can be set up", vm=name)
        if as_vm is None
        else tr(
            "{vm} is {state} and has to start before its Windows can be set up",
            vm=name,
            state=as_vm.state,
        )
    )
    return Deferred(
        path,
        why,
        first_boot=is_generalized(images, vm),
        advice=advice,
        refused_advice=after_refusal,
    )
