"""Checks that a step cuts off no VMs of others that came since it was planned."""

from __future__ import annotations

from nestlab.dataclass import replace
from nestlab.model.ownership import is_marked
from nestlab.model.state import HyperVState, VMHostState
from nestlab.observe.nested_hosts import Unread, states_inside
from nestlab.observe.reading import guid, text
from nestlab.observe.switch_services import served_switch
from nestlab.observe.target_reader import TargetReader, query
from nestlab.plan import Refusal, Step, TargetKind
from nestlab.plan.cut_off import StepOnMachine
from nestlab.plan.cutting_steps import may_cut_off, removes_service

_NOTHING = HyperVState(vm_host=VMHostState())


def refuse_cut_off(reader: TargetReader, step: Step) -> Step | Refusal:
    """Return a step on existing objects, or that it is kept for VMs of others.

    A planned step has the Ids of the VMs that it may cut off; its undo needs consent. Notices of
    an undo step say what is not known, as the reason of a planned one does. A step that the user
    asked for by name is one on that VM, with what is inside.
    """
    is_undone_service = removes_service(step) and reader.is_undo
    if step.by_request or not (may_cut_off(step) or is_undone_service):
        return step
    on = _step_on_machine(reader, step)
    cut = on.cut_off
    agreed = () if reader.is_undo else step.disconnects
    if cut and not reader.may_disconnect_others and not {*cut.ids} <= {*agreed}:
        return Refusal(cut.why_kept, in_use=True)
    notices = filter(None, (on.not_known if reader.is_undo else "",))
    return replace(step, notices=(*step.notices, *notices))


def _step_on_machine(reader: TargetReader, step: Step) -> StepOnMachine:
    if step.target.kind is TargetKind.WINDOWS:
        return _role_on_machine(reader, step)
    if step.target.kind is TargetKind.VM:
        found = reader.around_vm(step.target.id)
    else:
        is_switch = step.target.kind is TargetKind.SWITCH
        switch_id = step.target.id if is_switch else _id_of_served_switch(reader)
        if not switch_id:  # a NAT of a guest, or its switch is gone
            return StepOnMachine(step, _NOTHING, reader.topology, {}, {})
        found = reader.around_switch(switch_id)
    return StepOnMachine(step, found.hyper_v, reader.topology, found.states, found.unread)


def _role_on_machine(reader: TargetReader, step: Step) -> StepOnMachine:
    """Return the removal of Hyper-V from a guest, with the VMs in it."""
    unread: Unread = {}
    guest = reader.guest(step.machine[-1])
    states = states_inside(
        step.machine, guest, reader.topology, reader.session_to, unread=unread, cancel=reader.cancel
    )
    return StepOnMachine(step, _NOTHING, reader.topology, states, unread)


def _id_of_served_switch(reader: TargetReader) -> str:
    """Return the Id of the switch of a NAT, a DHCP scope or an address; empty if it is gone."""
    named = query("Get-VMSwitch", Name=served_switch(reader))
    switches = reader.read(named).of_type("VMSwitch")  # none in a guest without Hyper-V
    own = [each for each in switches if is_marked(text(each, "Notes"), reader.topology)]
    return next((guid(each, "Id") for each in own or switches), "")
