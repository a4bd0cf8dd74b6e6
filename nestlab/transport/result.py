"""The result of a pipeline, and the options of its run."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.dataclass import dataclass, field
from nestlab.model import ErrorRecord, Progress, Record
from nestlab.transport.session import Cancel


@dataclass
class Result:
    """The output of one pipeline; `terminating_error` is the error that ended it."""

    records: list[Record] = field(default_factory=list)
    errors: list[ErrorRecord] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    verbose: list[str] = field(default_factory=list)
    terminating_error: ErrorRecord | None = None
    records_before_error: int | None = None
    """The number of records that arrived before the first error; None without errors."""


@dataclass(frozen=True)
class RunOptions:
    """The options of a run: its time limit, progress callback and cancel."""

    timeout: float | None = None
    on_progress: Callable[[Progress], None] | None = None
    cancel: Cancel | None = None
