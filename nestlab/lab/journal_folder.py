"""Where journals lie: one folder for notebooks and the command line, found by host and lab, one file a run.

The folder is that of the operating system for the state of programs, or the one in the environment
variable NESTLAB_JOURNALS. What earlier versions wrote into ``journals`` in the current directory is
found there.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from nestlab.apply import Journal, undo_steps
from nestlab.errors import JournalError, OtherRun
from nestlab.transport.session import Session

VARIABLE = "NESTLAB_JOURNALS"
FORMER = Path("journals")
"""Where earlier versions wrote them, below the current directory."""

_STAMP = len("20260131-120000-000.jsonl")


def folder() -> Path:
    """Return the folder of the journals; it may not be there yet."""
    named = os.environ.get(VARIABLE)
    if named:
        return Path(named)
    from platformdirs import user_state_path  # noqa: PLC0415  # only who begins or looks for a journal needs it

    return user_state_path("nestlab", appauthor=False) / "journals"


def identity(host: Session) -> str:
    """Return what tells a host from all others, wherever one stands.

    That is its address; of a simulated host the whole path of its state file. One without ends with
    its process, and no other one is the same.
    """
    simulated = getattr(host, "simulated_host", None)
    return (
        absolute(host.host)
        if simulated is None or "?state=" in host.host
        else f"{host.host}#{simulated.token}"
    )


def absolute(address: str) -> str:
    """Return an address with the whole path of its state file, where it has one; names of hosts are the same in any case."""
    scenario, separator, state = address.partition("?state=")
    return f"{scenario}{separator}{Path(state).resolve()}" if separator else address.casefold()


def new_path(name: str, host: Session) -> Path:
    """Return the file of a new run: what is applied, on which host, and when (UTC)."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")[:-3]
    return folder() / f"{_stem(name)}-{_digest(host)}-{stamp}.jsonl"


@contextlib.contextmanager
def exclusive(name: str, host: Session) -> Iterator[None]:
    """Keep the runs of other processes of this user away from a topology on a host until the block ends.

    A host without a state file is this process's own. Raises OtherRun where another process is at
    it.
    """
    if "#" in identity(host):
        yield
        return
    from filelock import FileLock, Timeout  # noqa: PLC0415  # only runs need it

    path = folder() / f".{_stem(name)}-{_digest(host)}.lock"
    # One lock for all threads of the process: two runs of one notebook are its own business.
    lock = FileLock(path, timeout=0, thread_local=False, is_singleton=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout:
        raise OtherRun(name, host.host) from None
    except OSError:  # no such folder can be written: the look for doubles has to do
        yield
        return
    try:
        yield
    finally:
        lock.release()


def of_host(host: Session, beginning: str = "") -> list[Journal]:
    """Return the journals of a host, newest first; `beginning` is how the name of what was applied begins."""
    own, stem = identity(host), _stem(beginning)
    here = [(path, "identity", own) for path in folder().glob(f"{stem}*-{_digest(host)}-*.jsonl")]
    former = [(path, "host", host.host) for path in FORMER.glob(f"{stem}*.jsonl")]
    found = [
        Journal(path) for path, key, value in [*here, *former] if _header(path).get(key) == value
    ]
    return sorted(found, key=lambda journal: journal.path.name[-_STAMP:], reverse=True)


def all_journals() -> Iterator[Journal]:
    """Yield the journals in the folder whose host can still be reached, newest first."""
    for path in sorted(
        folder().glob("*.jsonl"), key=lambda path: path.name[-_STAMP:], reverse=True
    ):
        header = _header(path)
        if header and "#" not in str(header.get("identity", "")):
            yield Journal(path)


def latest(name: str, host: Session) -> Path:
    """Return the newest journal of a topology on a host that has something left to undo, or else the newest.

    Raises JournalError where there is none.
    """
    found = [journal for journal in of_host(host, name) if journal.header().get("topology") == name]
    if not found:
        msg = f"There is no journal of {name} on {host.host} in {folder()}"
        raise JournalError(
            msg,
            hint="Undo needs the journal of an apply. `destroy` removes what a topology created, without one.",
        )
    return next((journal for journal in found if undo_steps(journal.entries())), found[0]).path


def _header(path: Path) -> dict[str, object]:
    try:
        return Journal(path).header()
    except JournalError:
        return {}  # another file that happens to lie there


def _digest(host: Session) -> str:
    return hashlib.sha256(identity(host).encode()).hexdigest()[:8]


def _stem(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "_", name)[:100]
