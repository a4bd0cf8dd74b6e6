"""Reading disk files, at given paths or in a folder, the VMs that use one, and ISO files."""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.dataclass import replace
from nestlab.model import Cmdlet, Record, SwitchParameter
from nestlab.model.spelling import path_key
from nestlab.model.state import DiskFileState, DiskUseState, HostState
from nestlab.observe.reading import guid, size, text
from nestlab.transport.session import Cancel, Session


def with_disks(
    session: Session, state: HostState, paths: Iterable[str], *, cancel: Cancel | None = None
) -> HostState:
    """Return the state with the disk files that exist at these paths."""
    asked = sorted(set(paths), key=str.casefold)
    if not asked or state.hyper_v is None:
        return state
    attached = {disk.path.lower() for vm in state.hyper_v.vms for disk in vm.hard_disks}
    known = [path for path in asked if path.lower() in attached]
    found = _read_disks(session, [known], cancel) if known else []
    # Get-VHD stops at the first missing file, so each path that may be missing is a separate
    # statement.
    existing = {file.path.lower() for file in found}
    rest = [[path] for path in asked if path.lower() not in existing]
    found += _read_disks(session, rest, cancel) if rest else []
    return _with_disk_files(state, found)


def _with_disk_files(state: HostState, found: Iterable[DiskFileState]) -> HostState:
    if state.hyper_v is None:
        return state
    by_path = {file.path.lower(): file for file in found}
    files = tuple(sorted(by_path.values(), key=lambda file: file.path.casefold()))
    hyper_v = replace(state.hyper_v, existing_disks=frozenset(by_path), disk_files=files)
    return replace(state, hyper_v=hyper_v)


def with_dvd_images(
    session: Session, state: HostState, paths: Iterable[str], *, cancel: Cancel | None = None
) -> HostState:
    """Return the state with the ISO files that exist at these paths, in one call if there are any.

    Get-VHD reads no ISO files.
    """
    asked = sorted(set(paths), key=str.casefold)
    if not asked or state.hyper_v is None:
        return state
    name = Cmdlet(SELECT_OBJECT, {"Property": ["FullName"]})
    silent = {"LiteralPath": asked, "ErrorAction": "SilentlyContinue"}
    outcome = session.run(Cmdlet("Get-Item", silent, name), cancel=cancel)
    found = frozenset(path_key(text(record, "FullName")) for record in outcome)
    return replace(state, hyper_v=replace(state.hyper_v, dvd_images=found))


def with_disks_named(
    session: Session, state: HostState, pattern: str, *, cancel: Cancel | None = None
) -> HostState:
    """Return the state with the disk files in the machine's folder for disks added.

    Their names match a wildcard pattern of Windows; they may be attached to a VM or not.
    """
    if state.hyper_v is None:
        return state
    folder = state.hyper_v.vm_host.virtual_hard_disk_path
    return with_disks_in(session, state, (folder,), pattern, cancel=cancel)


def with_disks_in(
    session: Session,
    state: HostState,
    folders: Iterable[str],
    pattern: str,
    *,
    cancel: Cancel | None = None,
) -> HostState:
    """Return the state with the disk files in some folders whose names match a pattern.

    One call reads all folders; a folder that does not exist counts as empty.
    """
    asked = sorted({folder.casefold(): folder for folder in folders}.values(), key=str.casefold)
    if state.hyper_v is None or not asked:
        return state
    silent = {"ErrorAction": "SilentlyContinue"}
    read = Cmdlet("Get-VHD", silent, _DISK_FILE)
    statements = (
        Cmdlet("Get-ChildItem", {"LiteralPath": folder, "Filter": pattern, **silent}, read)
        for folder in asked
    )
    outcome = session.run(*statements, cancel=cancel)
    return _with_disk_files(state, (*state.hyper_v.disk_files, *map(_disk_file, outcome)))


def with_parent_users(
    session: Session, state: HostState, parents: Iterable[str], *, cancel: Cancel | None = None
) -> HostState:
    """Return the state with the VMs that these files are attached to, in one call.

    The host selects them, so that the disks of other VMs are not transferred.
    """
    asked = sorted({path.casefold(): path for path in parents}.values(), key=str.casefold)
    if not asked or state.hyper_v is None:
        return state
    outcome = session.run(*(_users_of(path) for path in asked), cancel=cancel)
    users = tuple(
        DiskUseState(
            path=text(record, "Path"), vm_id=guid(record, "VMId"), vm_name=text(record, "VMName")
        )
        for record in outcome
    )
    return replace(state, hyper_v=replace(state.hyper_v, parent_users=users))


def _users_of(path: str) -> Cmdlet:
    wanted = {"Property": "Path", "EQ": SwitchParameter.ON, "Value": path}
    shown = Cmdlet(SELECT_OBJECT, {"Property": ["Path", "VMId", "VMName"]})
    drives = {"VMName": "*", "ErrorAction": "Continue"}
    return Cmdlet("Get-VMHardDiskDrive", drives, Cmdlet("Where-Object", wanted, shown))


def _read_disks(
    session: Session, statements: list[list[str]], cancel: Cancel | None
) -> list[DiskFileState]:
    """Return the files at these paths, of each list only those before the first error."""
    outcome = session.run(
        *(
            Cmdlet("Get-VHD", {"Path": paths, "ErrorAction": "SilentlyContinue"}, _DISK_FILE)
            for paths in statements
        ),
        cancel=cancel,
    )
    return [_disk_file(record) for record in outcome]


def _disk_file(record: Record) -> DiskFileState:
    return DiskFileState(
        path=text(record, "Path"),
        parent=text(record, "ParentPath"),
        size=size(record, "Size"),
        file_size=size(record, "FileSize"),
    )


_DISK_FILE = Cmdlet(SELECT_OBJECT, {"Property": ["Path", "ParentPath", "Size", "FileSize"]})
