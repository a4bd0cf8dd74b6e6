"""The record of runs: what a journal says happened, and when."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from nestlab.apply import Journal
from nestlab.apply.journal_records import (
    JournalRecord,
    StepEndRecord,
    StepStartRecord,
    UndoEndRecord,
    UndoStartRecord,
)
from nestlab.dataclass import dataclass
from nestlab.export.document import CaptionedTable, DocumentSection, TextParagraph
from nestlab.model import path_text
from nestlab.plan import Step

_HEADERS = ("Began (UTC)", "Ended (UTC)", "Machine", "Step", "Result")
_NO_END = "not finished"


def record_section(journal: Journal) -> DocumentSection:
    """Return the section about the runs that a journal records; raises JournalError."""
    header = journal.header()
    return DocumentSection(
        "Record",
        (
            TextParagraph(
                f"What happened to {header.title} on {header.host}, according to the journal."
            ),
            CaptionedTable("Runs and steps", _HEADERS, tuple(_rows(journal.records()))),
        ),
    )


@dataclass
class _RecordedStep:
    began: datetime | None
    step: Step
    prefix: str = ""
    ended: datetime | None = None
    result: str = _NO_END

    @property
    def row(self) -> tuple[str, ...]:
        ended = _NO_END if self.result == _NO_END else _time_text(self.ended)
        place = path_text(self.step.runs_on)
        return _time_text(self.began), ended, place, f"{self.prefix}{self.step.title}", self.result


def _rows(records: Iterable[JournalRecord]) -> Iterator[tuple[str, ...]]:
    recorded: list[_RecordedStep] = []
    newest: dict[str, _RecordedStep] = {}
    for record in records:
        if isinstance(record, StepStartRecord):
            newest[record.step.id] = _RecordedStep(record.time, record.step)
            recorded.append(newest[record.step.id])
        elif isinstance(record, UndoStartRecord | UndoEndRecord | StepEndRecord):
            found = newest.get(record.id)
            if found is None:
                continue
            if not isinstance(record, StepEndRecord) and not found.prefix:
                found = newest[record.id] = _RecordedStep(record.time, found.step, "Undo: ")
                recorded.append(found)
            if not isinstance(record, UndoStartRecord):
                message = record.message if isinstance(record, StepEndRecord) else ""
                found.ended = record.time
                found.result = ": ".join(filter(None, (str(record.status), message)))
    yield from (item.row for item in recorded)


def _time_text(time: datetime | None) -> str:
    return "not recorded" if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
