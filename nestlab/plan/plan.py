"""The plan: steps in order, what is deferred, what stays as it is, and the states it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from nestlab.model import MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.plan.step import Deferred, Hazard, Planned, Step, Unchanged


@dataclass(frozen=True)
class Plan:
    """What has to change so that the host carries the topology, in order.

    `states` are the host states that the plan was made from; applying it to a host that has changed since raises
    `StalePlan`. `credentials` names the credential of each guest that steps run in.
    """

    topology: str
    host: str
    steps: tuple[Step, ...] = ()
    deferred: tuple[Deferred, ...] = ()
    unchanged: tuple[Unchanged, ...] = ()
    states: Mapping[MachinePath, HostState] = field(default_factory=dict, repr=False, compare=False)
    credentials: Mapping[MachinePath, str] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "states", MappingProxyType(dict(self.states)))
        object.__setattr__(self, "credentials", MappingProxyType(dict(self.credentials)))

    @classmethod
    def of(cls, topology: str, host: str, planned: Iterable[Planned], **remembered: Any) -> Plan:
        """Sort what the planners yielded; steps need only what is in the plan, so other needs are left out."""
        items = tuple(planned)
        steps = tuple(item for item in items if isinstance(item, Step))
        known = {step.id for step in steps}
        return cls(
            topology,
            host,
            tuple(replace(step, needs=tuple(need for need in step.needs if need in known)) for step in steps),
            tuple(item for item in items if isinstance(item, Deferred)),
            tuple(item for item in items if isinstance(item, Unchanged)),
            **remembered,
        )

    @property
    def complete(self) -> bool:
        """True where there is nothing to do, now or later."""
        return not self.steps and not self.deferred

    @property
    def hazards(self) -> tuple[Step, ...]:
        """The steps that stop or restart a VM, may cut the connection, or delete data."""
        return tuple(step for step in self.steps if step.hazard is not Hazard.NONE)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain JSON data, cmdlets as PowerShell text."""
        return {
            "topology": self.topology,
            "host": self.host,
            "steps": [step.to_dict() for step in self.steps],
            "deferred": [deferred.to_dict() for deferred in self.deferred],
            "unchanged": [unchanged.to_dict() for unchanged in self.unchanged],
        }

    def __repr__(self) -> str:
        return f"<Plan of {self.topology} on {self.host}: {len(self.steps)} steps, {len(self.deferred)} deferred>"

    def __str__(self) -> str:
        if self.complete:
            return f"Nothing to do: {self.host} is as {self.topology} wants it."
        lines: list[str] = []
        for number, step in enumerate(self.steps, 1):
            hazard = "" if step.hazard is Hazard.NONE else f"  [{step.hazard}]"
            lines += [f"{number}. {path_text(step.machine)}: {step.title}{hazard}", f"   {step.why}"]
            lines += [f"   > {cmdlet}" for cmdlet in step.cmdlets]
        lines += [f"Later: {path_text(deferred.machine)}: {deferred.why}" for deferred in self.deferred]
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        from nestlab.model.html import table  # noqa: PLC0415  # only notebooks need it

        if self.complete:
            return f"<p>✓ {self!s}</p>"
        rows = [(n, _cell(step), path_text(step.machine)) for n, step in enumerate(self.steps, 1)]
        deferred = [("deferred", item.why, path_text(item.machine)) for item in self.deferred]
        return table(("", "step, why, and its cmdlets", "machine"), [*rows, *deferred], caption=repr(self).strip("<>"))


def _cell(step: Step) -> str:
    from nestlab.model.html import Html, code, escape  # noqa: PLC0415  # only notebooks need it

    hazard = "" if step.hazard is Hazard.NONE else f" ⚠ {escape(step.hazard)}"
    return Html("<br>".join([f"<b>{escape(step.title)}</b>{hazard}", escape(step.why), *map(code, step.cmdlets)]))
