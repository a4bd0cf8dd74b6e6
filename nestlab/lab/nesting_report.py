"""The report of a change of VMs' virtualization extensions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nestlab.apply import StepResult
from nestlab.dataclass import dataclass
from nestlab.texts import tr
from nestlab.visible import visible


@dataclass(frozen=True)
class NestingReport:
    """The results of a change of VMs' virtualization extensions, step by step.

    `vm` has the names of all VMs, joined by commas.
    `notes` say what is not changed although the user may expect it, and what is not known.
    """

    vm: str
    enabled: bool
    results: tuple[StepResult, ...]
    journal: Path | None = None
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no step failed."""
        return all(result.ok for result in self.results)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        steps = [result.to_dict() for result in self.results]
        return {
            "vm": self.vm,
            "enabled": self.enabled,
            "ok": self.ok,
            "journal": str(self.journal or ""),
            "steps": steps,
            "notes": list(self.notes),
        }

    def __repr__(self) -> str:
        state = "exposed" if self.enabled else "hidden"
        outcome = state if self.ok else "failed"
        return visible(f"<NestingReport {self.vm}: {outcome}, {len(self.results)} steps>")

    def _outcome(self) -> str:
        """Return the state of the virtualization extensions after the run, as a sentence."""
        if not self.ok:
            done = sum(result.ok for result in self.results)
            return tr(
                "A step failed; {done} of {count} steps applied.",
                done=done,
                count=len(self.results),
            )
        if self.enabled:
            return tr("Virtualization extensions are exposed.")
        return tr("Virtualization extensions are hidden.")

    def __str__(self) -> str:
        nothing = (
            tr("{vm}: nothing to do, virtualization extensions are exposed already", vm=self.vm)
            if self.enabled
            else tr("{vm}: nothing to do, virtualization extensions are hidden already", vm=self.vm)
        )
        lines = [str(result) for result in self.results] or [nothing]
        return visible("\n".join([*lines, *(f"! {note}" for note in self.notes)]))

    def _repr_html_(self) -> str:
        from nestlab.apply.step_result_html import results_table  # noqa: PLC0415  # only notebooks need it
        from nestlab.html import headline, without_math  # noqa: PLC0415  # only notebooks need it

        top = headline("✓" if self.ok else "✗", f"{self.vm}: {self._outcome()}", *self.notes)
        return without_math(top, results_table(self.results) if self.results else "")
