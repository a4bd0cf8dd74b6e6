"""The states of the VMs on a machine, and nothing else of it."""

from __future__ import annotations

from nestlab.errors import CmdletError
from nestlab.model import path_text
from nestlab.observe.hyper_v import brief_vms
from nestlab.observe.hyper_v_statements import vm_overview_statement
from nestlab.transport.session import Cancel, Session


def read_vm_states(session: Session, *, cancel: Cancel | None = None) -> dict[str, str]:
    """Return the state of each VM on a machine, by its name in lower case.

    Where several VMs have a name, the state of one of them. Raises what `Session.run` raises, and
    CmdletError if no VMs could be read, because the role or rights are missing.
    """
    statement = vm_overview_statement()
    outcome = session.run(statement, cancel=cancel)
    vms = brief_vms(outcome)
    if outcome.errors and not vms:
        machine = path_text(session.machine)
        raise CmdletError(statement, outcome.errors[0], machine=machine)
    return {vm.name.casefold(): vm.state for vm in vms}
