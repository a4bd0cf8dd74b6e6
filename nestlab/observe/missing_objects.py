"""Finds missing objects that the cmdlets of a step refer to by name or path, before they run."""

from __future__ import annotations

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.model import Cmdlet
from nestlab.observe.nested_hosts import SessionTo
from nestlab.observe.reading import text
from nestlab.observe.target_reader import GET_VM_HOST, TargetReader, query
from nestlab.plan import Step, attached_disks, named_switches
from nestlab.texts import tr
from nestlab.transport.session import Cancel

_PATH = Cmdlet(SELECT_OBJECT, {"Property": ["Path"]})


def missing_objects(
    step: Step, session_to: SessionTo, *, topology: str, cancel: Cancel | None = None
) -> tuple[str, ...]:
    """Return the disks and switches that a step needs and its machine lacks, as phrases.

    Raises what `Session.run` raises.
    """
    disks = [*dict.fromkeys(attached_disks(step.cmdlets))]
    switches = [*dict.fromkeys(named_switches(step))]
    if not disks and not switches:
        return ()
    outcome = TargetReader(step, session_to(step.machine), topology, cancel).read(
        GET_VM_HOST,
        *(Cmdlet("Get-VHD", {"Path": disk, "ErrorAction": "Continue"}, _PATH) for disk in disks),
        *(query("Get-VMSwitch", Name=switch) for switch in switches),
    )
    there = {text(record, "Path").casefold() for record in outcome if record.get("Path")}
    there |= {text(record, "Name").casefold() for record in outcome.of_type("VMSwitch")}
    return (
        *(tr("the disk {disk}", disk=disk) for disk in disks if disk.casefold() not in there),
        *(
            tr("the switch {switch}", switch=switch)
            for switch in switches
            if switch.casefold() not in there
        ),
    )
