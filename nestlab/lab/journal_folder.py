"""The folder of the journals, one file per run, shared by notebooks and the command line.

It is the user's state folder on this operating system (platformdirs), or the one in the environment
variable NESTLAB_JOURNALS. A journal is found by host and subject, also in ``journals`` in the
current directory, where earlier versions wrote them.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qsl

from nestlab.apply import DestroyRecord, Header, Journal, undo_steps
from nestlab.errors import AnotherRunActive, JournalError
from nestlab.lab.state_folder import named_folder
from nestlab.model import MachinePath
from nestlab.model.file_lock import file_lock
from nestlab.model.topology import Topology
from nestlab.plan import InnerVM, SubjectKind, windows_credential_names
from nestlab.texts import tr
from nestlab.transport.host_address import option_text
from nestlab.transport.session import Session

EARLIER_FOLDER = Path("journals")
"""The folder that earlier versions wrote journals into, relative to the current directory."""

_LOCK_GUARD = threading.Lock()
"""Held while a file lock is acquired or released: filelock (4.3.1) counts the holders of a lock
without synchronisation, so two threads that acquire it at the same time could both fail."""

_STAMP_LENGTH = len("20260131-120000-000.jsonl")


def folder() -> Path:
    """Return the folder of the journals; it may not exist yet."""
    return named_folder()


def identity(host: Session) -> str:
    """Return a text that identifies a host, independent of the current directory.

    That is its address; for a simulated host, with the absolute path of its state file. A
    simulated host without a state file lives in one process, and is identified by a token.
    """
    simulated = getattr(host, "simulated_host", None)
    return (
        absolute_address(host.host)
        if simulated is None or "?state=" in host.host
        else f"{host.host}#{simulated.token}"
    )


def absolute_address(address: str) -> str:
    """Return an address with the absolute path of its state file, if it has one.

    Names of hosts are not case-sensitive. Other options of a simulated host are not part of it.
    """
    name, _, query = address.partition("?")
    state = dict(parse_qsl(query)).get("state")
    return (
        f"{name}?state={option_text(str(Path(state).resolve()))}" if state else address.casefold()
    )


def new_path(name: str, host: Session) -> Path:
    """Return the file of a new run: its subject, its host, and the time (UTC)."""
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S-%f")[:-3]
    return folder() / f"{_stem(name)}-{_digest(host)}-{stamp}.jsonl"


def begin(path: Path, topology: Topology, host: Session) -> None:
    """Write the header of a run of a topology on a host into a journal; see `Journal.begin`."""
    Journal.begin(
        path,
        subject=topology.name,
        host=host.host,
        identity=identity(host),
        credentials=windows_credential_names(topology),
        destroys=len(_known_destroys(topology.name, identity(host))),
    )


@contextlib.contextmanager
def topology_lock(name: str, host: Session) -> Iterator[None]:
    """Lock a topology on a host against other processes of this user until the block ends.

    A simulated host without a state file belongs to this process alone. Raises AnotherRunActive if
    another process is changing the topology.
    """
    if "#" in identity(host):
        yield
        return
    from filelock import Timeout  # noqa: PLC0415  # only runs need it

    path = folder() / f".{_stem(name)}-{_digest(host)}.lock"
    # One lock for all threads of the process: a notebook may run two labs at the same time.
    lock = file_lock(path, timeout=0, thread_local=False, is_singleton=True)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _LOCK_GUARD:
            lock.acquire()
    except Timeout:
        raise AnotherRunActive(name, host.host) from None
    except OSError:  # the folder is not writable: only the check for duplicates protects the run
        yield
        return
    try:
        yield
    finally:
        with _LOCK_GUARD:
            lock.release()


def journals_of(
    host: Session, *, kind: SubjectKind | None = None, subject: str = ""
) -> list[Journal]:
    """Return the journals of a host, newest first: all, or those of a kind, or of one subject."""
    own = identity(host)
    stem = _stem(kind.title_of(subject)) if kind is not None else ""
    paths = [*folder().glob(f"{stem}*-{_digest(host)}-*.jsonl")]
    headers = [(path, _header(path)) for path in paths]
    found = [(path, header) for path, header in headers if header and header.identity == own]
    earlier = ((path, _header(path)) for path in EARLIER_FOLDER.glob(f"{stem}*.jsonl"))
    found += [(path, header) for path, header in earlier if header and header.host == host.host]
    journals = [
        Journal(path)
        for path, header in found
        if kind is None or (header.kind is kind and subject in ("", header.subject))
    ]
    return sorted(journals, key=lambda journal: journal.path.name[-_STAMP_LENGTH:], reverse=True)


def topology_journals(subject: str, host: Session, outside: Path | None = None) -> list[Path]:
    """Return the journals of a topology on a host: one `outside` the folder, then by age."""
    journals = journals_of(host, kind=SubjectKind.TOPOLOGY, subject=subject)
    found = [journal.path for journal in journals]
    is_known = outside is None or outside in found
    return [outside, *found] if outside and not is_known and outside.exists() else found


def all_journals() -> Iterator[Journal]:
    """Yield the journals in the folder, newest first.

    Journals of simulated hosts that existed in one process only are left out.
    """
    paths = folder().glob("*.jsonl")
    for path in sorted(paths, key=lambda path: path.name[-_STAMP_LENGTH:], reverse=True):
        header = _header(path)
        if header is not None and "#" not in header.identity:
            yield Journal(path)


def inner_vms_to_restore(
    subject: str, host: Session, path: Path | None = None
) -> dict[MachinePath, tuple[InnerVM, ...]]:
    """Return the VMs in each nested host that an interrupted run of a topology left turned off.

    It is read from the journal at `path`, by default from the newest of the topology on the host.
    """
    found = (
        [Journal(path)] if path else journals_of(host, kind=SubjectKind.TOPOLOGY, subject=subject)
    )
    if not found or not found[0].path.exists():
        return {}
    try:
        return dict(found[0].inner_vms(of_unfinished_run=True))
    except JournalError:
        return {}  # the run that writes to it reports the error


def guest_credentials(
    topology: Topology, host: Session, path: Path | None = None
) -> dict[MachinePath, str]:
    """Return the names of the credentials of guests, also of those that the file no longer names.

    The latter are from the newest journal that has them; `path` is a journal outside of the
    folder.
    """
    known = windows_credential_names(topology)
    for header in filter(None, map(_header, topology_journals(topology.name, host, path))):
        known = {**header.credentials_by_machine, **known}
    return known


def record_destroy(
    subject: str, host: Session, record: DestroyRecord, path: Path | None = None
) -> None:
    """Write what a destroy removed into the journals of a topology that could still undo it.

    `path` is a journal outside of the folder. Other journals outside are not known here: what was
    removed is also recorded in the folder, and `record_later_destroys` adds it to them before they
    are undone or continued. A journal that cannot be read or written is left unchanged: its undo
    skips what no longer exists.
    """
    if not record.removed:
        return
    with contextlib.suppress(JournalError):
        _remember(subject, host, record)
    for each in topology_journals(subject, host, path):
        journal = Journal(each)
        with contextlib.suppress(JournalError):
            if has_something_to_undo(journal):
                journal.record_destroy(record)


def _remember(subject: str, host: Session, record: DestroyRecord) -> None:
    past = _destroys(subject, identity(host))
    if not past.path.exists():
        Journal.begin(
            past.path, subject=subject, host=host.host, identity=identity(host), credentials={}
        )
    past.record_destroy(record)


def _destroys(subject: str, host: str) -> Journal:
    """Return the journal of all destroys of a topology on the host with this identity.

    Its name is not that of a journal of a run, so nothing lists it.
    """
    digest = hashlib.sha256(host.encode()).hexdigest()[:8]
    return Journal(folder() / f".{_stem(subject)}-{digest}.destroyed")


def _known_destroys(subject: str, host: str) -> tuple[DestroyRecord, ...]:
    """Return the destroys of a topology that are known here; none if they cannot be read."""
    past = _destroys(subject, host)
    try:
        return past.destroys() if past.path.exists() else ()
    except JournalError:
        return ()


def record_later_destroys(path: Path) -> None:
    """Add to a journal the later destroys of its topology that it does not have yet.

    Its undo then leaves alone what a run after the destroy has built. Destroys of other users and
    computers are not known. Raises JournalError if the journal cannot be read or written.
    """
    journal = Journal(path)
    if not path.exists():
        return
    header = journal.header()
    if header.kind is not SubjectKind.TOPOLOGY or not header.identity:
        return
    known = journal.destroys()
    for record in _known_destroys(header.subject, header.identity)[header.destroys :]:
        later = header.time is None or record.time is None or record.time >= header.time
        if later and record not in known:
            journal.record_destroy(record)


def latest(subject: str, host: Session, *, kind: SubjectKind = SubjectKind.TOPOLOGY) -> Journal:
    """Return the newest journal of a subject on a host; raises JournalError if there is none."""
    found = journals_of(host, kind=kind, subject=subject)
    if not found:
        msg = tr(
            "There is no journal of {title} on {host} in {folder}",
            title=kind.title_of(subject),
            host=host.host,
            folder=folder(),
        )
        raise JournalError(
            msg,
            hint=tr(
                "Undo needs the journal of an apply. `destroy` removes what a topology created, without one."
            ),
        )
    return found[0]


def has_something_to_undo(journal: Journal) -> bool:
    """Whether undo would do something with a journal; raises JournalError."""
    return bool(undo_steps(journal.entries()) or journal.inner_vms(of_unfinished_run=True))


def _header(path: Path) -> Header | None:
    try:
        return Journal(path).first_header()
    except JournalError:
        return None  # a file that is not a journal


def _digest(host: Session) -> str:
    return hashlib.sha256(identity(host).encode()).hexdigest()[:8]


def _stem(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "_", name)[:100]
