"""What Windows would refuse because the remainder of the topology conflicts with its file."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.topology import Switch, SwitchType
from nestlab.plan.remainder import MachineRemainder


def conflicts(left: MachineRemainder) -> Iterator[tuple[str, str]]:
    """Yield subject and sentence of each switch in the file that conflicts with the remainder."""
    for switch in left.machine.own_switches:
        subject = f"switch {'/'.join((*left.machine.path, switch.name))}"
        yield from ((subject, sentence) for sentence in _conflicts_of(left, switch))


def _conflicts_of(left: MachineRemainder, switch: Switch) -> Iterator[str]:
    machine, address = left.machine.name, switch.ip_address
    for other in left.switches if address else ():
        if address and address.ip in left.addresses_on(other.name):
            yield f"gets {address}, which switch {other.name} of {machine} has"
    for nat in left.nats:
        if switch.nat and switch.nat.overlaps(nat.internal_prefix):
            yield f"gets a NAT for {switch.nat}, which the NAT {nat.name} of {machine} translates"
    for scope in left.scopes:
        if switch.dhcp and address and scope.scope_id in address.network:
            yield f"serves DHCP in {address.network}, where the scope {scope.name} of {machine} is"
    yield from _adapter_taken(left, switch)


def _adapter_taken(left: MachineRemainder, switch: Switch) -> Iterator[str]:
    for adapter in switch.net_adapters if switch.switch_type is SwitchType.EXTERNAL else ():
        below = left.machine.net_adapter(adapter)
        for other in left.switches:
            if below and below.interface_description in other.net_adapter_interface_descriptions:
                name = f"switch {other.name} of {left.machine.name}"
                yield f"is bound to {adapter}, which {name} uses"
