"""The result of applying a plan in a cell: the applied steps and the remaining plan."""

from __future__ import annotations

from typing import Any

from nestlab.apply import StepResult
from nestlab.dataclass import dataclass, field
from nestlab.html import folded, headline, without_math
from nestlab.notebook.steps import StepRows, steps_html
from nestlab.plan import Plan
from nestlab.texts import tr, tr_count
from nestlab.visible import visible

_SHOWN = 12  # steps that are shown without a click, unless one has failed


@dataclass(frozen=True)
class Applied:
    """The steps that a panel has applied so far, and the remaining plan."""

    results: tuple[StepResult, ...]
    remaining: Plan
    rows: StepRows = field(default_factory=StepRows)

    @property
    def ok(self) -> bool:
        """Whether no step failed."""
        return all(result.ok for result in self.results)

    @property
    def complete(self) -> bool:
        """Whether no steps remain."""
        return self.remaining.is_empty

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "results": [result.to_dict() for result in self.results],
            "remaining": self.remaining.to_dict(),
        }

    def __repr__(self) -> str:
        plan, done = self.remaining, self._counted()
        return visible(f"<Applied {plan.title} on {plan.host}: {done}>")  # not shown

    def __str__(self) -> str:
        return visible("\n".join([*map(str, self.results), str(self.remaining)]))

    def _repr_html_(self) -> str:
        mark = "✓" if self.ok and self.complete else "✗" if not self.ok else "…"
        plan = self.remaining
        what = tr("{title} on {host}", title=plan.title, host=plan.host)
        head = headline(mark, f"{what}: {self._counted()}")
        steps = steps_html(self.rows)
        if self.ok and len(self.results) > _SHOWN:
            steps = folded(tr("the steps that were applied"), steps)
        return without_math(head, steps)

    def _counted(self) -> str:
        steps = sum(result.ok for result in self.results)
        done = (
            tr_count("{count} step applied", "{count} steps applied", steps)
            if steps
            else tr("no steps applied")
        )
        if self.complete and not self.results:
            return tr("no steps were needed")
        if self.complete:
            return tr("{done}, no steps remain", done=done)
        left, later = len(self.remaining), len(self.remaining.deferred)
        if later:
            return tr(
                "{done}, {left} remaining, {later} deferred", done=done, left=left, later=later
            )
        return tr("{done}, {left} remaining", done=done, left=left)
