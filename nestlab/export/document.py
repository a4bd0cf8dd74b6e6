"""A document as values: sections of paragraphs, lists, tables, pictures, findings and steps.

All texts are plain. Each writer (Markdown, HTML, notebook) escapes them for its own format.
"""

from __future__ import annotations

from nestlab.dataclass import dataclass
from nestlab.model import Finding, path_text
from nestlab.model.finding import Severity
from nestlab.plan import Step
from nestlab.texts import tr


def sentence(text: str) -> str:
    """Return a text with one full stop at its end."""
    return f"{text.removesuffix('.')}."


@dataclass(frozen=True)
class TextParagraph:
    """A paragraph."""

    text: str


@dataclass(frozen=True)
class BulletList:
    """An unordered list."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class CaptionedTable:
    """A table with a caption; the first cell of each row names the row."""

    caption: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class TopologyPicture:
    """The picture of a topology as SVG, a sentence that describes it, and its content as text."""

    svg: str
    description: str
    outline: str


@dataclass(frozen=True)
class FindingList:
    """Findings, the most severe first."""

    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class NumberedStep:
    """A step of a plan, and its number in the order in which the steps run."""

    number: int
    step: Step

    @property
    def where_and_why(self) -> str:
        """A sentence that says where the step runs, and why."""
        machine = path_text(self.step.runs_on) if self.step.runs_on else tr("the host")
        if not self.step.why:
            return sentence(tr("On {machine}", machine=machine))
        return sentence(tr("On {machine}, because {why}", machine=machine, why=self.step.why))


@dataclass(frozen=True)
class StepListing:
    """Steps with their reasons and PowerShell cmdlets."""

    steps: tuple[NumberedStep, ...]


Block = TextParagraph | BulletList | CaptionedTable | TopologyPicture | FindingList | StepListing


@dataclass(frozen=True)
class DocumentSection:
    """A section: its heading, its blocks, then its subsections."""

    title: str
    blocks: tuple[Block, ...] = ()
    sections: tuple[DocumentSection, ...] = ()


@dataclass(frozen=True)
class Document:
    """A document: its title, a first paragraph, and its sections."""

    title: str
    description: str
    sections: tuple[DocumentSection, ...]
    closing: str = ""


def effects_of(step: Step) -> str:
    """Return the hazard and the effect of a step, as a phrase; empty if it has neither."""
    return ", ".join(filter(None, (step.hazard.text, step.effect_text)))


def severity_text(severity: Severity) -> str:
    """Return the word for a severity."""
    match severity:
        case "error":
            return tr("Error")
        case "warning":
            return tr("Warning")
        case _:
            return tr("Note")
