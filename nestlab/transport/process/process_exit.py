"""How a child process ended."""

from __future__ import annotations

from nestlab.dataclass import dataclass


@dataclass(frozen=True)
class ProcessExit:
    """How a child ended, or why it was killed, for error messages.

    `running` are the cmdlets that ran, or empty; `problem` is a sentence; `errors` is the end of
    its standard error; `text` is what it wrote to its standard output outside of packets.
    """

    running: str
    problem: str = ""
    exit_code: int | None = None
    errors: str = ""
    text: str = ""
