"""The line in the Notes of a VM that records the settings of the first boot of Windows.

Windows reads its answer file once. Later changes of the topology file have no effect, so the plan
needs to know what was written then, also for a VM that is off or whose guest does not answer.
"""

from __future__ import annotations

import re

from nestlab.dataclass import dataclass
from nestlab.pattern import pattern

_LINE = pattern(
    r"^nestlab first boot: language (?P<language>\S+)"  # not shown
    r"(?:, time zone (?P<zone>[^\r\n]*\S))?[ \t\r]*$",
    re.MULTILINE,
)


@dataclass(frozen=True)
class FirstBoot:
    """The language and the time zone in an answer file; without a zone, the image's is kept."""

    language: str
    time_zone: str | None = None

    @property
    def note(self) -> str:
        """The line for the Notes.

        >>> FirstBoot("es-ES", "Romance Standard Time").note
        'nestlab first boot: language es-ES, time zone Romance Standard Time'
        """
        zone = f", time zone {self.time_zone}" if self.time_zone else ""  # not shown
        return f"nestlab first boot: language {self.language}{zone}"  # not shown


def first_boot_of(notes: str) -> FirstBoot | None:
    r"""Return what Notes say about the first boot; None if they say nothing.

    >>> first_boot_of("nestlab first boot: language en-US\nnestlab:lab")
    FirstBoot(language='en-US', time_zone=None)
    """
    found = _LINE.search(notes)
    return FirstBoot(found["language"], found["zone"]) if found else None


def with_first_boot(notes: str, first_boot: FirstBoot | None) -> str:
    r"""Return the Notes with this first boot on their first line; for None, without such a line.

    >>> with_first_boot("nestlab:lab", FirstBoot("en-US"))
    'nestlab first boot: language en-US\nnestlab:lab'
    """
    without = _LINE.sub("", notes).strip() if _LINE.search(notes) else notes
    return f"{first_boot.note}\n{without}".rstrip() if first_boot else without
