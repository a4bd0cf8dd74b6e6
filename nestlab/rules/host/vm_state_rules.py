"""Rules about the power state, configuration version and checkpoints of a VM."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import (
    AMD_VERSION_MINIMUM,
    AMD_VERSION_UNDISPUTED,
    ENABLE_NESTED,
    NESTED_VERSION_MINIMUM,
    STATUS_SCRIPT,
    UPGRADE_VERSION,
    version_of,
)
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.parameter_values import SwitchParameter
from nestlab.rules.evidence import evidence_from, while_off
from nestlab.rules.host.processor import is_amd
from nestlab.rules.host.vm_on_host import VMOnHost
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.texts import tr

VM_SAVED = Rule(
    code="vm-saved",
    severity="warning",
    looks_at=(Scope.VM,),
    meaning="A VM is saved.",
    why="Its processor can be changed only while it is Off.",
    fix="Start it and shut it down, or discard the saved state; the contents of its memory are then lost.",
    example="Get-VM: State = Saved",
    source=ENABLE_NESTED,
    variants=(Variant("info", "while the VM does not expose the extensions"),),
)


VM_RUNNING = Rule(
    code="vm-running",
    severity="info",
    looks_at=(Scope.VM,),
    meaning="A VM is running, paused, or in a transition between power states.",
    why="The extensions can be exposed only while it is Off.",
    fix="Shut it down first.",
    example="Get-VM: State = Paused",
    source=ENABLE_NESTED,
)


@detects(VM_SAVED, VM_RUNNING, reads=("Get-VMProcessor",))
def power_state(on_host: VMOnHost) -> Iterator[Finding]:
    """A VM that is not Off: its processor can be changed only while it is Off."""
    vm = on_host.vm
    evidence, requirement = evidence_from("Get-VM", State=vm.state), "State Off"  # not shown
    if vm.state == "Saved":
        message = tr("is saved; its processor can be changed only while it is Off")
        discard = (Cmdlet("Remove-VMSavedState", {"VMName": vm.name}),)
        rule = VM_SAVED.at(on_host.severity)
        yield on_host.finding(
            rule, message, evidence=evidence, requirement=requirement, fix=discard
        )
    elif vm.state != "Off" and not vm.expose_virtualization_extensions:
        message = tr(
            "is {state}; the extensions can be exposed only while it is Off", state=vm.state
        )
        paused = (Cmdlet("Resume-VM", {"Name": vm.name}),) if vm.state == "Paused" else ()
        fix = (*paused, Cmdlet("Stop-VM", {"Name": vm.name}))
        yield on_host.finding(
            VM_RUNNING, message, evidence=evidence, requirement=requirement, fix=fix
        )


VM_VERSION_NOT_KNOWN = Rule(
    code="vm-version-not-known",
    severity="warning",
    looks_at=(Scope.VM,),
    meaning="The configuration version of a VM is not known.",
    why="Nested virtualization needs 8.0 or later, on AMD 9.3 or later.",
    fix="Read it with Get-VM on the host.",
    example="Get-VM: Version = nothing",
    source=UPGRADE_VERSION,
    variants=(Variant("info", "while the VM does not expose the extensions"),),
)


VM_VERSION_TOO_OLD = Rule(
    code="vm-version-too-old",
    severity="warning",
    looks_at=(Scope.VM,),
    meaning="The configuration version of a VM is too old for nested virtualization.",
    why="Nested virtualization needs 8.0 or later, on AMD 9.3 or later.",
    fix="Shut it down and update it with Update-VMVersion. This cannot be undone, and older hosts cannot run it afterwards.",
    example="Get-VM: Version = 9.0",
    source=UPGRADE_VERSION,
    variants=(Variant("info", "while the VM does not expose the extensions"),),
)


VM_VERSION_DISPUTED = Rule(
    code="vm-version-disputed",
    severity="warning",
    looks_at=(Scope.VM,),
    meaning="Sources disagree on whether the configuration version of a VM supports nesting on AMD.",
    why="The current page says 9.3; its revisions of 2021 to 2023 said 10.0.",
    fix="If it does not start with the extensions, run Update-VMVersion. This cannot be undone.",
    example="Get-VM: Version = 9.3",
    source=ENABLE_NESTED,
)


@detects(VM_VERSION_NOT_KNOWN, VM_VERSION_TOO_OLD, VM_VERSION_DISPUTED)
def configuration_version(on_host: VMOnHost) -> Iterator[Finding]:
    """A configuration version that is too old for nesting, or disputed."""
    vm, amd = on_host.vm, is_amd(on_host.state)
    version, minimum = version_of(vm.version), NESTED_VERSION_MINIMUM
    minimum = AMD_VERSION_MINIMUM if amd else minimum
    needed, evidence = f"{minimum[0]}.{minimum[1]}", evidence_from("Get-VM", Version=vm.version)
    if not version[0]:
        message = tr(
            "its configuration version is not known; nested virtualization needs {version}",
            version=needed,
        )
        rule = VM_VERSION_NOT_KNOWN.at(on_host.severity)
        yield on_host.finding(rule, message, evidence=evidence)
    elif version < minimum:
        vendor = "AMD" if amd else "Intel"
        yield _too_old(on_host, minimum, tr("{version} or later", version=f"{vendor}: {needed}"))
    elif amd and version < AMD_VERSION_UNDISPUTED:
        message = tr(
            "has configuration version {version}; Microsoft's pages disagree on whether AMD needs 9.3 or 10.0",
            version=vm.version,
        )
        requirement = tr("AMD: 9.3 or later; revisions of 2021 to 2023 said 10.0")
        yield on_host.finding(
            VM_VERSION_DISPUTED, message, evidence=evidence, requirement=requirement
        )


def _too_old(on_host: VMOnHost, minimum: tuple[int, int], requirement: str) -> Finding:
    vm, hyper_v = on_host.vm, on_host.state.hyper_v
    needed, evidence = f"{minimum[0]}.{minimum[1]}", evidence_from("Get-VM", Version=vm.version)
    message = tr(
        "has configuration version {version}; nested virtualization needs {needed}",
        version=vm.version,
        needed=needed,
    )
    rule = VM_VERSION_TOO_OLD.at(on_host.severity)
    supported = hyper_v.vm_host.supported_versions if hyper_v else ()
    if supported and max(map(version_of, supported)) < minimum:
        hint = tr(
            "Upgrade Windows on the host first: it supports no version as new as {version}.",
            version=needed,
        )
        return on_host.finding(rule, message, hint=hint, evidence=evidence, requirement=requirement)
    update = Cmdlet("Update-VMVersion", {"Name": vm.name, "Force": SwitchParameter.ON})
    fix = while_off(vm, update)
    return on_host.finding(rule, message, evidence=evidence, requirement=requirement, fix=fix)


VM_CHECKPOINT = Rule(
    code="vm-checkpoint",
    severity="warning",
    looks_at=(Scope.VM,),
    meaning="A VM has a checkpoint.",
    why="Applying it reverts the setting, and documentation of the 2015 previews said that checkpoints of nested hosts fail.",
    fix="Remove the checkpoints first: their disks are merged, and the VM stays as it is now.",
    example="Get-VM: ParentCheckpointId = 8f0f",
    source=STATUS_SCRIPT,
    variants=(Variant("info", "while the VM does not expose the extensions"),),
)


@detects(VM_CHECKPOINT)
def checkpoints(on_host: VMOnHost) -> Iterator[Finding]:
    """A checkpoint: applying it would revert the setting."""
    vm = on_host.vm
    if not vm.parent_checkpoint_id.strip("0-"):
        return
    message = tr(
        "has a checkpoint; applying it reverts the setting, and documentation of the 2015 previews said that checkpoints of nested hosts fail"
    )
    requirement = tr(
        "no checkpoint; sources disagree: documentation of the 2015 previews said that they fail, the current pages do not mention it"
    )
    evidence = evidence_from("Get-VM", ParentCheckpointId=vm.parent_checkpoint_id)
    remove = Cmdlet("Remove-VMSnapshot", {"VMName": vm.name, "Confirm": SwitchParameter.OFF})
    rule = VM_CHECKPOINT.at(on_host.severity)
    yield on_host.finding(rule, message, evidence=evidence, requirement=requirement, fix=(remove,))
