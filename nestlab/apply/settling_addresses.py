"""Waiting until the addresses of new guests are in use, and finding those that are not.

Windows tests a new address (AddressState Tentative) for a few seconds before it uses it or marks it
Duplicate. A DHCP client tries for about a minute (RFC 2131, 4.1: 4, 8, 16, 32 seconds) before it
stays with an address of its own choice.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import AddressValueError, IPv4Address

from nestlab.apply.context import ApplyContext, States
from nestlab.apply.events import Waiting, WaitKind
from nestlab.apply.guest_events import AddressesNotUsed
from nestlab.apply.started_vms import StartedVM
from nestlab.apply.waiting import POLL_SECONDS
from nestlab.model import Finding, MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.model.topology import VM, Topology
from nestlab.texts import tr

SETTLE_SECONDS = 60.0
"""The time limit for the addresses of a guest, after it has started."""


def report_unused_addresses(
    topology: Topology | None,
    states: States,
    started: Collection[StartedVM],
    known: Collection[Finding],
    context: ApplyContext,
) -> None:
    """Wait until the addresses are settled; report those that are not used and were not `known`.

    `states` are those of the last observations of a run, `started` the VMs that it has started.
    Raises Cancelled, and the errors of observing.
    """
    find = context.find_unused_addresses
    if find is None or topology is None:
        return
    # Not by the message: that of a saved plan may be in another language.
    said = {(each.code, each.subject) for each in known}

    def unused(observed: States) -> tuple[Finding, ...]:
        return tuple(each for each in find(observed) if (each.code, each.subject) not in said)

    waited, clients = 0.0, [vm for vm in started if _uses_dhcp(topology, vm)]
    found, again = unused(states), _unsettled(states, clients)
    while (found or again) and waited < SETTLE_SECONDS:
        names = tuple(dict.fromkeys((*map(path_text, again), *(f.subject_text for f in found))))
        activity = tr("Waiting for the addresses of {names}", names=", ".join(names))
        context.on_event(Waiting(activity, waited, SETTLE_SECONDS, WaitKind.ADDRESSES, names))
        context.session.wait(POLL_SECONDS, context.cancel)
        waited += POLL_SECONDS
        states = _observed_again(states, _machines(states, started, again), context)
        found, again = unused(states), _unsettled(states, clients)
    if found and context.observe_with_others is not None:
        # The address may be in use by a VM that is not in the topology.
        found = unused({**states, **context.observe_with_others()}) or found
    if found:
        context.on_event(AddressesNotUsed(found))


def _observed_again(
    states: States, machines: Iterable[MachinePath], context: ApplyContext
) -> States:
    """Return the states, with these machines observed again where they answer."""
    new = {path: context.observe_again(path) for path in machines}
    return {**states, **{path: state for path, state in new.items() if state is not None}}


def _machines(
    states: States, started: Iterable[StartedVM], unsettled: Collection[MachinePath]
) -> tuple[MachinePath, ...]:
    """Return the observed machines that may show a change: new guests and those they are on."""
    named = [path for vm in started for path in (vm.machine, vm.path)]
    named += [path for guest in unsettled for path in (guest[:-1], guest)]
    return tuple(path for path in dict.fromkeys(named) if path in states)


def _unsettled(states: States, clients: Iterable[StartedVM]) -> tuple[MachinePath, ...]:
    """Return the guests with a tentative address, and the DHCP clients without an address."""
    testing = (path for path, state in states.items() if path and _tests_an_address(state))
    waiting = (vm.path for vm in clients if _has_no_address(states.get(vm.machine), vm))
    return tuple(dict.fromkeys((*testing, *waiting)))


def _tests_an_address(state: HostState) -> bool:
    """Whether an address is Tentative; on an adapter without a link it stays so, and is ignored."""
    up = {adapter.name for adapter in state.net_adapters if adapter.status == "Up"}
    return any(
        kind == "Tentative"
        for interface in state.ip_interfaces
        if interface.interface_alias in up
        for _, kind in interface.address_states
    )


def _uses_dhcp(topology: Topology, started: StartedVM) -> bool:
    """Whether the file gives a guest an adapter with DHCP, and an operating system."""
    vm = dict(topology.machines()).get(started.path)
    return (
        isinstance(vm, VM)
        and vm.guest.os != "none"
        and any(adapter.dhcp and adapter.switch for adapter in vm.network_adapters)
    )


def _has_no_address(state: HostState | None, started: StartedVM) -> bool:
    """Whether Hyper-V shows no IPv4 address of a running VM yet."""
    hyper_v = state.hyper_v if state is not None else None
    found = hyper_v.vms_named(started.name) if hyper_v is not None else ()
    return any(
        vm.state == "Running"
        and not any(
            map(_is_ipv4, (text for each in vm.network_adapters for text in each.ip_addresses))
        )
        for vm in found
    )


def _is_ipv4(text: str) -> bool:
    try:
        IPv4Address(text)
    except AddressValueError:
        return False
    return True
