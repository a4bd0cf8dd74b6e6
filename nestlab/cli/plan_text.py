"""Plans and their steps as text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestlab.cli.console import Console
from nestlab.model import path_text
from nestlab.model.repeated_texts import without_repetition
from nestlab.texts import tr, tr_count, translate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nestlab.plan import Plan, Remainder, Step


def print_plan(plan: Plan, console: Console, *, nothing_text: str = "") -> None:
    """Print the steps with reasons and cmdlets, what is deferred, and what is not changed.

    `nothing_text` replaces the closing line of an empty plan.
    """
    from nestlab.plan import KEPT_FOR_OTHERS, warning_text  # noqa: PLC0415  # keeps other commands quick

    console.line(console.styled(tr("{title} on {host}", title=plan.title, host=plan.host), "bold"))
    for number, step in enumerate(plan.steps, 1):
        print_step(step, console, f"{number}. ")
    names = [path_text(deferred.machine) for deferred in plan.deferred]
    whys = without_repetition(zip(names, (item.why for item in plan.deferred), strict=True))
    for name, why in zip(names, whys, strict=True):
        console.line(tr("Later, on {machine}: {why}", machine=name, why=why))
    for item in plan.out_of_reach:
        console.line(
            tr(
                "{what} on {machine}: {values}",
                what=item.label,
                machine=path_text(item.machine),
                values="; ".join(item.values),
            )
        )
        console.line(tr("   because {why}", why=item.why))
    if plan.unchanged:
        console.line(tr("Unchanged:"))
        console.table(
            (f"  {tr('what')}", tr("why")),
            [(f"  {item.subject}", item.why) for item in plan.unchanged],
        )
    heading = tr(
        "Leftover objects that {title} owns and its file no longer names (--prune removes them):",
        title=plan.title,
    )
    _print_remainder([item for item in plan.remainder if not item.of_others], heading, console)
    of_others = [item for item in plan.remainder if item.of_others]
    _print_remainder(of_others, translate(KEPT_FOR_OTHERS), console)
    for warning in plan.warnings:
        console.line(f"{console.styled(tr('Warning:'), 'warning')} {warning_text(warning)}")
    console.line(_closing(plan, nothing_text))


def _print_remainder(items: Sequence[Remainder], heading: str, console: Console) -> None:
    """Print what is left over under a heading; nothing where there is none."""
    if not items:
        return
    console.line(heading)
    rows = [(f"  {path_text(item.machine)}", item.subject, ", ".join(item.holds)) for item in items]
    console.table((f"  {tr('machine')}", tr("what"), tr("holds")), rows)


def print_step(step: Step, console: Console, prefix: str = "") -> None:
    """Print one step: machine, title, hazard, reason, and cmdlets that can be pasted there."""
    machine = path_text(step.runs_on)
    console.line(
        f"{prefix}{machine}: {console.styled(step.title, 'bold')}{hazard_text(step, console)}"
    )
    if step.why:
        console.line(tr("   because {why}", why=step.why))
    for cmdlet in step.lines:
        console.line(f"   {console.styled(f'[{machine}] PS>', 'faint')} {cmdlet}")


def hazard_text(step: Step, console: Console) -> str:
    """Return the hazard and the effect of a step, in parentheses; empty if it has neither."""
    words = ", ".join(filter(None, (step.hazard.text, step.effect_text)))
    return console.styled(f"  ({words})", "warning") if words else ""


def _closing(plan: Plan, nothing_text: str) -> str:
    if plan.is_empty:
        return nothing_text or plan.nothing_to_do_text
    text = tr_count("{count} step", "{count} steps", len(plan.steps))
    if plan.hazardous_steps:
        text = tr_count(
            "{steps}, {count} of them hazardous",
            "{steps}, {count} of them hazardous",
            len(plan.hazardous_steps),
            steps=text,
        )
    if plan.deferred:
        text = tr_count(
            "{steps}; {count} machine to plan later",
            "{steps}; {count} machines to plan later",
            len(plan.deferred),
            steps=text,
        )
    return f"{text}."
