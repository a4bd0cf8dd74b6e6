"""The physical networks of a host, as far as its own addresses show them."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.lab.capture.machine import CapturedMachine
from nestlab.model.state import is_management_adapter, management_alias
from nestlab.model.topology import Uplink
from nestlab.reachability import first_address
from nestlab.texts import tr


def uplinks(host: CapturedMachine) -> Iterator[Uplink]:
    """Yield the physical network behind each adapter of the host that has an address there.

    A file's forwarding is for all adapters: where the host forwards, an adapter that does not is
    left out, and a loss is recorded.
    """
    forwards = host.forwards()
    taken = {
        description: switch
        for switch in host.observed_switches
        for description in switch.net_adapter_interface_descriptions
    }
    for adapter in host.state.net_adapters:
        if is_management_adapter(adapter):
            continue
        switch = taken.get(adapter.interface_description)
        alias = management_alias(host.state, switch.name) if switch else adapter.name
        interface = host.interface(alias)
        address = first_address(interface.ip_addresses) if interface else None
        if interface and address and forwards and not interface.forwarding:
            text = tr(
                "left out, because {interface} does not forward and the others do; a file declares forwarding for all of them",
                interface=interface.interface_alias,
            )
            host.record_loss(tr("uplink {adapter}", adapter=adapter.name), text)
        elif interface and address:
            own = None if switch else address
            if not switch:
                host.record_further_addresses(interface)
            yield Uplink(
                net_adapter=adapter.name,
                network=address.network,
                gateway=interface.gateway,
                ip_address=own,
            )
