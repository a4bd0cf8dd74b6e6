"""The steps that expose virtualization extensions to existing VMs, or hide them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from nestlab.constants import NESTED_MEMORY_MINIMUM, SET_PROCESSOR_COUNT_FIRST_FROM_BUILD
from nestlab.dataclass import replace
from nestlab.model import Cmdlet
from nestlab.model.state import HostState, NetworkAdapterState, VirtualMachineState
from nestlab.plan.cmdlet_targets import on_adapter, on_vm, vm_target
from nestlab.plan.kinds import Action, SubjectKind
from nestlab.plan.nesting_limits import require_possible_resources
from nestlab.plan.nesting_options import NestingOptions, PreviousState
from nestlab.plan.nesting_power import PowerChange
from nestlab.plan.plan import Plan
from nestlab.plan.planned_machine import ObservedMachine
from nestlab.plan.settings import set_extensions, set_memory
from nestlab.plan.step import Planned, Step, Unchanged
from nestlab.plan.vm_names import distinct_names, find_vm


def plan_nesting(
    state: HostState,
    vm_names: str | Sequence[str],
    *,
    enable: bool = True,
    options: NestingOptions | None = None,
    previous: Mapping[str, PreviousState] | None = None,
) -> Plan:
    """Return the plan that exposes virtualization extensions to VMs of this machine, or hides them.

    A running VM is shut down and started again, a paused one paused again; a saved one needs
    `discard_saved_state`. `enable` is ignored where `options` is given. `previous` has, by name,
    the states from before earlier runs.
    Raises UsageError if a name does not match exactly one VM, or a VM cannot have the memory
    or the processors that the options give it.
    """
    chosen = options or NestingOptions(enable=enable)
    vms = [find_vm(state, name) for name in distinct_names(vm_names)]
    for vm in vms:
        require_possible_resources(state, vm, chosen)
    machine = ObservedMachine(path=state.machine, state=state)
    known = {name.casefold(): value for name, value in (previous or {}).items()}
    planned = [
        item
        for vm in vms
        for item in _vm_steps(machine, vm, chosen, known.get(vm.name.casefold(), PreviousState()))
    ]
    steps = (replace(item, by_request=True) if isinstance(item, Step) else item for item in planned)
    return Plan.of(
        ", ".join(vm.name for vm in vms),
        state.host,
        steps,
        kind=SubjectKind.NESTING,
        states={state.machine: state},
    )


def _vm_steps(
    machine: ObservedMachine,
    vm: VirtualMachineState,
    options: NestingOptions,
    previous: PreviousState,
) -> Iterator[Planned]:
    offline = list(_offline(machine, vm, options, previous))
    online = list(_spoofing(machine, vm, options, previous))
    power_change = PowerChange(machine, vm, previous.state, options)
    steps = [
        *power_change.steps_to_off(offline),
        *offline,
        *online,
        *power_change.restore_steps(stopped=bool(offline)),
    ]
    if steps:
        yield from steps
    else:
        yield Unchanged(
            f"VM {vm.name}",
            f"virtualization extensions are {'exposed' if options.enable else 'hidden'} already",
        )
    yield from _unchanged(vm, options, previous)


def _offline(
    machine: ObservedMachine,
    vm: VirtualMachineState,
    options: NestingOptions,
    previous: PreviousState,
) -> Iterator[Step]:
    """Yield the changes that Hyper-V accepts only while the VM is Off."""
    yield from _processor_count(machine, vm, options, previous)
    if vm.expose_virtualization_extensions != options.enable:
        yield _extensions(machine, vm, options)
    yield from _memory(machine, vm, options, previous)


def _extensions(machine: ObservedMachine, vm: VirtualMachineState, options: NestingOptions) -> Step:
    step = set_extensions(machine, vm, expose=options.enable)
    if machine.state.computer.build < SET_PROCESSOR_COUNT_FIRST_FROM_BUILD:
        return step
    count = options.processor_count or vm.processor_count
    with_count = on_vm(
        vm,
        Cmdlet(
            "Set-VMProcessor", {"Count": count, "ExposeVirtualizationExtensions": options.enable}
        ),
    )
    return replace(
        step,
        cmdlets=(with_count,),
        why=f"{step.why}; on this build the processor count has to be given with them",
    )


def _processor_count(
    machine: ObservedMachine,
    vm: VirtualMachineState,
    options: NestingOptions,
    previous: PreviousState,
) -> Iterator[Step]:
    wanted = options.processor_count
    if not options.enable and wanted is None and vm.processor_count == previous.processor_count_set:
        wanted = previous.processor_count
    if wanted is None or wanted == vm.processor_count:
        return
    yield machine.step(
        Action.SET_PROCESSOR_COUNT if options.enable else Action.RESTORE_PROCESSOR_COUNT,
        vm.name,
        f"Set the processor count of {vm.name} to {wanted}",
        f"it has {vm.processor_count}"
        + ("" if options.enable else f", and had {wanted} before nesting was enabled"),
        on_vm(vm, Cmdlet("Set-VMProcessor", {"Count": wanted})),
        target=vm_target(vm),
        undo=(on_vm(vm, Cmdlet("Set-VMProcessor", {"Count": vm.processor_count})),),
    )


def _memory(
    machine: ObservedMachine,
    vm: VirtualMachineState,
    options: NestingOptions,
    previous: PreviousState,
) -> Iterator[Step]:
    if options.enable:
        startup = options.memory_startup or vm.memory_startup
        becomes_static = vm.dynamic_memory_enabled and not options.keep_dynamic_memory
        if becomes_static or startup != vm.memory_startup:
            wanted: dict[str, Any] = {
                "DynamicMemoryEnabled": vm.dynamic_memory_enabled and not becomes_static,
                "StartupBytes": startup,
            }
            title = f"Set the memory of {vm.name} to {startup}, {'dynamic' if wanted['DynamicMemoryEnabled'] else 'static'}"
            step = set_memory(machine, vm, title, wanted)
            yield replace(
                step,
                why=f"{step.why}; while Hyper-V runs inside, memory does not change dynamically and cannot be resized",
            )
    elif (
        previous.memory is not None
        and previous.memory_set is not None
        and has_memory(vm, previous.memory_set)
    ):
        wanted = {name: value for name, value in previous.memory.items() if name != "VMName"}
        if not has_memory(vm, wanted):
            step = set_memory(machine, vm, f"Restore the memory of {vm.name}", wanted)
            yield replace(
                step,
                id=machine.step_id(Action.RESTORE_MEMORY, vm.name),
                action=Action.RESTORE_MEMORY,
            )


def has_memory(vm: VirtualMachineState, wanted: Mapping[str, Any]) -> bool:
    """Whether a VM has the memory that these parameters of Set-VMMemory give."""
    has = {
        "DynamicMemoryEnabled": vm.dynamic_memory_enabled,
        "StartupBytes": vm.memory_startup,
        "MinimumBytes": vm.memory_minimum,
        "MaximumBytes": vm.memory_maximum,
    }
    return all(has[name] == value for name, value in wanted.items() if name in has)


def _spoofing(
    machine: ObservedMachine,
    vm: VirtualMachineState,
    options: NestingOptions,
    previous: PreviousState,
) -> Iterator[Step]:
    """Yield a step for each adapter whose MAC address spoofing changes.

    Adapters with the same name share a step. The VM may be running.
    """
    for name in dict.fromkeys(adapter.name for adapter in vm.network_adapters):
        same = [adapter for adapter in vm.network_adapters if adapter.name == name]
        allow = [a for a in same if a.connected and not a.mac_address_spoofing]
        forbid = [
            a
            for a in same
            if a.mac_address_spoofing and not {a.id, name}.isdisjoint(previous.spoofing_allowed)
        ]
        if options.enable and options.mac_address_spoofing and allow:
            yield _set_spoofing(
                machine,
                vm,
                allow,
                "On",
                "bridged VMs inside send with MAC addresses of their own",
            )
        elif not options.enable and forbid:
            yield _set_spoofing(machine, vm, forbid, "Off", "it was off before nesting was enabled")


def _set_spoofing(
    machine: ObservedMachine,
    vm: VirtualMachineState,
    adapters: Sequence[NetworkAdapterState],
    value: str,
    why: str,
) -> Step:
    name = adapters[0].name

    def all_to(setting: str) -> tuple[Cmdlet, ...]:
        return tuple(
            on_adapter(vm, adapter, Cmdlet("Set-VMNetworkAdapter", {"MacAddressSpoofing": setting}))
            for adapter in adapters
        )

    return machine.step(
        Action.ALLOW_MAC_SPOOFING if value == "On" else Action.FORBID_MAC_SPOOFING,
        f"{vm.name}/{name}",
        f"{'Enable' if value == 'On' else 'Disable'} MAC address spoofing on {name} of {vm.name}",
        why,
        *all_to(value),
        target=vm_target(vm),
        undo=all_to("Off" if value == "On" else "On"),
    )


def _unchanged(
    vm: VirtualMachineState, options: NestingOptions, previous: PreviousState
) -> Iterable[Unchanged]:
    """Yield a note for each setting that is not changed although the user may expect it."""
    subject = f"VM {vm.name}"
    if (
        options.enable
        and options.memory_startup is None
        and vm.memory_startup < NESTED_MEMORY_MINIMUM
    ):
        way = f"memory_startup='{NESTED_MEMORY_MINIMUM}', --memory {NESTED_MEMORY_MINIMUM}, or Memory in the panel"
        why = f"it starts with {vm.memory_startup} of memory; Hyper-V inside needs {NESTED_MEMORY_MINIMUM}; set it with {way}"
        yield Unchanged(subject, why)
    if options.enable and vm.parent_checkpoint_id.strip("0-"):
        yield Unchanged(
            subject,
            "it has a checkpoint with the earlier setting: applying that hides the extensions again",
        )
    if not options.enable and vm.expose_virtualization_extensions and not previous.known:
        kept = "its memory, processors and MAC address spoofing are kept (journal= or --journal FILE names the journal)"
        yield Unchanged(
            subject,
            f"no journal here has its values from before nesting was enabled, so they are not known: {kept}",
        )
    if not options.enable:
        yield from (Unchanged(subject, why) for why in _changed_since(vm, options, previous))


def _changed_since(
    vm: VirtualMachineState, options: NestingOptions, previous: PreviousState
) -> Iterator[str]:
    """Yield the values that are not restored, because they are not those that nestlab set."""
    if previous.memory is not None and previous.memory_set is not None:
        was = {name: value for name, value in previous.memory.items() if name != "VMName"}
        if not has_memory(vm, previous.memory_set) and not has_memory(vm, was):
            yield f"its memory was changed after nesting was enabled, and is kept: {vm.memory_startup} at startup"
    counts = (previous.processor_count, previous.processor_count_set)
    if (
        previous.processor_count_set is not None
        and options.processor_count is None
        and vm.processor_count not in counts
    ):
        yield f"its processors were changed after nesting was enabled, and are kept: {vm.processor_count}"
