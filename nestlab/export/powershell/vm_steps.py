"""The code of the steps for VMs, their adapters and disks, with tests whether they are needed.

The tests are in PowerShell, and equivalent to the decisions of a plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from nestlab.export.powershell import queries as q
from nestlab.export.powershell.fields import DataField, with_fields
from nestlab.export.powershell.step_code import (
    Absent,
    Build,
    Conflict,
    StepChange,
    StepCode,
    equal_values,
    last_parameters,
    named_by_others,
    pipeline,
    simple,
    vm_of,
    where,
)
from nestlab.model import Cmdlet
from nestlab.model.spelling import plain_mac
from nestlab.plan import Action, Step
from nestlab.texts import mark, tr, translate


def _create_vm(step: Step) -> StepCode:
    name = step.cmdlets[0].parameters["Name"]
    stages = step.cmdlets[0].stages
    (notes,) = (stage.parameters["Notes"] for stage in stages if stage.name == "Set-VM")
    text = tr(
        "there is a VM {name} that this script did not create, or was interrupted while creating. Remove or rename it, or rename the one in the lab.",
        name=name,
    )
    code = named_by_others(q.vm, text, name, notes)
    return simple(step, *code.test, conflicts=code.conflicts)


def _create_disk(step: Step) -> StepCode:
    new = step.cmdlets[0].parameters
    path = new["Path"]
    return simple(step, q.file(path), conflicts=q.other_disk(path, _vm_of_disk(step), new))


def _vm_of_disk(step: Step) -> str:
    """Return the VM of a disk; the subject is its name, followed by ``/disk-N`` for a data disk."""
    name, separator, number = step.subject.rpartition("/disk-")
    return name if separator and number.isdecimal() else step.subject


def _copy_image(step: Step) -> StepCode:
    path = last_parameters(step)["DestinationPath"]
    exists = q.file(path, "DestinationPath")
    disk = Cmdlet(
        "Get-VHD",
        {"Path": DataField("DestinationPath", path), "ErrorAction": "SilentlyContinue"},
    )
    # The script reads the size on the host when it runs; an interrupted copy has another size.
    complete = pipeline(disk, where("FileSize", DataField("FileSize", 0)))
    return simple(
        step,
        exists,
        complete,
        conflicts=(
            Conflict((exists, Absent(complete), Cmdlet("Get-VM")), translate(_OTHER_IMAGE)),
        ),
        on_host=True,
        facts={"SizeOf": "SourcePath"},
    )


_OTHER_IMAGE = mark(
    "a file of this name exists, differs from the image, and may be in use by VMs. Delete it, then run the script again."
)


def _processor(step: Step, name: str) -> StepCode:
    wanted = last_parameters(step)[name]
    found = q.equal(name, wanted, "ProcessorCount") if name == "Count" else where(name, wanted)
    return simple(step, q.vm(vm_of(step), Cmdlet("Get-VMProcessor"), found))


_MEMORY = {"StartupBytes": "Startup", "MinimumBytes": "Minimum", "MaximumBytes": "Maximum"}


def _set_memory(step: Step) -> StepCode:
    new = last_parameters(step)
    dynamic = where("DynamicMemoryEnabled", new["DynamicMemoryEnabled"])
    sizes = (q.equal(found, new[name], name) for name, found in _MEMORY.items() if name in new)
    return simple(step, q.vm(vm_of(step), Cmdlet("Get-VMMemory"), dynamic, *sizes))


def _set_vm_setting(step: Step) -> StepCode:
    return simple(step, q.vm(vm_of(step), *equal_values(last_parameters(step))))


def _set_secure_boot(step: Step) -> StepCode:
    new = last_parameters(step)
    wanted = [q.equal("SecureBoot", new["EnableSecureBoot"], "EnableSecureBoot")]
    if "SecureBootTemplate" in new:
        wanted.append(q.equal("SecureBootTemplate", new["SecureBootTemplate"]))
    return simple(step, q.vm(vm_of(step), Cmdlet("Get-VMFirmware"), *wanted))


def _set_tpm(step: Step) -> StepCode:
    wanted = where("TpmEnabled", step.cmdlets[-1].last_command.name == "Enable-VMTPM")
    return simple(step, q.vm(vm_of(step), Cmdlet("Get-VMSecurity"), wanted))


def _adapter_name(step: Step) -> str:
    return str(step.cmdlets[0].stages[1].parameters["Name"])


def _add_adapter(step: Step) -> StepCode:
    return simple(step, q.adapter(vm_of(step), _adapter_name(step)))


def _remove_adapter(step: Step) -> StepCode:
    vm_name, adapters = vm_of(step), step.cmdlets[0].stages[1]
    if "Name" in adapters.parameters:
        found = q.adapter(vm_name, adapters.parameters["Name"])
    else:
        found = q.vm(vm_name, Cmdlet("Get-VMNetworkAdapter"))
    # Without the VM there is no adapter either: the step is needed once there is one.
    return simple(step, q.vm(vm_name), Absent(found))


def _connect_adapter(step: Step) -> StepCode:
    wanted = q.equal("SwitchName", last_parameters(step)["SwitchName"])
    return simple(step, q.adapter(vm_of(step), _adapter_name(step), wanted))


def _set_mac_address(step: Step) -> StepCode:
    new = last_parameters(step)
    wanted: tuple[Cmdlet, ...]
    if "StaticMacAddress" not in new:
        wanted = (where("DynamicMacAddressEnabled", value=True),)
    else:
        plain = DataField("MacAddress", plain_mac(new["StaticMacAddress"]))
        wanted = (where("DynamicMacAddressEnabled", value=False), where("MacAddress", plain))
    return simple(step, q.adapter(vm_of(step), _adapter_name(step), *wanted))


def _adapter_setting(step: Step) -> StepCode:
    return simple(
        step, q.adapter(vm_of(step), _adapter_name(step), *equal_values(last_parameters(step)))
    )


def _set_vlan(step: Step) -> StepCode:
    new, first = last_parameters(step), step.cmdlets[0]
    mode: tuple[Cmdlet, ...]
    if "Access" in new:
        mode = (where("OperationMode", "Access"), q.equal("AccessVlanId", new["VlanId"], "VlanId"))
    elif "Trunk" in new:
        mode = (
            where("OperationMode", "Trunk"),
            q.equal("NativeVlanId", new["NativeVlanId"]),
            q.equal("AllowedVlanIdListString", new["AllowedVlanIdList"], "AllowedVlanIdList"),
        )
    else:
        mode = (where("OperationMode", "Untagged"),)
    read = (Cmdlet("Get-VMNetworkAdapterVlan"), *mode)
    if first.name == "Get-VM":
        return simple(step, q.adapter(vm_of(step), _adapter_name(step), *read))
    name = first.parameters.get("VMNetworkAdapterName") or first.parameters["Name"]
    return simple(step, q.management_adapter(name, *read))


def _add_management_adapter(step: Step) -> StepCode:
    name, switch = (last_parameters(step)[key] for key in ("Name", "SwitchName"))
    other = where("SwitchName", DataField("SwitchName", switch), "NE")
    elsewhere = q.management_adapter(name, other)
    return simple(
        step,
        q.management_adapter(name, q.equal("SwitchName", switch)),
        Absent(elsewhere),  # the steps that follow find it by its name
        conflicts=(
            Conflict(
                (elsewhere,),
                tr(
                    "the host has an adapter {name} on another switch. Rename it, or the one in the lab.",
                    name=name,
                ),
            ),
        ),
    )


def _guest_service(step: Step) -> StepCode:
    *found, _ = step.cmdlets[0].stages
    of_vm = [with_fields(Cmdlet(stage.name, stage.parameters)) for stage in found[1:]]
    return simple(step, q.vm(vm_of(step), *of_vm, where("Enabled", value=True)))


def _start_vm(step: Step) -> StepCode:
    return simple(step, q.vm(vm_of(step), where("State", "Running")))


def _create_checkpoint(step: Step) -> StepCode:
    """Return the code of a VM's checkpoints; a nested host is shut down for them."""
    stages = [stage for cmdlet in step.cmdlets for stage in cmdlet.stages]
    names = [each.parameters["SnapshotName"] for each in stages if each.name == "Checkpoint-VM"]
    test = tuple(
        q.vm(vm_of(step), Cmdlet("Get-VMSnapshot"), where("Name", DataField("SnapshotName", name)))
        for name in names
    )
    changes = step.cmdlets[: len(step.cmdlets) - step.cleanup_count]
    return StepCode(
        changes=tuple(StepChange(with_fields(cmdlet)) for cmdlet in changes),
        test=test,
        cleanup=tuple(map(with_fields, step.cmdlets[len(changes) :])),
        stops=bool(step.cleanup_count),
    )


