"""What is left of a plan for each machine, deferred parts included, as a tree."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.html import Html, escape
from nestlab.lab.expected_run import MachineWork
from nestlab.texts import tr, tr_count


def expected_total(work: Sequence[MachineWork]) -> int | None:
    """Return how many steps are left, also those that are planned later; None if not known."""
    if any(each.later is None for each in work):
        return None
    return sum(each.planned + (each.later or 0) for each in work)


def later_text(work: Sequence[MachineWork]) -> str:
    """Return a sentence about the steps that are planned later; empty if none are, or not known."""
    later = sum(each.later or 0 for each in work)
    return tr_count("About {count} more step.", "About {count} more steps.", later) if later else ""


def remaining_tree_html(work: Sequence[MachineWork]) -> Html:
    """Return the machines with the number of their steps; empty for the steps of one machine.

    The list of steps has those that are planned. The machines inside a machine are below it.
    """
    if not any(each.later != 0 for each in work):
        return Html("")
    total = expected_total(work)
    title = (
        tr("What is left is not known in full until the machines answer")
        if total is None
        else tr_count("About {count} step left", "About {count} steps left", total)
    )
    body = "".join(f"<li style='{_indent(each.machine)}'>{_line(each)}</li>" for each in work)
    return Html(
        f"<details open><summary style='cursor:pointer;width:fit-content'><b>{escape(title)}</b></summary>"
        f"<ul style='list-style:none;margin:2px 0 4px;padding:0'>{body}</ul></details>"
    )


def _indent(machine: str) -> str:
    depth = 0 if machine == "host" else machine.count("/") + 1
    return f"padding-left:{1 + 1.5 * depth:.1f}em"  # not shown


def _line(work: MachineWork) -> str:
    name = f"<b>{escape(work.machine.rpartition('/')[2])}</b>"
    if work.later is None:
        return tr("{machine}: planned when it answers", machine=name)
    if not work.later:
        return tr_count(
            "{machine}: {count} step", "{machine}: {count} steps", work.planned, machine=name
        )
    if not work.planned:
        return tr_count(
            "{machine}: about {count} step, planned when it answers",
            "{machine}: about {count} steps, planned when it answers",
            work.later,
            machine=name,
        )
    return tr_count(
        "{machine}: {planned} planned, about {count} more step when it answers",
        "{machine}: {planned} planned, about {count} more steps when it answers",
        work.later,
        machine=name,
        planned=work.planned,
    )
