"""What Windows would refuse because the remainder of the topology conflicts with its file."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.model.topology import Switch, SwitchType
from nestlab.plan.remainder import MachineRemainder
from nestlab.texts import tr


def conflicts(remainder: MachineRemainder) -> Iterator[tuple[str, str]]:
    """Yield subject and sentence of each switch in the file that conflicts with the remainder."""
    for switch in remainder.machine.own_switches:
        subject = f"switch {'/'.join((*remainder.machine.path, switch.name))}"
        yield from ((subject, sentence) for sentence in _conflicts_of(remainder, switch))


def _conflicts_of(remainder: MachineRemainder, switch: Switch) -> Iterator[str]:
    machine, address = remainder.machine.name, switch.ip_address
    for other in remainder.switches if address else ():
        if address and address.ip in remainder.addresses_on(other.name):
            yield tr(
                "gets {address}, which switch {switch} of {machine} has",
                address=address,
                switch=other.name,
                machine=machine,
            )
    for nat in remainder.nats:
        if switch.nat and switch.nat.overlaps(nat.internal_prefix):
            yield tr(
                "gets a NAT for {prefix}, which the NAT {nat} of {machine} translates",
                prefix=switch.nat,
                nat=nat.name,
                machine=machine,
            )
    for scope in remainder.scopes:
        if switch.dhcp and address and scope.scope_id in address.network:
            yield tr(
                "serves DHCP in {network}, where the scope {scope} of {machine} is",
                network=address.network,
                scope=scope.name,
                machine=machine,
            )
    yield from _adapter_taken(remainder, switch)


def _adapter_taken(remainder: MachineRemainder, switch: Switch) -> Iterator[str]:
    for adapter in switch.net_adapters if switch.switch_type is SwitchType.EXTERNAL else ():
        net_adapter = remainder.machine.net_adapter(adapter)
        for other in remainder.switches:
            if (
                net_adapter
                and net_adapter.interface_description in other.net_adapter_interface_descriptions
            ):
                yield tr(
                    "is bound to {adapter}, which switch {switch} of {machine} uses",
                    adapter=adapter,
                    switch=other.name,
                    machine=remainder.machine.name,
                )