def _add_disk(step: Step) -> StepCode:
    return simple(step, q.attached(vm_of(step), last_parameters(step)["Path"]))


def _write_seed(step: Step) -> StepCode:
    count = len(step.cmdlets) - step.cleanup_count
    made, cleanup = step.cmdlets[:count], step.cmdlets[count:]
    new = step.cmdlets[0].parameters
    path = new["Path"]
    disk = {"Path": DataField("Path", path)}
    mounted = Cmdlet("Get-VHD", disk, where("Attached", value=True))
    absent = (Absent(q.file(path)),)
    # A disk that is not attached to its VM may be what an interrupted run has left.
    leftovers = (
        StepChange(pipeline(mounted, Cmdlet("Dismount-VHD")), absent),
        StepChange(Cmdlet("Remove-Item", {"LiteralPath": DataField("Path", path)}), absent),
    )
    return StepCode(
        changes=(*leftovers, *(StepChange(with_fields(cmdlet)) for cmdlet in made)),
        test=(q.attached(step.subject, path),),
        cleanup=tuple(map(with_fields, cleanup)),
        before_cleanup=len(leftovers) + 1,
        tested_later=True,
        conflicts=q.other_disk(path, step.subject, new),
    )


def _write_answer_file(step: Step) -> StepCode:
    count = len(step.cmdlets) - step.cleanup_count
    dismount, *made = step.cmdlets[:count]
    path = step.cmdlets[0].parameters["Path"]
    return StepCode(
        changes=tuple(StepChange(with_fields(cmdlet)) for cmdlet in (dismount, *made)),
        # Once the disk is attached to its VM, Windows may have read the file.
        test=(q.attached(step.subject, path),),
        cleanup=tuple(map(with_fields, step.cmdlets[count:])),
        before_cleanup=1,
        tested_later=True,
    )


