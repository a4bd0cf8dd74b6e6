"""What is known about an error, as a value; and the value that says that nothing is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """One known error: its cause, the first thing to check, the fix and where it runs, and the source of all that."""

    code: str
    cause: str
    check: str
    fix: str
    runs_on: str = "the machine on which the cmdlet failed"
    source: str
    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.cause}\n  first check: {self.check}\n  fix ({self.runs_on}): {self.fix}\n  source: {self.source}"

    def to_dict(self) -> dict[str, str]:
        """Return the explanation as plain JSON data."""
        return {name: getattr(self, name) for name in ("code", "cause", "check", "fix", "runs_on", "source")}

    def _repr_html_(self) -> str:
        from nestlab.model.html import table  # noqa: PLC0415  # only notebooks need it

        rows = [("cause", self.cause), ("first check", self.check), (f"fix, on {self.runs_on}", self.fix), ("source", self.source)]
        return table((self.code, ""), rows)


@dataclass(frozen=True)
class Unexplained:
    """An error that nobody here knows. False, so that ``if explain(...)`` asks whether it is known."""

    error: str

    def __bool__(self) -> bool:
        return False

    def __str__(self) -> str:
        return f"Nothing is known here about: {self.error or 'an empty text'}\n  {self.advice}"

    @property
    def advice(self) -> str:
        """What to do with it all the same."""
        return (
            "Take the fully qualified id, which is the same in every language of Windows: $Error[0].FullyQualifiedErrorId, and ask again. "
            "Then see whether `nestlab check` finds something on that machine."
        )

    def to_dict(self) -> dict[str, str]:
        """Return plain JSON data; an empty code says that nothing is known."""
        return {"code": "", "error": self.error, "advice": self.advice}

    def _repr_html_(self) -> str:
        from nestlab.model.html import escape  # noqa: PLC0415  # only notebooks need it

        return f"<p><b>Nothing is known here about:</b> {escape(self.error)}</p><p>{escape(self.advice)}</p>"
