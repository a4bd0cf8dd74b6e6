"""Whether a step still acts on what it was planned for: read right before its cmdlets run, in a few calls whatever is there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from nestlab.constants.commands import SELECT_OBJECT
from nestlab.errors import CmdletError
from nestlab.model import Cmdlet, MachinePath, Outcome, Record, SwitchParameter, path_text
from nestlab.model.ownership import is_marked, is_ours_by_name, why_not_ours
from nestlab.model.state import DiskUseState, HyperVState, SwitchState
from nestlab.observe.disk_uses import Chains, read_disk_uses
from nestlab.observe.hyper_v import ADAPTER_PROPERTIES, hyper_v_state
from nestlab.observe.reading import guid, text
from nestlab.plan import (
    Action,
    Hazard,
    Refusal,
    Step,
    TargetKind,
    bind,
    delete_files,
    deleted_files,
    disconnect_others,
    extra_management_adapters,
    is_of_checkpoint,
    named_switches,
    other_vms_on,
    unbound,
    why_disks_are_kept,
    why_switch_is_kept,
    why_vm_is_kept,
)
from nestlab.transport.session import Cancel, Session

_CONTINUE = {"ErrorAction": "Continue"}
_ANSWERS = Cmdlet(
    "Get-VMHost"
)  # where Hyper-V does not answer, what is not found may well be there
_MISSING = frozenset(
    {"InvalidParameter", "ObjectNotFound", "CommandNotFoundException", "HRESULT 0x80041010"}
)

To = Callable[[MachinePath], Session]
"""The way to a machine."""


def identify(
    step: Step,
    to: To,
    *,
    topology: str,
    agreed: bool = False,
    chains: Chains | None = None,
    cancel: Cancel | None = None,
) -> Step | Refusal:
    """Return the step, with the Ids of what it goes to by name; or why it must not run.

    `agreed`: others may be cut off from a switch that goes. `chains` are what the run remembers of
    the parents of disks: where these decide, they are read again. Raises what `Session.run` raises.
    """
    for depth, name in enumerate(step.machine):
        look = _Look(step, to(step.machine[:depth]), topology, cancel)
        found = look.the_one(
            "VM", look.read(_ANSWERS, _get("Get-VM", Name=name)).of_type("VirtualMachine"), name
        )
        if isinstance(found, Refusal):
            return found
    if step.target.kind not in _CHECKS:
        return step
    look = _Look(step, to(step.machine), topology, cancel, agreed, chains or Chains())
    return _CHECKS[step.target.kind](look)


def _adapters_of(vm_id: str) -> Cmdlet:
    adapters = Cmdlet("Get-VMNetworkAdapter", {}, ADAPTER_PROPERTIES)
    return Cmdlet("Get-VM", {"Id": vm_id, **_CONTINUE}, adapters)


def _get(name: str, **parameters: object) -> Cmdlet:
    return Cmdlet(name, {**parameters, **_CONTINUE})


@dataclass(frozen=True)
class _Look:
    """A look at a machine for the sake of one step."""

    step: Step
    session: Session
    topology: str
    cancel: Cancel | None
    agreed: bool = False
    chains: Chains = field(default_factory=Chains)

    @property
    def is_undo(self) -> bool:
        return self.step.cmdlets == self.step.undo

    @property
    def makes(self) -> bool:
        return self.step.creates and not self.is_undo

    def does(self, name: str) -> bool:
        return any(cmdlet.last_command.name == name for cmdlet in self.step.cmdlets)

    def read(self, *statements: Cmdlet) -> Outcome:
        """Return what the machine answers.

        Raises CmdletError where it says anything but that something is not there.
        """
        outcome = self.session.run(*statements, cancel=self.cancel)
        for error in outcome.errors:
            if error.error_id not in _MISSING and not error.error_id.startswith(
                "CmdletizationQuery_NotFound"
            ):
                raise CmdletError(None, error, machine=path_text(self.step.machine))
        return outcome

    def the_one(self, noun: str, found: Iterable[Record], name: str) -> Record | Refusal:
        """Return the one object that is meant, or why none is."""
        there = list(found)
        ours = [record for record in there if self.step.by_request or self._is_ours(record)]
        if len(ours) == 1 and (len(there) == 1 or noun != "VM" or not self._leads_inside(name)):
            return ours[0]
        if len(there) > 1:
            ids = ", ".join(guid(record, "Id") for record in there)
            return Refusal(
                f"{len(there)} {noun}{'es' if noun == 'switch' else 's'} are named {name} ({ids}), and which one is meant is not known"
            )
        if there:
            return Refusal(
                f"{text(there[0], 'Name')} {why_not_ours(text(there[0], 'Notes'), self.topology)}"
            )
        return Refusal(f"there is no {noun} {name} any more")

    def _leads_inside(self, name: str) -> bool:
        # PowerShell Direct goes by the name alone.
        return name in self.step.machine

    def _is_ours(self, record: Record) -> bool:
        notes = text(record, "Notes")
        return is_marked(notes, self.topology) or (
            self.step.action == Action.MARK_VM and not notes.strip()
        )

    def around_switch(self, switch_id: str) -> HyperVState:
        """Return a switch, the machine's own adapters, and the VMs that are on the switch, as they are now."""
        on_it = Cmdlet(
            "Where-Object",
            {"Property": "SwitchId", "EQ": SwitchParameter.ON, "Value": switch_id},
            Cmdlet(SELECT_OBJECT, {"Property": ["VMId"]}),
        )
        outcome = self.read(
            _ANSWERS,
            _get("Get-VMSwitch", Id=switch_id),
            Cmdlet("Get-VMNetworkAdapter", {"VMName": "*", **_CONTINUE}, on_it),
            _get("Get-VMNetworkAdapter", ManagementOS=SwitchParameter.ON),
        )
        adapters = outcome.of_type("VMNetworkAdapter")
        ids = sorted({guid(record, "VMId") for record in adapters})
        asked = [*(_get("Get-VM", Id=vm_id) for vm_id in ids), *map(_adapters_of, ids)]
        vms = self.read(*asked).records if asked else ()
        own = [*outcome.of_type("VMHost"), *outcome.of_type("VMSwitch")]
        own += outcome.of_type("VMInternalNetworkAdapter")
        state = hyper_v_state(Outcome((*own, *vms)))
        if state is None:
            msg = "Get-VMHost returns a VMHost, or raises"
            raise AssertionError(msg)
        return state

    def disk_uses(self) -> tuple[DiskUseState, ...]:
        """Return every use of a disk on the machine as it is now: another file may have taken the place of one since an earlier look."""
        self.chains.forget(self.session.machine)
        return read_disk_uses(self.session, chains=self.chains, cancel=self.cancel)


