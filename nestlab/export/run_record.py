"""The record of runs: what happened and when, according to a journal."""

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
from nestlab.texts import tr


def record_section(journal: Journal) -> DocumentSection:
    """Return the section about the runs that a journal records; raises JournalError."""
    header = journal.header()
    return DocumentSection(
        tr("Record"),
        (
            TextParagraph(
                tr(
                    "What happened to {title} on {host}, according to the journal.",
                    title=header.title,
                    host=header.host,
                )
            ),
            CaptionedTable(
                tr("Runs and steps"),
                (tr("Began (UTC)"), tr("Ended (UTC)"), tr("Machine"), tr("Step"), tr("Result")),
                tuple(_rows(journal.records())),
            ),
        ),
    )


@dataclass
class _RecordedStep:
    began: datetime | None
    step: Step
    prefix: str = ""
    ended: datetime | None = None
    result: str | None = None  # None: it has not ended

    @property
    def row(self) -> tuple[str, ...]:
        unfinished = tr("not finished")
        ended = unfinished if self.result is None else _time_text(self.ended)
        place = path_text(self.step.runs_on)
        title = f"{self.prefix}{self.step.title}"
        return _time_text(self.began), ended, place, title, self.result or unfinished


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
                found = newest[record.id] = _RecordedStep(record.time, found.step, tr("Undo: "))
                recorded.append(found)
            if not isinstance(record, UndoStartRecord):
                message = record.message if isinstance(record, StepEndRecord) else ""
                found.ended = record.time
                found.result = ": ".join(filter(None, (str(record.status), message)))
    yield from (item.row for item in recorded)


def _time_text(time: datetime | None) -> str:
    return tr("not recorded") if time is None else f"{time.astimezone(UTC):%Y-%m-%d %H:%M:%S}"
