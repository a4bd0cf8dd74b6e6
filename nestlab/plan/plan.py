"""The plan: steps, deferred machines, unchanged objects, and the states it was made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nestlab.dataclass import dataclass, field, fields, replace
from nestlab.errors import PlanFileError
from nestlab.model import Finding, MachinePath, path_text
from nestlab.model.repeated_texts import without_repetition
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.plan.heartbeats import matches_text, silent_text
from nestlab.plan.host_changes import StateDigests, state_digests
from nestlab.plan.kinds import SubjectKind
from nestlab.plan.made_entries import MadeEntry
from nestlab.plan.made_routes import MadeRoute
from nestlab.plan.past_runs import NewDisk
from nestlab.plan.remainder_texts import nothing_but_remainder
from nestlab.plan.step import Deferred, Hazard, OutOfReach, Planned, Remainder, Step, Unchanged
from nestlab.plan.undo_needs import UndoNeed
from nestlab.texts import language, tr
from nestlab.visible import visible

NOT_CHANGED = frozenset(
    {
        "address-duplicated",
        "dhcp-not-authorized",
        "dhcp-not-served",
        "dhcp-unanswered",
        "route-conflict",
        "static-address-missing",
    }
)
"""Codes of findings about differences from the file that no step of a plan changes."""


@dataclass(frozen=True)
class Plan:
    """What has to change so that the host matches the topology, in order.

    `states` are the host states that the plan was made from; applying it to a host that has changed
    since raises `StalePlan`; a plan from a file has `state_digests` instead. `credentials` names
    the credential of each Windows guest that has one. `remainder` has the objects that the topology
    owns and its file no longer names, if the plan does not remove them; `out_of_reach` the settings
    that nestlab does not set. `prune` and `recreate` are the options that it was made with, and
    also apply to what a run plans later. So do the consents: `delete_others`, to delete others' VMs
    inside nested hosts that are removed, and `disconnect_others`, to disconnect others from
    switches that are removed and to remove adapters that may be theirs. `recreate_ids` has the Ids
    of the VMs that it recreates because their guests do not answer: the VMs created in their place
    are not recreated again. `topology` is the topology that the plan was made for; None if it
    destroys, or changes single VMs. `warnings` has the findings about the topology, and about how
    it fits the host, that do not block the plan. Four fields were read from the journals of earlier
    runs: `undo_needs`, the disks that their undo needs, if disks are left over; `new_disks`, the
    disks that they created and gave to no VM, if a VM gets an existing disk; `made_routes`, the
    routes that they added to the host, if it has routes; `made_entries`, the entries that they
    added to DHCP scopes, NATs and adapters, if these have entries that the file does not have.
    `language` is the language of its texts; a plan from a file keeps it.
    """

    subject: str
    host: str
    steps: tuple[Step, ...] = ()
    deferred: tuple[Deferred, ...] = ()
    unchanged: tuple[Unchanged, ...] = ()
    remainder: tuple[Remainder, ...] = ()
    out_of_reach: tuple[OutOfReach, ...] = ()
    prune: bool = False
    recreate: tuple[str, ...] = ()
    delete_others: bool = False
    disconnect_others: bool = False
    recreate_ids: tuple[str, ...] = ()
    kind: SubjectKind = SubjectKind.TOPOLOGY
    states: Mapping[MachinePath, HostState] = field(default_factory=dict, repr=False, compare=False)
    credentials: Mapping[MachinePath, str] = field(default_factory=dict, repr=False, compare=False)
    state_digests: StateDigests = field(default_factory=dict, repr=False, compare=False)
    topology: Topology | None = field(default=None, repr=False, compare=False)
    warnings: tuple[Finding, ...] = field(default=(), repr=False, compare=False)
    undo_needs: tuple[UndoNeed, ...] = field(default=(), repr=False, compare=False)
    new_disks: tuple[NewDisk, ...] = field(default=(), repr=False, compare=False)
    made_routes: tuple[MadeRoute, ...] = field(default=(), repr=False, compare=False)
    made_entries: tuple[MadeEntry, ...] = field(default=(), repr=False, compare=False)
    language: str = field(default_factory=language, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("states", "credentials", "state_digests"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    @classmethod
    def of(cls, subject: str, host: str, planned: Iterable[Planned], **other_fields: Any) -> Plan:
        """Return a plan of the items that planners yielded.

        The `needs` of steps are limited to steps of the plan.
        """
        items = tuple(planned)
        steps = tuple(item for item in items if isinstance(item, Step))
        known = {step.id for step in steps}
        return cls(
            subject,
            host,
            tuple(
                replace(step, needs=tuple(need for need in step.needs if need in known))
                for step in steps
            ),
            tuple(item for item in items if isinstance(item, Deferred)),
            tuple(item for item in items if isinstance(item, Unchanged)),
            tuple(item for item in items if isinstance(item, Remainder)),
            tuple(item for item in items if isinstance(item, OutOfReach)),
            **other_fields,
        )

    @property
    def title(self) -> str:
        """The subject as text: ``nat-lab``, ``nesting of HV1``."""
        return self.kind.title_of(self.subject)

    @property
    def is_empty(self) -> bool:
        """True if there is nothing to do, now or later.

        Objects that the file no longer names may still exist (`remainder`).
        """
        return not self.steps and not self.deferred

    @property
    def hazardous_steps(self) -> tuple[Step, ...]:
        """The steps that stop or restart a VM, may cut the connection, or delete data."""
        return tuple(step for step in self.steps if step.hazard is not Hazard.NONE)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)

    def save(self, path: str | Path) -> None:
        """Write the plan to a file, for `nestlab.load_plan` and ``nestlab apply``.

        It holds the steps and the topology they were planned for; no secret. Raises PlanFileError
        where the plan was not made for a topology, FileNotWritten where the file cannot be written.
        """
        from nestlab.plan.plan_document import write_plan  # noqa: PLC0415  # only saving needs it

        if self.topology is None:
            msg = tr(
                "The plan of {title} cannot be saved: it was not made for a topology",
                title=self.title,
            )
            raise PlanFileError(msg, hint=tr("What `Lab.plan` returns can be saved."))
        write_plan(
            path,
            shown=self.to_dict(),
            fields={item.name: getattr(self, item.name) for item in fields(self) if item.compare},
            topology=self.topology,
            credentials=self.credentials,
            digests=state_digests(self.states) or self.state_digests,
            language=self.language,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the plan as plain JSON data, cmdlets as PowerShell text."""
        return {
            "topology": self.title,
            "host": self.host,
            "steps": [step.to_dict() for step in self.steps],
            "deferred": [deferred.to_dict() for deferred in self.deferred],
            "unchanged": [unchanged.to_dict() for unchanged in self.unchanged],
            "remainder": [remainder.to_dict() for remainder in self.remainder],
            "out_of_reach": [out_of_reach.to_dict() for out_of_reach in self.out_of_reach],
            **({"findings": [item.to_dict() for item in self.warnings]} if self.warnings else {}),
        }

    def __repr__(self) -> str:
        return visible(f"<{self.summary}>")

    @property
    def summary(self) -> str:
        """What it is a plan of, and how many steps it has, as text."""
        remainder = tr(", {count} left over", count=len(self.remainder)) if self.remainder else ""
        summary = tr(
            "Plan of {title} on {host}: {steps} steps, {deferred} deferred",
            title=self.title,
            host=self.host,
            steps=len(self.steps),
            deferred=len(self.deferred),
        )
        return f"{summary}{remainder}"

    @property
    def nothing_to_do_text(self) -> str:
        """The sentence that is shown for an empty plan.

        It says whether the host matches the file, has objects left over, differs in settings that
        nestlab does not set, or cannot be read in full.
        """
        if any(item.differs for item in self.out_of_reach):
            return tr(
                "Nothing to do, but {host} differs from {title} in what nestlab does not set.",
                host=self.host,
                title=self.title,
            )
        if any(item.code in NOT_CHANGED for item in self.warnings):
            silent = silent_text(self.topology, self.states)
            text = tr(
                "Nothing to do, but {host} differs from {title}: the warnings say how.",
                host=self.host,
                title=self.title,
            )
            return f"{text} {silent}".rstrip()
        if self.remainder:
            return nothing_but_remainder(self.host, self.title, self.remainder)
        if self.out_of_reach:
            return tr(
                "Nothing to do: everything that nestlab can reach on {host} matches {title}.",
                host=self.host,
                title=self.title,
            )
        matches = matches_text(self.host, self.title, self.topology, self.states)
        return tr("Nothing to do: {matches}", matches=matches)

    def __str__(self) -> str:
        lines: list[str] = [self.nothing_to_do_text] if self.is_empty else []
        for number, step in enumerate(self.steps, 1):
            hazard = "" if step.hazard is Hazard.NONE else f"  [{step.hazard}]"
            lines += [
                f"{number}. {path_text(step.runs_on)}: {step.title}{hazard}",
                f"   {step.why}",
            ]
            lines += [f"   > {line}" for line in step.lines]
        names = [path_text(deferred.machine) for deferred in self.deferred]
        whys = without_repetition(zip(names, (item.why for item in self.deferred), strict=True))
        lines += [
            tr("Later: {machine}: {why}", machine=name, why=why)
            for name, why in zip(names, whys, strict=True)
        ]
        lines += [f"{item.label}: {item}" for item in self.out_of_reach]
        lines += [tr("Left over: {object}", object=item) for item in self.remainder]
        lines += [tr("Warning: {text}", text=warning_text(item)) for item in self.warnings]
        return visible("\n".join(lines))

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)


def warning_text(finding: Finding) -> str:
    """Return a warning of a plan in one line: its subject, what is wrong, and what to do."""
    return " ".join(filter(None, (f"{finding.subject_text}: {finding.message}.", finding.hint)))