def _vm(look: _Look) -> Step | Refusal:
    step, name = look.step, look.step.target.name
    if look.makes:
        there = look.read(_ANSWERS, _get("Get-VM", Name=name)).of_type("VirtualMachine")
        return _appeared("VM", name, there) if there else step
    by = {"Id": step.target.id} if step.target.id else {"Name": name}
    adapters = [name for kind, name in unbound(step) if kind is TargetKind.ADAPTER]
    devices = [
        *(_DRIVES if look.does("Remove-VM") else ()),
        *([Cmdlet("Get-VMNetworkAdapter")] if adapters else ()),
    ]
    outcome = look.read(
        _ANSWERS,
        _get("Get-VM", **by),
        *(_get("Get-VMSwitch", Name=name) for name in named_switches(step)),
        *(Cmdlet("Get-VM", {**by, **_CONTINUE}, device) for device in devices),
    )
    found = look.the_one("VM", outcome.of_type("VirtualMachine"), name)
    if isinstance(found, Refusal):
        return found
    switches = outcome.of_type("VMSwitch")
    for wanted in named_switches(step):
        same = [
            record for record in switches if text(record, "Name").casefold() == wanted.casefold()
        ]
        if len(same) > 1:
            return Refusal(_by_name_only(wanted, same))
    vm_id = guid(found, "Id")
    ids = {(TargetKind.VM, name.casefold()): vm_id}
    own = [
        record for record in outcome.of_type("VMNetworkAdapter") if guid(record, "VMId") == vm_id
    ]
    for adapter in adapters:
        same = [record for record in own if text(record, "Name").casefold() == adapter.casefold()]
        if len(same) != 1:
            return Refusal(
                f"{name} has {len(same) or 'no'} network adapter{'s' if len(same) > 1 else ''} named {adapter}"
            )
        ids[TargetKind.ADAPTER, adapter.casefold()] = text(same[0], "Id")
    if look.does("Remove-VM") and _has_checkpoint_disks(outcome, vm_id):
        why = why_vm_is_kept(vm_id, look.disk_uses())
        if why:
            return Refusal(why, in_use=True)
    return bind(step, ids)


_DRIVES = (
    Cmdlet("Get-VMHardDiskDrive"),
    Cmdlet("Get-VMSnapshot", {}, Cmdlet("Get-VMHardDiskDrive")),
)


def _has_checkpoint_disks(outcome: Outcome, vm_id: str) -> bool:
    """Whether the removal of a VM merges disks: only then does it matter which disk is the parent of which."""
    drives = outcome.of_type("HardDiskDrive")
    return any(
        guid(drive, "VMId") == vm_id and is_of_checkpoint(text(drive, "Path")) for drive in drives
    )


def _by_name_only(name: str, same: list[Record]) -> str:
    ids = " and ".join(guid(record, "Id") for record in same)
    return f"{len(same)} switches are named {name} ({ids}), and the cmdlet takes a switch by its name only: rename or remove one"


def _appeared(noun: str, name: str, there: Iterable[Record]) -> Refusal:
    ids = ", ".join(guid(record, "Id") for record in there)
    return Refusal(f"a {noun} named {name} has appeared since ({ids}); nothing was made")


