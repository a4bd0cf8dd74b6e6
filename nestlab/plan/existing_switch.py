"""What a plan says of the existing switches that a file uses: they are not changed."""

from __future__ import annotations

from nestlab.errors import PlanRefused
from nestlab.model import Finding, Findings
from nestlab.model.spelling import same_name
from nestlab.model.topology import Switch
from nestlab.plan.planned_machine import PlannedMachine
from nestlab.plan.step import Unchanged
from nestlab.texts import tr


def existing_switch(machine: PlannedMachine, switch: Switch) -> Unchanged:
    """Return why an existing switch is not changed; raises PlanRefused unless exactly one fits."""
    found = machine.hyper_v.existing_switches(switch)
    subject = f"{machine.name}: switch {switch.name}"
    if len(found) == 1:
        name, kind = found[0].name, found[0].switch_type
        why = (
            tr("the file uses the existing one of type {type}, which is not changed", type=kind)
            if same_name(name, switch.name)
            else tr(
                "the file uses the existing one, found by its Id and named {switch} here, of type {type}, which is not changed",
                switch=name,
                type=kind,
            )
        )
        shown = tr("{machine}: switch {switch}", machine=machine.name, switch=switch.name)
        return Unchanged(shown, why)
    if found:
        message = tr(
            "{machine} has {count} switches {switch}",
            machine=machine.name,
            count=len(found),
            switch=switch.name,
        )
        hint = tr("Rename one of them, so that the name identifies one switch.")
        raise PlanRefused(Findings([Finding("name-clash", "error", subject, message, hint)]))
    message = tr("{machine} has no switch {switch}", machine=machine.name, switch=switch.name)
    hint = tr(
        "Write the name of a switch that Get-VMSwitch shows there. To have nestlab create the switch, leave out existing and write switch_type: Internal, with ip_address, and nat or dhcp if wanted."
    )
    missing = Finding("existing-switch-missing", "error", subject, message, hint)
    raise PlanRefused(Findings([missing]))
