"""Importing a lab definition of another tool as a topology."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from nestlab.dataclass import dataclass
from nestlab.enumerations import all_of
from nestlab.errors import UsageError
from nestlab.importers.automatedlab import LAB_FILE, automatedlab_draft
from nestlab.importers.draft import LINUX_CREDENTIAL, WINDOWS_CREDENTIAL, LabDraft, LeftOut
from nestlab.importers.file_text import file_text, left_out_lines
from nestlab.importers.lability import lability_draft
from nestlab.importers.mslab import mslab_draft
from nestlab.importers.source import Source
from nestlab.model.topology import Topology
from nestlab.texts import tr, tr_count
from nestlab.topology_file.loading_and_saving import loads

_READERS: Mapping[str, Callable[[Source], LabDraft]] = {
    "lability": lability_draft,
    "mslab": mslab_draft,
    "automatedlab": automatedlab_draft,
}


@dataclass(frozen=True)
class ImportedLab:
    """An imported topology, the text of its file, and what was left out of it."""

    topology: Topology
    text: str
    left_out: tuple[LeftOut, ...]

    @property
    def left_out_lines(self) -> list[str]:
        """What is left out, one line for each object or for several objects with the same text."""
        return left_out_lines(self.left_out)


def import_definition(path: str | Path, tool: str) -> Topology:
    """Return the lab that another tool defines in a file, as a topology.

    `tool` is ``lability`` (a .psd1 file with configuration data), ``mslab`` (the JSON that the
    script of ``nestlab import mslab --script`` exports) or ``automatedlab`` (Lab.xml, with
    Machines.xml beside it). Nothing in the file is run. `nestlab.save` writes the topology with
    defaults, counts and comments, which also list what is left out.

    Raises DefinitionFileError if the file cannot be read, UsageError if the tool is not known.
    """
    return import_lab(path, tool).topology


def import_lab(path: str | Path, tool: str) -> ImportedLab:
    """Return the topology as `import_definition` does, with what is left out."""
    if tool not in _READERS:
        message = tr("{tool!r} is not a tool that nestlab reads definitions of.", tool=tool)
        raise UsageError(message, hint=tr("Write {words}.", words=all_of(list(_READERS))))
    source = Source(_file(Path(path), tool))
    draft = _READERS[tool](source)
    # The text is read again: every import can be loaded, and saving keeps the comments.
    text = file_text(draft, _header(draft, source, tool))
    topology = loads(text, tr("<import of {file}>", file=source.path.name))
    return ImportedLab(topology, text, tuple(draft.left_out))


def _file(path: Path, tool: str) -> Path:
    """Return the file of a definition: AutomatedLab's may be given by its folder."""
    return path / LAB_FILE if tool == "automatedlab" and path.is_dir() else path


def _header(draft: LabDraft, source: Source, tool: str) -> list[str]:
    """Return the comments at the beginning of the file: where it is from, and what to check."""
    guests = [item.data.get("guest", {}) for item in draft.vms]
    used = {guest.get("credential") for guest in guests}
    names = [name for name in (WINDOWS_CREDENTIAL, LINUX_CREDENTIAL) if name in used]
    lines = [tr("From {file}, by `nestlab import {tool}`.", file=source.path.name, tool=tool)]
    if draft.images:
        lines.append(
            tr("The paths under images are those on the host: correct them where they differ.")
        )
    if names:
        lines.append(
            tr_count(
                "{names} is the name of a credential: nestlab looks it up in the keyring, or asks for it.",
                "{names} are names of credentials: nestlab looks them up in the keyring, or asks for them.",
                len(names),
                names=all_of(names),
            )
        )
    return lines
