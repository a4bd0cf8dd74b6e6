"""Findings about objects left over that would make Windows refuse objects in the file."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.constants import MULTIPLE_NATS_BUILD_MINIMUM
from nestlab.enumerations import all_of
from nestlab.model import Finding
from nestlab.model.ownership import nat_name
from nestlab.model.spelling import same_name
from nestlab.model.state import DhcpScopeState, NatState, SwitchState
from nestlab.model.topology import Switch, SwitchType
from nestlab.plan.management_adapter_steps import renamed_switch_of
from nestlab.plan.nat_steps import nats_left_over
from nestlab.plan.plan_refusals import conflict
from nestlab.plan.planned_machine import named
from nestlab.plan.remainder import MachineRemainder
from nestlab.plan.step import Unchanged
from nestlab.plan.switch_removal import KeptSwitches, remove_nat, remove_scope
from nestlab.plan.undeclared_adapters import DISCONNECT_OTHERS_OPTION
from nestlab.texts import tr

_Left = SwitchState | NatState | DhcpScopeState


def conflicts(remainder: MachineRemainder, *, prune: bool) -> Iterator[Finding]:
    """Yield a finding for each switch in the file and each object that it conflicts with.

    With `prune`, only objects that are kept because of others count; else all that are left over.
    """
    of_file = nats_left_over(remainder.machine)
    nats = (*remainder.nats, *(nat for nat, _ in of_file))
    for switch in remainder.machine.own_switches:
        subject = f"switch {'/'.join((*remainder.machine.path, switch.name))}"
        for sentence, left in _conflicts_of(remainder, nats, switch):
            why = next((why for nat, why in of_file if nat is left), "")
            is_pruned = prune or bool(why)
            why = why or _why_kept(remainder.kept_switches(), left)
            if why or not is_pruned:
                agreed = _why_kept(remainder.kept_switches(disconnect_others=True), left) == ""
                options = _options(is_pruned=is_pruned, disconnects=agreed) if why else ""
                yield conflict(
                    subject,
                    sentence,
                    why,
                    options,
                    is_pruned=is_pruned,
                    renamed=_renamed(remainder, switch, left),
                )


def _renamed(remainder: MachineRemainder, switch: Switch, left: _Left) -> str:
    """Return the name of a switch left over that seems to be this one, renamed; else empty."""
    if not isinstance(left, SwitchState):
        return ""
    is_same = same_name(renamed_switch_of(remainder.machine, left), switch.name)
    return left.name if is_same else ""


def _options(*, is_pruned: bool, disconnects: bool) -> str:
    """Return the options with which a plan removes what is kept; empty if none does."""
    if not disconnects:
        return ""
    return all_of([*([] if is_pruned else ["`--prune`"]), DISCONNECT_OTHERS_OPTION])


def _why_kept(kept: KeptSwitches, left: _Left) -> str:
    """Return why `--prune` keeps something; empty if it removes it."""
    if isinstance(left, SwitchState):
        return kept.why(left)
    found = remove_nat(left, kept) if isinstance(left, NatState) else remove_scope(left, kept)
    return found.why if isinstance(found, Unchanged) else ""


def _conflicts_of(
    remainder: MachineRemainder, nats: tuple[NatState, ...], switch: Switch
) -> Iterator[tuple[str, _Left]]:
    machine, address = remainder.machine.name, switch.ip_address
    for other in remainder.switches if address else ():
        if address and address.ip in remainder.addresses_on(other.name):
            sentence = tr(
                "gets {address}, which switch {switch} of {machine} has",
                address=address,
                switch=other.name,
                machine=machine,
            )
            yield sentence, other
    for nat in nats:
        if sentence := _nat_conflict(remainder, switch, nat):
            yield sentence, nat
    for scope in remainder.scopes:
        if switch.dhcp and address and scope.scope_id in address.network:
            sentence = tr(
                "serves DHCP in {network}, where the scope {scope} of {machine} is",
                network=address.network,
                scope=scope.name,
                machine=machine,
            )
            yield sentence, scope
    yield from _adapter_taken(remainder, switch)


def _nat_conflict(remainder: MachineRemainder, switch: Switch, nat: NatState) -> str:
    """Return why New-NetNat refuses the NAT of a switch next to another one; empty if it does not.

    It refuses an overlapping prefix, and before build 20348 any second NAT
    (https://learn.microsoft.com/virtualization/hyper-v/setup-nat-network).
    """
    machine = remainder.machine
    if switch.nat is None:
        return ""
    if switch.nat.overlaps(nat.internal_prefix):
        return tr(
            "gets a NAT for {prefix}, which the NAT {nat} of {machine} translates",
            prefix=switch.nat,
            nat=nat.name,
            machine=machine.name,
        )
    takes_one = 0 < machine.state.computer.build < MULTIPLE_NATS_BUILD_MINIMUM
    if not takes_one or named(machine.state.nats, nat_name(machine.topology, switch.name)):
        return ""
    return tr(
        "gets a NAT, and this Windows takes only one: the NAT {nat} of {machine} stays",
        nat=nat.name,
        machine=machine.name,
    )


def _adapter_taken(
    remainder: MachineRemainder, switch: Switch
) -> Iterator[tuple[str, SwitchState]]:
    for adapter in switch.net_adapters if switch.switch_type is SwitchType.EXTERNAL else ():
        net_adapter = remainder.machine.net_adapter(adapter)
        for other in remainder.switches:
            if (
                net_adapter
                and net_adapter.interface_description in other.net_adapter_interface_descriptions
            ):
                sentence = tr(
                    "is bound to {adapter}, which switch {switch} of {machine} uses",
                    adapter=adapter,
                    switch=other.name,
                    machine=remainder.machine.name,
                )
                yield sentence, other
