"""The comments above the first key of a topology file, as text to read."""

from __future__ import annotations

from nestlab.model.topology import Topology
from nestlab.topology_file.loading_and_saving import dumps

_FOR_EDITORS = ("yaml-language-server:", "vim:", "-*-")


def first_comments(topology: Topology) -> tuple[str, ...]:
    r"""Return the comments above the first key of the file that a topology was read from.

    A line that begins in lower case or with two spaces continues the one above it. Lines for
    editors are left out.

    >>> from nestlab.topology_file import loads
    >>> first_comments(loads("# A room\n# with eight seats.\n# - one host\nname: lab\n"))
    ('A room with eight seats.', 'one host')
    """
    found: list[str] = []
    continues = False
    for line in dumps(topology).splitlines():
        if line.strip() and not line.startswith(("#", "---", "%")):
            break
        comment = line.lstrip("#").rstrip()
        is_item = comment.strip().startswith("- ")
        text = comment.strip().removeprefix("- ")
        if not text or text.startswith(_FOR_EDITORS) or not line.startswith("#"):
            continues = False
        elif continues and not is_item and (text[0].islower() or comment.startswith("  ")):
            found[-1] += f" {text}"
        else:
            found.append(text)
            continues = True
    return tuple(found)
