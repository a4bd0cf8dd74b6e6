"""VMs of others inside a nested host: removing the host deletes them, which needs consent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from nestlab.dataclass import dataclass
from nestlab.errors import GuestCredentialRefused, HostError, UsageError
from nestlab.model import MachinePath, path_text
from nestlab.model.ownership import is_left_behind, is_marked
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.plan.in_use import kept_text
from nestlab.texts import tr, tr_count

DELETE_OTHERS_OPTION = "`--delete-others`"
"""The option of the command line that gives the consent, as messages name it."""

_HYPER_V_FEATURES = frozenset({"Hyper-V", "Microsoft-Hyper-V"})


@dataclass(frozen=True)
class OthersInside:
    """What is known about VMs inside a VM that do not belong to the topology.

    `names` and `ids` are the names and Ids of these inner VMs; `unread` has, for each nested host
    (the VM itself or one inside it) whose VMs could not be read, the reason and what to do.
    """

    names: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    unread: tuple[tuple[str, str], ...] = ()

    @property
    def deleted_text(self) -> str:
        """What is deleted with the VM, and what is not known; empty if neither applies."""
        texts = [
            tr(
                "{why}, so it is not known whether others' VMs are inside, which would be deleted with it",
                why=why,
            )
            + way_out
            for why, way_out in self.unread
        ]
        if self.names:
            texts.insert(
                0,
                tr(
                    "VMs inside that are not this topology's are deleted with it: {vms}",
                    vms=self._listed,
                ),
            )
        return "; ".join(texts)

    @property
    def cut_off_text(self) -> str:
        """What is not known of VMs of others inside that a step may cut off; empty if it is."""
        return "; ".join(
            tr("{why}, so it is not known whether VMs of others inside it use it", why=why)
            + way_out
            for why, way_out in self.unread
        )

    @property
    def kept_text(self) -> str:
        """Why the VM is kept unless the user consents to delete others' VMs inside."""
        if not self.names:
            return ""
        reason = tr_count(
            "a VM inside that is not this topology's would be deleted with it: {vms}; {option} deletes it as well",
            "VMs inside that are not this topology's would be deleted with it: {vms}; {option} deletes them as well",
            len(self.names),
            vms=self._listed,
            option=DELETE_OTHERS_OPTION,
        )
        return kept_text(reason)

    @property
    def _listed(self) -> str:
        return ", ".join(self.names)


def others_inside(
    host: MachinePath,
    vm: VirtualMachineState,
    topology: str,
    states: Mapping[MachinePath, HostState],
    unread: Mapping[MachinePath, HostError | UsageError] = MappingProxyType({}),
) -> OthersInside:
    """Return the VMs inside a VM of the machine `host` that are not the topology's.

    They are found at every level, in the states of the nested hosts that were observed. `unread`
    has the errors of those that were asked and could not be read.
    """
    found = [*_found(host, vm, topology, states, unread)]
    others = [(path, each) for path, each in found if isinstance(each, VirtualMachineState)]
    reasons = tuple(each for _, each in found if not isinstance(each, VirtualMachineState))
    inside = (*host, vm.name)
    names = tuple(path_text((*path[len(inside) :], other.name)) for path, other in others)
    return OthersInside(names, tuple(other.id for _, other in others), reasons)


def _found(
    host: MachinePath,
    vm: VirtualMachineState,
    topology: str,
    states: Mapping[MachinePath, HostState],
    unread: Mapping[MachinePath, HostError | UsageError],
) -> Iterator[tuple[MachinePath, VirtualMachineState | tuple[str, str]]]:
    """Yield each nested host with one of others' VMs in it, or with why it was not read."""
    path = (*host, vm.name)
    state = _state_of(path, states)
    if state is None or not _lists_vms(state):
        if vm.expose_virtualization_extensions or state is not None:
            yield path, _not_known(path, vm, unread.get(path), answered=state is not None)
        return
    for inner in state.hyper_v.vms if state.hyper_v else ():
        if is_marked(inner.notes, topology) or is_left_behind(inner, topology):
            yield from _found(path, inner, topology, states, unread)
        else:
            yield path, inner


def _state_of(path: MachinePath, states: Mapping[MachinePath, HostState]) -> HostState | None:
    return next((state for there, state in states.items() if _same(there, path)), None)


def _same(one: MachinePath, other: MachinePath) -> bool:
    return [name.casefold() for name in one] == [name.casefold() for name in other]


def _lists_vms(state: HostState) -> bool:
    """Whether all VMs of a machine were read; one without the role has none."""
    if state.hyper_v is None:
        read = all(
            item.what not in ("Get-WindowsFeature", "Get-WindowsOptionalFeature")
            for item in state.unread
        )
        return read and not state.features & _HYPER_V_FEATURES
    return all(item.what != "Get-VM" for item in state.unread)


def _not_known(
    path: MachinePath,
    vm: VirtualMachineState,
    error: HostError | UsageError | None,
    *,
    answered: bool,
) -> tuple[str, str]:
    """Return why the VMs inside a nested host are not known, and what to do if that is known."""
    name, way_out = path_text(path), ""
    if vm.state != "Running":
        why = tr("{vm} is {state}", vm=name, state=vm.state)
    elif answered:
        why = tr("the VMs inside {vm} could not be read", vm=name)
    elif isinstance(error, GuestCredentialRefused):
        why = error.message.removesuffix(".")
        way_out = tr(". To see them first: {hint}", hint=error.hint)
    elif isinstance(error, UsageError):
        why = tr("no credential for the guest of {vm} is known", vm=name)
        way_out = tr(". To see them first, name one: guest: {os: windows, credential: NAME}")
    else:
        why = tr("the guest of {vm} does not answer", vm=name)
        way_out = tr(". To see them first, check on its console whether it has started")
    return why, way_out
