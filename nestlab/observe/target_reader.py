"""Reads the target of one step on its machine, right before the step runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.dataclass import dataclass, field
from nestlab.errors import CmdletError, UsageError
from nestlab.model import Cmdlet, MachinePath, Outcome, Record, SwitchParameter, path_text
from nestlab.model.ownership import is_marked, marked_notes, owner_mark, owners_of, why_not_owned
from nestlab.model.state import DiskUseState, HostState, HyperVState, VirtualMachineState
from nestlab.observe.disk_uses import ParentCache, read_disk_uses
from nestlab.observe.hyper_v import hyper_v_state
from nestlab.observe.hyper_v_statements import ADAPTER_PROPERTIES
from nestlab.observe.nested_hosts import SessionTo, Unread, nested_hosts_in
from nestlab.observe.reading import guid, text
from nestlab.plan import Action, ReadMadeEntries, Refusal, Step, TargetKind
from nestlab.plan.bridged_vms import with_bridged_vms
from nestlab.texts import mark, tr, translate
from nestlab.transport.session import Cancel, Session

_CONTINUE = {"ErrorAction": "Continue"}
_NOT_FOUND = frozenset(
    {"InvalidParameter", "ObjectNotFound", "CommandNotFoundException", "HRESULT 0x80041010"}
)

# Read first: where Hyper-V does not answer, this raises, and no object is taken to be missing.
GET_VM_HOST = Cmdlet("Get-VMHost")


def query(name: str, **parameters: object) -> Cmdlet:
    """Return a cmdlet whose errors do not end the pipeline."""
    return Cmdlet(name, {**parameters, **_CONTINUE})


_SEVERAL = {
    TargetKind.VM: mark(
        "{number} VMs are named {name} ({ids}), and it is not known which one is meant"
    ),
    TargetKind.SWITCH: mark(
        "{number} switches are named {name} ({ids}), and it is not known which one is meant"
    ),
}
_GONE = {
    TargetKind.VM: mark("there is no VM {name} any more"),
    TargetKind.SWITCH: mark("there is no switch {name} any more"),
}
_CREATED_SINCE = {
    TargetKind.VM: mark("a VM named {name} was created since the plan was made ({ids})"),
    TargetKind.SWITCH: mark("a switch named {name} was created since the plan was made ({ids})"),
}

_ITSELF: Cmdlet | None = None
_PROCESSOR = Cmdlet("Get-VMProcessor")
_ADAPTERS = Cmdlet("Get-VMNetworkAdapter", {}, ADAPTER_PROPERTIES)
_MARKING = frozenset({Action.ADOPT_SWITCH, Action.ADOPT_VM, Action.MARK_VM})
_CREATING = frozenset({"New-NetNat", "Add-DhcpServerv4Scope"})


def no_session(path: MachinePath) -> Session:
    """Raise UsageError: of a guest on the way to the machine of a step, only its name is read."""
    raise UsageError(path_text(path))


@dataclass(frozen=True)
class Surroundings:
    """Objects of a machine with the VMs around them, and the nested hosts among these.

    `unread` has the errors of those that could not be read.
    """

    hyper_v: HyperVState
    states: Mapping[MachinePath, HostState]
    unread: Unread


@dataclass(frozen=True)
class TargetReader:
    """Reads a machine on behalf of one step.

    `may_disconnect_others`: other VMs may be disconnected from a removed switch.
    `may_delete_others`: others' VMs inside a removed nested host may be deleted with it.
    `read_made_entries`: what runs of the topology added to DHCP scopes, NATs and adapters.
    `above` reads, for a step in a guest, the machine that runs the guest.
    `session_to`: returns the sessions to nested hosts.
    """

    step: Step
    session: Session
    topology: str
    cancel: Cancel | None
    may_disconnect_others: bool = False
    may_delete_others: bool = False
    parent_cache: ParentCache = field(default_factory=ParentCache)
    read_made_entries: ReadMadeEntries = tuple
    above: TargetReader | None = None
    session_to: SessionTo = no_session

    @property
    def is_undo(self) -> bool:
        """Whether the step undoes another one."""
        return self.step.cmdlets == self.step.undo

    @property
    def creates(self) -> bool:
        """Whether the step creates its target."""
        return self.step.creates and not self.is_undo

    @property
    def creates_again(self) -> bool:
        """Whether the step undoes the removal of its target: a NAT or a DHCP scope."""
        return self.is_undo and self.step.cmdlets[0].name in _CREATING

    @property
    def removes_service(self) -> bool:
        """Whether the step removes a NAT, or the address of a switch that is removed after it.

        The undo of a step that created a NAT removes one, too.
        """
        step = self.step
        if self.is_undo:
            return step.action is Action.CREATE_NAT
        return step.action is Action.REMOVE_NAT or (
            step.action is Action.REMOVE_ADDRESS and not step.undo
        )

    def runs(self, name: str) -> bool:
        """Whether the step runs a cmdlet of this name."""
        return any(cmdlet.last_command.name == name for cmdlet in self.step.cmdlets)

    def read(self, *statements: Cmdlet) -> Outcome:
        """Run statements that only read.

        Raises CmdletError for any error except that an object was not found.
        """
        outcome = self.session.run(*statements, cancel=self.cancel)
        for error in outcome.errors:
            if error.error_id not in _NOT_FOUND and not error.error_id.startswith(
                "CmdletizationQuery_NotFound"
            ):
                raise CmdletError(None, error, machine=path_text(self.step.machine))
        return outcome

    def single(self, kind: TargetKind, found: Iterable[Record], name: str) -> Record | Refusal:
        """Return the one object that the step acts on, or why it cannot be identified."""
        candidates = list(found)
        ours = [record for record in candidates if self.step.by_request or self._is_ours(record)]
        ambiguous = (
            kind is TargetKind.VM and name in self.step.machine
        )  # PowerShell Direct takes a name
        if len(ours) == 1 and (len(candidates) == 1 or not ambiguous):
            return self._with_same_notes(ours[0])
        if len(candidates) > 1:
            ids = ", ".join(guid(record, "Id") for record in candidates)
            return Refusal(translate(_SEVERAL[kind], number=len(candidates), name=name, ids=ids))
        if candidates:
            record = candidates[0]
            return Refusal(
                f"{text(record, 'Name')} {why_not_owned(text(record, 'Notes'), self.topology)}"
            )
        return Refusal(translate(_GONE[kind], name=name))

    def _is_ours(self, record: Record) -> bool:
        notes = text(record, "Notes")
        if is_marked(notes, self.topology):
            return True
        # A VM that contains the machine of the step must already have the mark.
        is_target = self.session.machine == self.step.machine
        may_be_unmarked = self.step.action in _MARKING and not self.is_undo and is_target
        return may_be_unmarked and (
            not notes.strip() if self.step.action == Action.MARK_VM else not owners_of(notes)
        )

    def _with_same_notes(self, record: Record) -> Record | Refusal:
        """Return an object if its Notes are still those that the step replaces, or why not.

        Text that was written since is not overwritten.
        """
        is_target = self.session.machine == self.step.machine
        if self.step.action not in (Action.ADOPT_SWITCH, Action.ADOPT_VM) or not is_target:
            return record
        before = str(self.step.undo[0].last_command.parameters["Notes"])
        expected = marked_notes(before, self.topology) if self.is_undo else before
        if text(record, "Notes") == expected:
            return record
        name = text(record, "Name")
        if not self.is_undo:
            return Refusal(tr("the Notes of {name} have changed since", name=name))
        return Refusal(
            tr(
                "the Notes of {name} have changed since; remove the line {mark} by hand",
                name=name,
                mark=owner_mark(self.topology),
            )
        )

    def hyper_v_of_switch(self, switch_id: str) -> HyperVState:
        """Return the machine's Hyper-V state with only one switch and the VMs connected to it.

        All management adapters of the machine are in it, and the VMs of others that are bridged
        onto the switch inside nested hosts.
        """
        return self.around_switch(switch_id).hyper_v

    def around_switch(self, switch_id: str) -> Surroundings:
        """Return what `hyper_v_of_switch` returns, with the nested hosts on the switch."""
        on_switch = Cmdlet(
            "Where-Object",
            {"Property": "SwitchId", "EQ": SwitchParameter.ON, "Value": switch_id},
            Cmdlet(SELECT_OBJECT, {"Property": ["VMId"]}),
        )
        outcome = self.read(
            GET_VM_HOST,
            query("Get-VMSwitch", Id=switch_id),
            Cmdlet("Get-VMNetworkAdapter", {"VMName": "*", **_CONTINUE}, on_switch),
            query("Get-VMNetworkAdapter", ManagementOS=SwitchParameter.ON),
        )
        ids = sorted({guid(record, "VMId") for record in outcome.of_type("VMNetworkAdapter")})
        host = [*outcome.of_type("VMHost"), *outcome.of_type("VMSwitch")]
        host += outcome.of_type("VMInternalNetworkAdapter")
        return self._around(host, ids)

    def around_vm(self, vm_id: str) -> Surroundings:
        """Return a VM, and the nested hosts that it is or has inside."""
        return self._around([*self.read(GET_VM_HOST).of_type("VMHost")], [vm_id])

    def _around(self, host: list[Record], ids: Iterable[str]) -> Surroundings:
        kinds = (_ITSELF, _PROCESSOR, _ADAPTERS)
        by_id = ({"Id": vm_id, **_CONTINUE} for vm_id in ids)
        statements = [Cmdlet("Get-VM", which, kind) for which in by_id for kind in kinds]
        vms = self.read(*statements).records if statements else ()
        state = hyper_v_state(Outcome((*host, *vms)))
        if state is None:
            msg = "Get-VMHost returns a VMHost, or raises"  # not shown
            raise AssertionError(msg)
        unread: Unread = {}
        path, name = self.session.machine, self.topology
        states = nested_hosts_in(
            path, state, name, self.session_to, unread=unread, cancel=self.cancel
        )
        return Surroundings(with_bridged_vms(path, state, name, states), states, unread)

    def guest(self, name: str) -> VirtualMachineState:
        """Return the VM of the machine of the step, which answers."""
        return VirtualMachineState(id="", name=name, state="Running")

    def disk_uses(self) -> tuple[DiskUseState, ...]:
        """Return every use of a disk on the machine.

        The cache is not used: a file may have been replaced since it was read.
        """
        self.parent_cache.forget(self.session.machine)
        return read_disk_uses(self.session, parent_cache=self.parent_cache, cancel=self.cancel)


def created_since(kind: TargetKind, name: str, existing: Iterable[Record]) -> Refusal:
    """Return why a step does not create an object: another one has its name by now."""
    ids = ", ".join(guid(record, "Id") for record in existing)
    return Refusal(translate(_CREATED_SINCE[kind], name=name, ids=ids))


def with_name(records: Iterable[Record], name: str) -> list[Record]:
    """Return the records of this name; names ignore case."""
    return [record for record in records if text(record, "Name").casefold() == name.casefold()]
