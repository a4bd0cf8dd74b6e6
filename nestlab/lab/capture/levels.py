"""Reading a host with every guest that answers, level by level."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from pathlib import PureWindowsPath

from nestlab.dataclass import dataclass, field
from nestlab.errors import AccessDenied, GuestUnreachable, SessionBroken
from nestlab.lab.capture.manual_dns import manual_dns_servers
from nestlab.lab.capture.reported import ReportedGuests, reported_guests
from nestlab.lab.guest_accounts import require_credentials
from nestlab.model import HOST, MachinePath, path_text
from nestlab.model.ownership import owner_of
from nestlab.model.spelling import same_name
from nestlab.model.state import DiskFileState, HostState, VirtualMachineState
from nestlab.model.topology import image_name_inside
from nestlab.observe import (
    observe,
    with_checkpoints,
    with_disks,
    with_disks_in,
    with_scope_settings,
)
from nestlab.plan import ON_STATES, is_seed
from nestlab.texts import tr
from nestlab.transport.session import Cancel, Session


@dataclass(frozen=True)
class GuestCredentials:
    """The names of the credentials to sign in to guests with.

    `default` is for every guest without an entry in `by_machine`, whose keys are machine paths as
    text, such as ``HV1/web1``.
    """

    default: str | None = None
    by_machine: Mapping[str, str] = field(default_factory=dict)

    def of(self, path: MachinePath) -> str | None:
        """Return the name of the credential for a guest; None if it has none."""
        own = (name for text, name in self.by_machine.items() if same_name(text, path_text(path)))
        return next(own, self.default)

    @property
    def guests(self) -> dict[str, tuple[MachinePath, ...]]:
        """The guests that each name is given for; none for the default."""
        return {
            name: tuple(
                tuple(text.split("/")) for text, own in self.by_machine.items() if own == name
            )
            for name in self.names
        }

    @property
    def names(self) -> tuple[str, ...]:
        """All names, each once."""
        given = ([self.default] if self.default else []) + list(self.by_machine.values())
        return tuple(dict.fromkeys(given))


@dataclass(frozen=True)
class Levels:
    """What was read: the state of each machine that answered, and why others could not be read.

    `reported` is what guests report to their hosts, where one is on and was not read;
    `manual_dns` has what `manual_dns_servers` returns for each machine.
    """

    states: Mapping[MachinePath, HostState]
    unread: Mapping[MachinePath, str]
    credentials: GuestCredentials
    reported: ReportedGuests = field(default_factory=ReportedGuests)
    manual_dns: Mapping[MachinePath, Mapping[str, tuple[IPv4Address, ...]]] = field(
        default_factory=dict
    )


def read_levels(
    session: Session,
    credentials: GuestCredentials,
    *,
    only: tuple[str, ...] = (),
    cancel: Cancel | None = None,
) -> Levels:
    """Return the state of the host and of each guest that answers, to any depth.

    A guest is read if it is on and has a credential; with `only`, the VMs of these names on the
    host, and those inside them. Raises CredentialNotUsable with all credentials that are not found,
    Cancelled, and the errors of `Session.run` for the host itself.
    """
    require_credentials(credentials.guests, session)
    reader = _LevelReader(credentials, only, cancel)
    reader.read(session, HOST)
    reader.read_images(session)
    return Levels(reader.states, reader.unread, credentials, reader.reported, reader.manual_dns)


@dataclass
class _LevelReader:
    credentials: GuestCredentials
    only: tuple[str, ...]
    cancel: Cancel | None
    states: dict[MachinePath, HostState] = field(default_factory=dict)
    unread: dict[MachinePath, str] = field(default_factory=dict)
    reported: ReportedGuests = field(default_factory=ReportedGuests)
    manual_dns: dict[MachinePath, Mapping[str, tuple[IPv4Address, ...]]] = field(
        default_factory=dict
    )

    def read(self, session: Session, path: MachinePath) -> None:
        state = observe(session, machine=path, cancel=self.cancel)
        state = with_scope_settings(session, state, cancel=self.cancel)
        vms = state.hyper_v.vms if state.hyper_v else ()
        with_some = [vm.name for vm in vms if vm.parent_checkpoint_id]
        state = with_checkpoints(session, state, with_some, cancel=self.cancel)
        self.states[path] = self._with_disk_files(session, state)
        self.manual_dns[path] = manual_dns_servers(session, state, self.cancel)
        self._read_guests(session, state, path)
        if any(vm.state in ON_STATES and (*path, vm.name) not in self.states for vm in vms):
            self.reported = self.reported.joined(reported_guests(session, self.cancel))

    def _read_guests(self, session: Session, state: HostState, path: MachinePath) -> None:
        for vm in self._guests(state, path):
            inner = (*path, vm.name)
            credential = self.credentials.of(inner)
            if vm.state not in ON_STATES:
                self.unread[inner] = tr("it is {state}", state=vm.state)
            elif credential is None:
                self.unread[inner] = tr("no credential was given")
            else:
                try:
                    self.read(session.guest(vm.name, credential), inner)
                except (GuestUnreachable, SessionBroken, AccessDenied) as error:
                    self.unread[inner] = error.message

    def read_images(self, session: Session) -> None:
        """Read the disk files beside the host's parent disks, if nested hosts have image copies.

        The file that an image was copied from is found among them, by its size.
        """
        inside = [state for path, state in self.states.items() if path != HOST]
        if any(image_name_inside(file.parent) for state in inside for file in _files(state)):
            host = self.states[HOST]
            parents = (file.parent for file in _files(host) if file.parent)
            folders = {str(PureWindowsPath(parent).parent) for parent in parents}
            found = with_disks_in(session, host, folders, "*.vhd*", cancel=self.cancel)
            self.states[HOST] = found

    def _guests(self, state: HostState, path: MachinePath) -> Iterator[VirtualMachineState]:
        """Yield the VMs that PowerShell Direct may reach, once they are on.

        It finds them by name, so the name has to be unique. A VM with a seed disk runs Linux.
        """
        if state.hyper_v is None:
            return
        for vm in state.hyper_v.vms:
            wanted = path != HOST or is_chosen(vm.name, self.only)
            if wanted and len(state.hyper_v.vms_named(vm.name)) == 1 and not has_seed(vm):
                yield vm

    def _with_disk_files(self, session: Session, state: HostState) -> HostState:
        """Return the state with the files of all attached disks, and of all their parents.

        Below the disk of a VM are those of its checkpoints, its own disk, and that one's parent.
        """
        if state.hyper_v is None:
            return state
        asked: set[str] = set()
        found = {disk.path for vm in state.hyper_v.vms for disk in vm.hard_disks if disk.path}
        while not found <= asked:
            asked |= found
            state = with_disks(session, state, asked, cancel=self.cancel)
            found = {file.parent for file in _files(state) if file.parent}
        return state


def _files(state: HostState) -> tuple[DiskFileState, ...]:
    return state.hyper_v.disk_files if state.hyper_v else ()


def is_chosen(name: str, only: tuple[str, ...]) -> bool:
    """Whether a VM of the host is captured: all are where `only` is empty."""
    return not only or any(same_name(name, each) for each in only)


def has_seed(vm: VirtualMachineState) -> bool:
    """Whether a VM has a seed disk that nestlab wrote for the topology in its Notes."""
    owner = owner_of(vm.notes)
    return owner is not None and any(is_seed(disk, owner, vm.name) for disk in vm.hard_disks)
