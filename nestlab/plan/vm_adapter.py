"""One adapter of a VM, for the steps that change it."""

from __future__ import annotations

from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet, SwitchParameter
from nestlab.model.state import NetworkAdapterState, VirtualMachineState
from nestlab.plan.cmdlet_targets import on_adapter, on_vm
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Step, StepTarget


@dataclass(frozen=True)
class VMAdapter:
    """One adapter of a VM, for the steps that change it; `now` has no Id before it exists."""

    machine: PlannedMachine
    vm: str
    current: VirtualMachineState
    now: NetworkAdapterState

    @property
    def name(self) -> str:
        """The name of the adapter in Hyper-V."""
        return self.now.name

    @property
    def belongs_to_nested_host(self) -> bool:
        """Whether the file makes the VM a nested host."""
        wanted = (vm for vm in self.machine.wanted.vms if vm.name == self.vm)
        return any(vm.nested is not None for vm in wanted)

    def step(
        self,
        action: Action,
        title: str,
        why: str,
        *,
        do: Cmdlet,
        undo: Cmdlet | None,
        key: str = "",
    ) -> Step:
        """Return a step that changes the adapter; `key` is that of the setting, if it has one."""
        return self.machine.step(
            action,
            f"{self.vm}/{self.name}/{key}" if key else f"{self.vm}/{self.name}",
            title,
            why,
            do,
            undo=() if undo is None else (undo,),
            target=StepTarget(TargetKind.VM, self.vm, self.current.id),
            needs=(self.machine.step_id(Action.CREATE_VM, self.vm),),
        )

    def cmdlet(self, name: str, **parameters: object) -> Cmdlet:
        """Return a cmdlet with the adapter piped into it."""
        return self.on(Cmdlet(name, parameters))

    def on(self, cmdlet: Cmdlet) -> Cmdlet:
        """Return a cmdlet, or the first of a pipeline, with the adapter piped into it."""
        return on_adapter(self.current, self.now, cmdlet)

    def add(self, **parameters: object) -> Cmdlet:
        """Return the cmdlet that adds the adapter to its VM."""
        # -Passthru returns the new adapter, with its Id.
        return on_vm(
            self.current,
            Cmdlet(
                "Add-VMNetworkAdapter",
                {"Name": self.name, **parameters, "Passthru": SwitchParameter.ON},
            ),
        )
