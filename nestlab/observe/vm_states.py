"""The states of the VMs on a machine, and nothing else of it."""

from __future__ import annotations

from nestlab.observe.hyper_v import brief_vms
from nestlab.observe.hyper_v_statements import vm_overview_statement
from nestlab.transport.session import Cancel, Session


def read_vm_states(session: Session, *, cancel: Cancel | None = None) -> dict[str, str]:
    """Return the state of each VM on a machine, by its name in lower case.

    Where several VMs have a name, the state of one of them. Raises what `Session.run` raises.
    """
    outcome = session.run(vm_overview_statement(), cancel=cancel)
    return {vm.name.casefold(): vm.state for vm in brief_vms(outcome)}
