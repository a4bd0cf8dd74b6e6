"""Checks that a step cuts off no VMs of others that came since it was planned."""

from __future__ import annotations

from nestlab.observe.target_reader import TargetReader
from nestlab.plan import Refusal, Step, cut_off_by, may_cut_off


def refuse_cut_off(reader: TargetReader, step: Step) -> Step | Refusal:
    """Return a step on an existing object, or that it is kept for VMs of others.

    A planned step has the Ids of the VMs that it may cut off; its undo needs consent.
    """
    if reader.may_disconnect_others or not may_cut_off(step):
        return step
    cut = cut_off_by(step, reader.hyper_v_of_switch(step.target.id), reader.topology)
    agreed = () if reader.is_undo else step.disconnects
    if cut is None or {*cut.ids} <= {*agreed}:
        return step
    return Refusal(cut.why_kept, in_use=True)
