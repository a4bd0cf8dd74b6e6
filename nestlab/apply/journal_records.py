"""The lines of a journal, as values: a header, and what happened to each step."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from nestlab.apply.step_result import StepState
from nestlab.dataclass import dataclass, field, fields
from nestlab.model import Cmdlet, MachinePath, parse_path
from nestlab.plan import InnerVM, Step, StepTarget, SubjectKind
from nestlab.plan.conversion import ConversionError, from_plain, to_plain, with_current_names
from nestlab.visible import visible_json

FORMAT = 4
_NESTING_BEFORE_3 = "nesting of "  # not shown


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


@dataclass(frozen=True, kw_only=True)
class Header:
    """What the journal is for: the subject of the runs, their host, and the guests' credentials.

    `subject` is the name of a topology, or of the VMs whose nesting is changed. `identity` is
    the host's address in a form that does not depend on the current directory; for a simulated host
    without a state file, it includes a token of its process. Credentials are names only.
    `destroys` is how many destroys of the topology were known when the run began.
    """

    RECORD: ClassVar[str] = "header"

    subject: str
    kind: SubjectKind = SubjectKind.TOPOLOGY
    host: str
    identity: str = ""
    credentials: dict[str, str] = field(default_factory=dict)
    version: str = ""
    destroys: int = 0
    format: int = FORMAT
    time: datetime | None = field(default_factory=_now)

    @property
    def title(self) -> str:
        """The subject as text: ``nat-lab``, ``nesting of HV1``."""
        return self.kind.title_of(self.subject)

    @property
    def credentials_by_machine(self) -> dict[MachinePath, str]:
        """The names of the guests' credentials."""
        return {parse_path(path): name for path, name in self.credentials.items()}


@dataclass(frozen=True, kw_only=True)
class StepStartRecord:
    """A step is about to run; its undo is known from here on."""

    RECORD: ClassVar[str] = "step-started"

    step: Step
    time: datetime | None = field(default_factory=_now)


@dataclass(frozen=True, kw_only=True)
class StepIdsRecord:
    """The Ids of the objects that a step created or found by name, for its undo."""

    RECORD: ClassVar[str] = "step-bound"

    id: str
    target: StepTarget
    undo: tuple[Cmdlet, ...]
    time: datetime | None = field(default_factory=_now)


@dataclass(frozen=True, kw_only=True)
class StepEndRecord:
    """A step ended."""

    RECORD: ClassVar[str] = "step-finished"

    id: str
    status: StepState
    message: str = ""
    time: datetime | None = field(default_factory=_now)


@dataclass(frozen=True, kw_only=True)
class UndoStartRecord:
    """A step is about to be undone; `inside` are the VMs that stop with the nested host."""

    RECORD: ClassVar[str] = "undo-started"

    id: str
    inside: tuple[InnerVM, ...] = ()
    time: datetime | None = field(default_factory=_now)


@dataclass(frozen=True, kw_only=True)
class UndoEndRecord:
    """A step has been undone, or no longer needs to be."""

    RECORD: ClassVar[str] = "undone"

    id: str
    status: StepState = StepState.DONE
    time: datetime | None = field(default_factory=_now)


@dataclass(frozen=True, kw_only=True)
class RunEndRecord:
    """A run or an undo is complete."""

    RECORD: ClassVar[str] = "run-finished"

    time: datetime | None = field(default_factory=_now)


@dataclass(frozen=True, kw_only=True)
class InnerVMsRecord:
    """VMs inside nested hosts that an earlier run turned off, and this one has to restore."""

    RECORD: ClassVar[str] = "inner-vms"

    inside: tuple[InnerVM, ...]
    time: datetime | None = field(default_factory=_now)


@dataclass(frozen=True, kw_only=True)
class DestroyRecord:
    """A destroy of the topology removed objects of the host; the journal cannot undo them.

    If it `is_complete`, the topology owns nothing there any more: what the journal created and the
    destroy did not find was removed before.
    """

    RECORD: ClassVar[str] = "destroyed"

    removed: tuple[StepTarget, ...]
    is_complete: bool = False
    time: datetime | None = field(default_factory=_now)


@dataclass(frozen=True, kw_only=True)
class WaitRecord:
    """A run waited for a guest, which took so many `seconds` on the host's clock.

    `kind` is what it waited for, `name` the machine path of the guest as text.
    """

    RECORD: ClassVar[str] = "waited"

    kind: str
    name: str
    seconds: float
    time: datetime | None = field(default_factory=_now)


JournalRecord = (
    Header
    | StepStartRecord
    | StepIdsRecord
    | StepEndRecord
    | UndoStartRecord
    | UndoEndRecord
    | RunEndRecord
    | InnerVMsRecord
    | DestroyRecord
    | WaitRecord
)
_TYPES: Mapping[str, type[JournalRecord]] = {
    kind.RECORD: kind
    for kind in (
        Header,
        StepStartRecord,
        StepIdsRecord,
        StepEndRecord,
        UndoStartRecord,
        UndoEndRecord,
        RunEndRecord,
        InnerVMsRecord,
        DestroyRecord,
        WaitRecord,
    )
}
_STEP_FIELDS = frozenset(item.name for item in fields(Step))


def to_line(record: JournalRecord) -> str:
    """Return a record as one line of JSON."""
    data = {"record": record.RECORD, **to_plain(record)}
    return visible_json(json.dumps(data, ensure_ascii=False))


def from_data(data: Mapping[str, Any]) -> JournalRecord | None:
    """Read the data of a line; None for a record that this version does not know.

    Raises ConversionError, with the key that is wrong.
    """
    kind = _TYPES.get(str(data["record"]))
    if kind is None:
        return None
    rest = {"time": None, **{key: value for key, value in data.items() if key != "record"}}
    if kind is Header:
        rest = _current_header(rest)
    elif kind is StepStartRecord:
        rest = _current_start(rest)
    elif kind is StepIdsRecord:
        rest = with_current_names(rest)
    return from_plain(rest, kind)


def _current_header(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return a header in the layout used since format 3.

    Before, `topology` also named nesting changes.
    """
    rest = dict(data)
    if "topology" not in rest:
        return rest
    name = rest.pop("topology")
    if not isinstance(name, str):
        msg = f"{name!r} is not the name of a topology"  # not shown
        raise ConversionError(msg)
    nesting = name.startswith(_NESTING_BEFORE_3)
    kind = SubjectKind.NESTING if nesting else SubjectKind.TOPOLOGY
    return {**rest, "kind": str(kind), "subject": name.removeprefix(_NESTING_BEFORE_3)}


def _current_start(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the start of a step in the layout used since format 3.

    Before, its fields were not nested.
    """
    if "step" in data or not _STEP_FIELDS & data.keys():
        return dict(data)
    return {"time": data["time"], "step": {key: data[key] for key in data if key != "time"}}