def _switch(look: _Look) -> Step | Refusal:
    step, name = look.step, look.step.target.name
    if look.makes:
        there = look.read(_ANSWERS, _get("Get-VMSwitch", Name=name)).of_type("VMSwitch")
        return _appeared("switch", name, there) if there else step
    asked = _get("Get-VMSwitch", **({"Id": step.target.id} if step.target.id else {"Name": name}))
    found = look.the_one("switch", look.read(_ANSWERS, asked).of_type("VMSwitch"), name)
    if isinstance(found, Refusal):
        return found
    step = bind(step, {(TargetKind.SWITCH, name.casefold()): guid(found, "Id")})
    return _without_others(look, step) if look.does("Remove-VMSwitch") else step


def _without_others(look: _Look, step: Step) -> Step | Refusal:
    """Return the removal of a switch with what cuts off those who may be cut off."""
    there = look.around_switch(step.target.id)
    switch = next((switch for switch in there.switches if switch.id == step.target.id), None)
    if switch is None:
        return Refusal(f"there is no switch {step.target.name} any more")
    why = why_switch_is_kept(there, switch, look.topology, None if look.agreed else step.cuts_off)
    if why:
        return Refusal(why, in_use=True)
    return replace(
        step,
        cmdlets=(*disconnect_others(there, switch, look.topology), step.cmdlets[-1]),
        hazard=_hazard(there, switch, look),
    )


def _hazard(there: HyperVState, switch: SwitchState, look: _Look) -> Hazard:
    others = other_vms_on(there, switch, look.topology) or extra_management_adapters(there, switch)
    return Hazard.MAY_CUT_CONNECTION if others else look.step.hazard


def _disk(look: _Look) -> Step | Refusal:
    step = look.step
    if look.makes:
        return step
    planned = deleted_files(step)
    asked = (Cmdlet("Get-VHD", {"Path": path, **_CONTINUE}, _PATH) for path in planned)
    found = {text(record, "Path").casefold() for record in look.read(*asked)}
    there = [path for path in planned if path.casefold() in found]
    if not there:
        return Refusal(f"there is no {step.target.name} any more")
    stays = why_disks_are_kept(there, look.disk_uses())
    if len(stays) == len(there):
        return Refusal("; ".join(stays.values()), in_use=True)
    goes = delete_files(*(path for path in there if path not in stays))
    return replace(step, cmdlets=(goes,), kept=tuple(stays.values()))


_PATH = Cmdlet(SELECT_OBJECT, {"Property": ["Path"]})


def _address(look: _Look) -> Step | Refusal:
    step, target = look.step, look.step.target
    if not target.switch:
        return step  # from a journal of an earlier version
    asked = (
        _get("Get-VMSwitch", Name=target.switch),
        _get("Get-VMNetworkAdapter", ManagementOS=SwitchParameter.ON),
        _get("Get-NetAdapter", Name=target.name),
    )
    outcome = look.read(_ANSWERS, *asked)
    found = look.the_one("switch", outcome.of_type("VMSwitch"), target.switch)
    if isinstance(found, Refusal):
        return found
    devices = {guid(record, "DeviceID") for record in outcome.of_type("MSFT_NetAdapter")}
    if look.is_undo and not devices:
        return Refusal(f"there is no adapter {target.name} any more")
    below = [
        record
        for record in outcome.of_type("VMInternalNetworkAdapter")
        if guid(record, "DeviceId") in devices
    ]
    if below and all(guid(record, "SwitchId") != guid(found, "Id") for record in below):
        return Refusal(f"{target.name} belongs to another switch than {target.switch} by now")
    return step


def _nat(look: _Look) -> Step | Refusal:
    if look.makes:
        return look.step
    name = look.step.target.name
    there = {
        text(record, "Name").casefold()
        for record in look.read(_get("Get-NetNat")).of_type("MSFT_NetNat")
    }
    if name.casefold() in there and is_ours_by_name(name, look.topology):
        return look.step
    return Refusal(f"there is no NAT {name} of {look.topology} any more")


def _scope(look: _Look) -> Step | Refusal:
    if look.makes:
        return look.step
    target = look.step.target
    there = look.read(_get("Get-DhcpServerv4Scope")).of_type("DhcpServerv4Scope")
    same = (
        [record for record in there if text(record, "ScopeId") == target.id]
        if target.id
        else list(_named(there, target.name))
    )
    if not same:
        return Refusal(f"there is no DHCP scope {target.name} any more")
    if not is_ours_by_name(text(same[0], "Name"), look.topology):
        return Refusal(
            f"the DHCP scope {text(same[0], 'ScopeId')} is {text(same[0], 'Name')} by now, which is not of {look.topology}"
        )
    return look.step


def _named(records: Iterable[Record], name: str) -> Iterator[Record]:
    return (record for record in records if text(record, "Name").casefold() == name.casefold())


_CHECKS: dict[TargetKind, Callable[[_Look], Step | Refusal]] = {
    TargetKind.VM: _vm,
    TargetKind.SWITCH: _switch,
    TargetKind.DISK: _disk,
    TargetKind.ADDRESS: _address,
    TargetKind.NAT: _nat,
    TargetKind.SCOPE: _scope,
}
