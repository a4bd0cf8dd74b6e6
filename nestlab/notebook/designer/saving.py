"""Saves a draft to its file, which another program may have changed, once its picture is sent."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

from nestlab.errors import UsageError
from nestlab.model.files import write_atomically
from nestlab.notebook.designer.draft import Draft
from nestlab.texts import tr
from nestlab.topology_file import save


def saved(path: Path, draft: Draft, content: bytes | None, known: bytes | None) -> bytes:
    """Save a draft, or the content that its file has to have; return what the file has then.

    The positions, in another file, are not saved.

    Raises:
        UsageError: the file has other content than is known, or cannot be written.
    """
    if path.is_file() and known is not None and path.read_bytes() != known:
        message = tr(
            "{path} was changed by another program in the meantime and was not overwritten.",
            path=path,
        )
        raise UsageError(
            message, hint=tr("Open the designer on the file again, or give it another path.")
        )
    if content is None:
        save(draft.topology, path)
    else:
        write_atomically(path, content)  # with the comments of parts that an edit had removed
    return path.read_bytes()


def wait_until_sent() -> None:
    """Wait until a kernel has sent the picture: saving would slow its thread for that.

    A kernel's standard output shares the thread, and flushing waits for all before it.
    """
    with suppress(AttributeError, OSError, ValueError):  # a program without standard output
        sys.stdout.flush()
