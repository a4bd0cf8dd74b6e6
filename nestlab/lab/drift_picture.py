"""The differences between a host and a topology, and the topology's picture with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.dataclass import dataclass
from nestlab.errors import UsageError
from nestlab.model import Finding, Findings
from nestlab.model.files import write_atomically
from nestlab.model.topology import Topology
from nestlab.plan import Step
from nestlab.texts import tr, tr_count

if TYPE_CHECKING:
    from nestlab.drawing import Annotation, Layout

FORMATS = ("svg", "png", "pdf")
"""The extensions of pictures of differences."""


@dataclass(frozen=True)
class Difference:
    """A finding, the kind of its mark, and the part of the picture that it is about.

    `step` is the step of a plan that would remove the difference, if there is one.
    """

    finding: Finding
    kind: str
    part: str
    step: Step | None = None


class DriftFindings(Findings):
    """How a host differs from a topology; a notebook shows them on the picture of the topology.

    `topology` and `host` were compared; `differences` has the findings with their places on the
    picture. `svg` returns the picture, `save` writes it to a file.
    """

    def __init__(self, differences: Iterable[Difference], topology: Topology, host: str) -> None:
        found = tuple(differences)
        super().__init__(each.finding for each in found)
        order = {id(finding): number for number, finding in enumerate(self)}
        self.differences = tuple(sorted(found, key=lambda each: order[id(each.finding)]))
        self.topology, self.host = topology, host

    @property
    def differs(self) -> bool:
        """Whether anything is known to differ from the topology, or to be left over."""
        return any(each.kind != "not-known" for each in self.differences)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """The machines whose guests run and could not be compared: they do not answer or refuse."""
        return tuple(
            dict.fromkeys(
                each.part
                for each in self.differences
                if each.kind == "not-known" and each.finding.severity == "warning"
            )
        )

    @property
    def summary(self) -> str:
        """What was compared, and how many differences of each kind there are, in a sentence."""
        return tr(
            "{topology} on {host}: {counts}",
            topology=self.topology.name,
            host=self.host,
            counts=", ".join(self._counts()) or tr("no difference"),
        )

    def _counts(self) -> Iterator[str]:
        kinds = Counter(each.kind for each in self.differences)
        if count := kinds["missing"]:
            yield tr_count("{count} missing", "{count} missing", count)
        if count := kinds["differs"]:
            yield tr_count("{count} different", "{count} different", count)
        if count := kinds["left-over"]:
            yield tr_count("{count} left over", "{count} left over", count)
        if count := kinds["not-known"]:
            yield tr_count("{count} not known", "{count} not known", count)

    def svg(self, theme: str = "auto", *, listed: bool = True) -> str:
        """Return the picture with the differences marked, as `nestlab.drawing.svg` draws it.

        They are `listed` below it, else marked with their numbers only.
        """
        from nestlab.drawing import annotations_text, svg  # noqa: PLC0415  # only pictures need it

        lines = "\n".join((self.summary, *annotations_text(self._annotations())))
        return svg(self._layout(listed=listed), theme, description=lines)

    def save(self, path: str | Path, *, theme: str | None = None) -> Path:
        """Write the picture to a file and return its path; the extension is svg, png or pdf.

        Raises UsageError for another extension, FileNotWritten where it cannot be written.
        """
        from nestlab.drawing import image  # noqa: PLC0415  # only pictures need it

        file = Path(path)
        require_picture(file)
        extension = file.suffix.lower()
        content: str | bytes = (
            self.svg(theme or "auto") + "\n"
            if extension == ".svg"
            else image(self._layout(), extension, theme=theme or "light")
        )
        write_atomically(file, content)
        return file

    def _annotations(self) -> list[Annotation]:
        from nestlab.drawing import Annotation  # noqa: PLC0415  # only pictures need it

        return [Annotation(each.part, each.kind, _text(each.finding)) for each in self.differences]

    def _layout(self, *, listed: bool = True) -> Layout:
        from nestlab.drawing import annotated, layout  # noqa: PLC0415  # only pictures need it

        plain, found = layout(self.topology), self._annotations()
        return annotated(plain, found, self.summary, listed=listed)

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)


def _text(finding: Finding) -> str:
    """Return the message of a finding, with its subject."""
    named = finding.message.startswith((f"{finding.subject} ", f"{finding.subject_text} "))
    return finding.message if named else f"{finding.subject_text}: {finding.message}"


def require_picture(file: Path) -> None:
    """Raise UsageError if the extension of a file is not one of `FORMATS`."""
    if file.suffix.lower().removeprefix(".") not in FORMATS:
        msg = tr(
            "{file}: differences are drawn as {formats}.", file=file, formats=", ".join(FORMATS)
        )
        raise UsageError(
            msg, hint=tr("Choose a file name with one of these extensions, drift.svg for example.")
        )