VM_BUILDERS: Mapping[Action, Build] = {
    Action.ADD_ADAPTER: _add_adapter,
    Action.ADD_MANAGEMENT_ADAPTER: _add_management_adapter,
    Action.CONNECT_ADAPTER: _connect_adapter,
    Action.COPY_IMAGE: _copy_image,
    Action.CREATE_CHECKPOINT: _create_checkpoint,
    Action.CREATE_DISK: _create_disk,
    Action.ENABLE_GUEST_SERVICE: _guest_service,
    Action.CREATE_VM: _create_vm,
    Action.EXPOSE_EXTENSIONS: partial(_processor, name="ExposeVirtualizationExtensions"),
    Action.REMOVE_ADAPTER: _remove_adapter,
    Action.SET_ADAPTER_SETTING: _adapter_setting,
    Action.SET_MAC_ADDRESS: _set_mac_address,
    Action.SET_MAC_ADDRESS_SPOOFING: _adapter_setting,
    Action.SET_MEMORY: _set_memory,
    Action.SET_PROCESSOR_COUNT: partial(_processor, name="Count"),
    Action.SET_SECURE_BOOT: _set_secure_boot,
    Action.SET_TEAMING: _adapter_setting,
    Action.SET_TPM: _set_tpm,
    Action.SET_VLAN: _set_vlan,
    Action.SET_VM_SETTING: _set_vm_setting,
    Action.START_VM: _start_vm,
    Action.ADD_DISK: _add_disk,
    Action.WRITE_ANSWER_FILE: _write_answer_file,
    Action.WRITE_SEED: _write_seed,
}
"""The code of each kind of step about VMs."""
