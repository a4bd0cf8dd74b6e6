"""The steps that expose virtualization extensions to existing VMs, or hide them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nestlab.constants import SET_PROCESSOR_COUNT_FIRST_FROM_BUILD
from nestlab.dataclass import replace
from nestlab.model import Cmdlet
from nestlab.model.state import HostState, NetworkAdapterState, VirtualMachineState
from nestlab.plan.cmdlet_targets import on_adapter, on_vm, vm_target
from nestlab.plan.kinds import Action, SubjectKind
from nestlab.plan.nesting_limits import require_possible_resources
from nestlab.plan.nesting_options import NestingOptions, PreviousState
from nestlab.plan.nesting_power import PowerChange
from nestlab.plan.nesting_unchanged import has_memory, unchanged_settings
from nestlab.plan.plan import Plan
from nestlab.plan.planned_machine import ObservedMachine
from nestlab.plan.settings import set_extensions, set_memory
from nestlab.plan.step import Planned, Step, Unchanged
from nestlab.plan.vm_names import distinct_names, find_vm
from nestlab.texts import tr


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
            tr("virtualization extensions are exposed already")
            if options.enable
            else tr("virtualization extensions are hidden already"),
        )
    yield from unchanged_settings(vm, options, previous)


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
        why=tr("{why}; on this build the processor count has to be given with them", why=step.why),
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
        tr("Set the processor count of {vm} to {count}", vm=vm.name, count=wanted),
        tr("it has {count}", count=vm.processor_count)
        + (
            ""
            if options.enable
            else tr(", and had {count} before nesting was enabled", count=wanted)
        ),
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
            title = (
                tr("Set the memory of {vm} to {memory}, dynamic", vm=vm.name, memory=startup)
                if wanted["DynamicMemoryEnabled"]
                else tr("Set the memory of {vm} to {memory}, static", vm=vm.name, memory=startup)
            )
            step = set_memory(machine, vm, title, wanted)
            yield replace(
                step,
                why=tr(
                    "{why}; while Hyper-V runs inside, memory does not change dynamically and cannot be resized",
                    why=step.why,
                ),
            )
    elif (
        previous.memory is not None
        and previous.memory_set is not None
        and has_memory(vm, previous.memory_set)
    ):
        wanted = {name: value for name, value in previous.memory.items() if name != "VMName"}
        if not has_memory(vm, wanted):
            step = set_memory(machine, vm, tr("Restore the memory of {vm}", vm=vm.name), wanted)
            yield replace(
                step,
                id=machine.step_id(Action.RESTORE_MEMORY, vm.name),
                action=Action.RESTORE_MEMORY,
            )


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
                tr("bridged VMs inside send with MAC addresses of their own"),
            )
        elif not options.enable and forbid:
            yield _set_spoofing(
                machine, vm, forbid, "Off", tr("it was off before nesting was enabled")
            )


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
        tr("Enable MAC address spoofing on {adapter} of {vm}", adapter=name, vm=vm.name)
        if value == "On"
        else tr("Disable MAC address spoofing on {adapter} of {vm}", adapter=name, vm=vm.name),
        why,
        *all_to(value),
        target=vm_target(vm),
        undo=all_to("Off" if value == "On" else "On"),
    )
