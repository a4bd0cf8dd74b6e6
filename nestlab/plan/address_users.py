"""The VMs of others that may use an address of the machine on a switch of the topology.

An address of the host on an internal switch is the gateway of the VMs on it
(https://learn.microsoft.com/virtualization/hyper-v/setup-nat-network). On an External switch they
have the gateway of its network.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Interface

from nestlab.enumerations import all_of
from nestlab.model import Cmdlet
from nestlab.model.topology import SwitchType
from nestlab.plan.entries_of_others import SwitchEntries
from nestlab.plan.in_use import kept_text
from nestlab.plan.step import Step
from nestlab.plan.undeclared_adapters import DISCONNECT_OTHERS_OPTION
from nestlab.texts import tr


def address_users(entries: SwitchEntries) -> str:
    """Return the VMs of others that may use addresses on a switch; empty if there are none."""
    switch = entries.machine.switch(entries.switch)
    if switch is None or switch.switch_type == SwitchType.EXTERNAL or entries.is_unmarked:
        return ""
    return entries.users


def left_out(
    addresses: Iterable[IPv4Interface], added: Iterable[IPv4Interface]
) -> list[IPv4Interface]:
    """Return the addresses that a VM which uses them does not reach after a change.

    One that is added with a network that has all of the earlier one stays in use.
    """
    new = tuple(added)
    return [
        each
        for each in addresses
        if not any(each.ip == other.ip and each.network.subnet_of(other.network) for other in new)
    ]


def removed_addresses(step: Step) -> list[IPv4Interface]:
    """Return the addresses that a step, or the undo of one, removes and does not add again.

    The prefix lengths are those with which it, or what it undoes, would add them.
    """
    before = {each.ip: each for each in _added(step.undoes or step.undo)}
    removed = (
        IPv4Interface(str(cmdlet.parameters["IPAddress"]))
        for cmdlet in step.cmdlets
        if cmdlet.name == "Remove-NetIPAddress"
    )
    return left_out([before.get(each.ip, each) for each in removed], _added(step.cmdlets))


def _added(cmdlets: Iterable[Cmdlet]) -> list[IPv4Interface]:
    """Return the addresses that cmdlets add."""
    values = (cmdlet.parameters for cmdlet in cmdlets if cmdlet.name == "New-NetIPAddress")
    return [IPv4Interface(f"{each['IPAddress']}/{each['PrefixLength']}") for each in values]


def may_also_use(users: str, switch: str, addresses: Iterable[object]) -> str:
    """Return a clause about VMs of others that may use removed addresses."""
    return tr(
        "; {vms} on switch {switch} may use {addresses}, too",
        vms=users,
        switch=switch,
        addresses=all_of([*map(str, addresses)]),
    )


def why_address_is_kept(users: str, switch: str, addresses: Iterable[IPv4Interface]) -> str:
    """Return why addresses are kept that VMs of others may use; empty if there are none."""
    if not users:
        return ""
    return kept_text(
        tr(
            "{vms} on switch {switch} may use {addresses}; {option} removes it anyway",
            vms=users,
            switch=switch,
            addresses=all_of([*map(str, addresses)]),
            option=DISCONNECT_OTHERS_OPTION,
        )
    )
