"""The explanation of a known error, and the value for an unknown one."""

from __future__ import annotations

from functools import reduce
from typing import Any, Final

from nestlab.dataclass import dataclass, replace
from nestlab.pattern import pattern
from nestlab.texts import SOURCE_LANGUAGE, language, mark, tr, translate
from nestlab.visible import visible

_SHOWN_LENGTH = 300  # characters of a pasted text
_POWERSHELL_ERROR = pattern(r"CategoryInfo|FullyQualifiedErrorId|(?m:^\s*[A-Z][a-z]+-[A-Z]\w+ ?:)")
_LOOK_UP_ID: Final = mark(
    "An error of PowerShell has an id that is the same in every language of Windows: look up $Error[0].FullyQualifiedErrorId instead."
)
_LOOK_UP_SCREEN_TEXT: Final = mark(
    "The screen of a VM that boots, an installer or a log has none: look up one line of it, without names, such as "
    "the one with a code or the last. To see what such a VM boots from, use Get-VMFirmware in generation 2, Get-VMBios in generation 1, and Get-VMHardDiskDrive."
)
_CHECK_MACHINE: Final = mark("Then see whether `nestlab check` finds something on that machine.")


@dataclass(frozen=True, kw_only=True, repr=False)
class Explanation:
    """One known error: cause, first check, fix, the machine to run it on, source.

    `general` means that many errors share its ids and texts, so that any other explanation takes
    precedence. Errors of `cmdlets` have this explanation if nothing else matches. `also` has the
    explanations of the other errors in a pasted text.
    """

    code: str
    cause: str
    check: str
    fix: str
    runs_on: str = mark("the machine on which the cmdlet failed")
    source: str
    ids: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    cmdlets: tuple[str, ...] = ()
    general: bool = False
    also: tuple[Explanation | Unexplained, ...] = ()

    def __repr__(self) -> str:
        return visible(
            f"<Explanation {', '.join([self.code, *(getattr(other, 'code', 'unexplained') for other in self.also)])}>"
        )

    def __str__(self) -> str:
        this = tr(
            "{cause}\n  first check: {check}\n  fix ({machine}): {fix}\n  source: {source}",
            cause=self.cause,
            check=self.check,
            machine=self.runs_on,
            fix=self.fix,
            source=self.source,
        )
        return visible("\n".join([this, *map(str, self.also)]))

    @property
    def advice(self) -> str:
        """The explanation as text for a failed step, one line per part."""
        return tr(
            "{cause}\nFirst check: {check}\nFix, on {machine}: {fix}\nSource: {source}",
            cause=self.cause,
            check=self.check,
            machine=self.runs_on,
            fix=self.fix,
            source=self.source,
        )

    def translated(self) -> Explanation:
        """Return the explanation with its texts in the chosen language."""
        if language() == SOURCE_LANGUAGE:
            return self
        return replace(
            self,
            cause=translate(self.cause),
            check=translate(self.check),
            fix=translate(self.fix),
            runs_on=translate(self.runs_on),
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the explanation as plain JSON data."""
        this = {
            name: getattr(self, name)
            for name in ("code", "cause", "check", "fix", "runs_on", "source")
        }
        return {**this, "also": [other.to_dict() for other in self.also]} if self.also else this

    def _repr_html_(self) -> str:
        from nestlab.html import headline, linked, prose, table, without_math  # noqa: PLC0415  # only notebooks need it

        rows = [
            (tr("first check"), prose(self.check)),
            (tr("fix, on {machine}", machine=self.runs_on), prose(self.fix)),
            (tr("source"), linked(self.source)),
        ]
        others = (other._repr_html_() for other in self.also)
        top = headline("", tr("Known error: {code}", code=self.code), self.cause)
        return without_math(top, table(("", tr("what to do")), rows), *others)


@dataclass(frozen=True, repr=False)
class Unexplained:
    """An error that is not known, with codes that are spelled similarly.

    Its truth value is False, so that ``if explain(...)`` tests whether the error is known.
    """

    error: str
    similar: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return visible(f"<Unexplained: {self.error[:60]}>")

    def __str__(self) -> str:
        shown = (
            self.error if len(self.error) <= _SHOWN_LENGTH else f"{self.error[:_SHOWN_LENGTH]} …"
        )
        headline = (
            tr("Unknown error: {error}", error=shown)
            if shown
            else tr("Unknown error: an empty string")
        )
        return visible(f"{headline}\n  {self.advice}")

    @property
    def advice(self) -> str:
        """What to do with an unknown error."""
        if self.similar:
            return tr(
                "Did you mean {codes}? `nestlab explain --list` lists all codes of findings.",
                codes=reduce(_either, self.similar),
            )
        screen_advice = () if _POWERSHELL_ERROR.search(self.error) else (_LOOK_UP_SCREEN_TEXT,)
        return " ".join(translate(text) for text in (_LOOK_UP_ID, *screen_advice, _CHECK_MACHINE))

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; `code` is empty, because the error is unknown."""
        similar = {"similar": list(self.similar)} if self.similar else {}
        return {"code": "", "error": self.error, "advice": self.advice, **similar}

    def _repr_html_(self) -> str:
        from nestlab.html import Html, escape, headline, without_math  # noqa: PLC0415  # only notebooks need it

        title = f"{tr('Unknown error:')} {self.error[:_SHOWN_LENGTH]}"
        return without_math(headline("?", Html(escape(title)), self.advice))


def _either(one: str, other: str) -> str:
    return tr("{one} or {other}", one=one, other=other)
