"""Steps that cut VMs of others off, although their switch or nested host stays: they need consent.

A virtual switch has one type and one uplink, and connects only ports with the same VLAN
(https://learn.microsoft.com/powershell/module/hyper-v/set-vmswitch,
https://learn.microsoft.com/powershell/module/hyper-v/set-vmnetworkadaptervlan): another value cuts
off what is connected to it. VMs inside a nested host need its virtualization extensions, and those
that are bridged through one of its adapters need that adapter, with MAC address spoofing
(https://learn.microsoft.com/virtualization/hyper-v-on-windows/user-guide/enable-nested-virtualization).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nestlab.dataclass import dataclass
from nestlab.enumerations import all_of
from nestlab.errors import HostError, UsageError
from nestlab.model import MachinePath, path_text
from nestlab.model.ownership import nat_name
from nestlab.model.spelling import same_name
from nestlab.model.state import HostState, HyperVState, SwitchState, VirtualMachineState
from nestlab.model.topology import SwitchType
from nestlab.plan.cutting_steps import (
    changes_binding,
    changes_vm_adapter,
    may_cut_off,
    removes_hyper_v,
    removes_service,
    selected_ids,
)
from nestlab.plan.in_use import kept_text, other_vms_on
from nestlab.plan.kinds import TargetKind
from nestlab.plan.others_inside import OthersInside, others_inside
from nestlab.plan.step import Step
from nestlab.plan.undeclared_adapters import DISCONNECT_OTHERS_OPTION
from nestlab.texts import tr, tr_count

Unread = Mapping[MachinePath, HostError | UsageError]


@dataclass(frozen=True)
class CutOff:
    """The VMs of others that a step cuts off, by name and by Id.

    They are on the switch `switch`; where that is empty, inside the VM of the step.
    """

    names: tuple[str, ...]
    ids: tuple[str, ...]
    switch: str = ""

    @property
    def users(self) -> str:
        """The VMs as an enumeration."""
        return all_of([f"VM {name}" for name in self.names])

    @property
    def clause(self) -> str:
        """A clause about the VMs, for the reason of a step."""
        if self.switch:
            return tr(
                "; {vms} on switch {switch} may use it, too", vms=self.users, switch=self.switch
            )
        return tr_count(
            "; {vms} inside, which is not this topology's, depends on it",
            "; {vms} inside, which are not this topology's, depend on it",
            len(self.names),
            vms=self.users,
        )

    @property
    def why_kept(self) -> str:
        """Why what the step changes is kept as it is."""
        if self.switch:
            return why_switch_is_unchanged(self.users, self.switch)
        why = tr_count(
            "{vms} inside, which is not this topology's, depends on it; {option} changes it anyway",
            "{vms} inside, which are not this topology's, depend on it; {option} changes it anyway",
            len(self.names),
            vms=self.users,
            option=DISCONNECT_OTHERS_OPTION,
        )
        return kept_text(why)


def why_switch_is_unchanged(users: str, switch: str) -> str:
    """Return why a switch is kept as it is: what is on it, as text, is of others."""
    return kept_text(
        tr(
            "{vms} on switch {switch} may use it; {option} changes it anyway",
            vms=users,
            switch=switch,
            option=DISCONNECT_OTHERS_OPTION,
        )
    )


@dataclass(frozen=True)
class StepOnMachine:
    """A step, or the undo of one, with the state of Hyper-V on its machine.

    `hyper_v` has at least the objects that the step acts on, with their VMs. `states` has the
    nested hosts that were read, `unread` the errors of those that could not be.
    """

    step: Step
    hyper_v: HyperVState
    topology: str
    states: Mapping[MachinePath, HostState]
    unread: Unread

    @property
    def cut_off(self) -> CutOff | None:
        """The VMs of others that the step cuts off; None if there are none."""
        step = self.step
        if not may_cut_off(step):
            return None
        if step.target.kind is TargetKind.SWITCH:
            return self._cut_off_on_switch()
        if changes_vm_adapter(step):
            ids = selected_ids(step)
            bridged = self.hyper_v.bridged_vms
            return _cut_off([vm for vm in bridged if any(a.id in ids for a in vm.network_adapters)])
        inside = self._inside()
        return CutOff(_with_path(self.host, inside.names), inside.ids) if inside.names else None

    @property
    def not_known(self) -> str:
        """What is not known of VMs of others in nested hosts that the step may cut off."""
        step = self.step
        if step.target.kind is TargetKind.SWITCH or removes_service(step):
            vms = self._own_vms_on_switch()
        else:
            vm = self.vm if may_cut_off(step) else None
            vms = [vm] if vm else []
        texts = (self._others_in(vm).cut_off_text for vm in vms)
        return "; ".join(dict.fromkeys(filter(None, texts)))

    @property
    def host(self) -> MachinePath:
        """The nested host of a step on a VM, or on Windows in it."""
        step = self.step
        return step.machine if removes_hyper_v(step) else (*step.machine, step.target.name)

    @property
    def vm(self) -> VirtualMachineState | None:
        """The VM that the step acts on."""
        target = self.step.target
        found = (vm for vm in self.hyper_v.vms if target.id in ("", vm.id))
        return next((vm for vm in found if target.id or same_name(vm.name, target.name)), None)

    def _cut_off_on_switch(self) -> CutOff | None:
        switch = self._switch()
        # On an External switch, the gateway of the VMs is that of the physical network.
        if switch is None or (
            switch.switch_type == SwitchType.EXTERNAL and not changes_binding(self.step)
        ):
            return None
        return _cut_off(other_vms_on(self.hyper_v, switch, self.topology), switch.name)

    def _switch(self) -> SwitchState | None:
        """Return the switch that the step acts on, or that its NAT, scope or address serves."""
        target = self.step.target
        is_switch = target.kind is TargetKind.SWITCH
        served = target.switch or target.name[len(nat_name(self.topology, "")) :]
        name, identity = (target.name, target.id) if is_switch else (served, "")
        found = (each for each in self.hyper_v.switches if identity in ("", each.id))
        return next((each for each in found if identity or same_name(each.name, name)), None)

    def _own_vms_on_switch(self) -> list[VirtualMachineState]:
        switch = self._switch()
        is_cut = may_cut_off(self.step) or removes_service(self.step)
        own = self.hyper_v.vms_of(self.topology) if switch and is_cut else ()
        return [
            vm
            for vm in own
            if any(switch and each.switch_id == switch.id for each in vm.network_adapters)
        ]

    def _inside(self) -> OthersInside:
        vm = self.vm
        if removes_hyper_v(self.step):
            vm = VirtualMachineState(id="", name=self.host[-1], state="Running")
        return self._others_in(vm) if vm else OthersInside()

    def _others_in(self, vm: VirtualMachineState) -> OthersInside:
        path = self.host[:-1] if removes_hyper_v(self.step) else self.step.machine
        return others_inside(path, vm, self.topology, self.states, self.unread)


def _cut_off(vms: Iterable[VirtualMachineState], switch: str = "") -> CutOff | None:
    found = [*vms]
    names, ids = tuple(vm.name for vm in found), tuple(vm.id for vm in found)
    return CutOff(names, ids, switch) if found else None


def _with_path(host: MachinePath, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(path_text((*host, name)) for name in names)
