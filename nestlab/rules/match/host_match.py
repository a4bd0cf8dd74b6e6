"""A machine of the topology together with the machine that was observed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

from nestlab.dataclass import dataclass, field, replace
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath
from nestlab.model.origin import KeyPath
from nestlab.model.topology import VM, with_image_paths
from nestlab.rules.evidence import display_name
from nestlab.rules.free_networks import free_network
from nestlab.rules.rule import Rule
from nestlab.rules.topology.places import DhcpServerPlace, MachinePlace, SwitchPlace
from nestlab.rules.topology.topology_index import TopologyIndex

if TYPE_CHECKING:
    from nestlab.model.state import HostState, HyperVState, SwitchState

_MULTICAST = IPv4Network("224.0.0.0/4")
_HOST_ROUTE_LENGTH = 32


def is_network(to: IPv4Network) -> bool:
    """Whether a route leads to a network: not a default, host or multicast route."""
    return to.prefixlen not in (0, _HOST_ROUTE_LENGTH) and not to.overlaps(_MULTICAST)


def _networks(state: HostState) -> Iterator[IPv4Network]:
    """Yield the networks that a machine has or has routes to."""
    yield from (nat.internal_prefix for nat in state.nats)
    for interface in state.ip_interfaces:
        yield from (address.network for address in interface.ip_addresses)
        yield from (to for to, _ in interface.routes if is_network(to))


@dataclass(frozen=True)
class HostMatch:
    """One machine as the topology declares it and as it was observed.

    `capability` are the findings that decide whether the machine can run nested hosts.
    `unmarked` says of objects that nestlab did not create how they differ from the file. `states`
    are those of all machines that were observed.
    """

    index: TopologyIndex
    place: MachinePlace
    state: HostState
    capability: tuple[Finding, ...] = ()
    unmarked: Mapping[str, str] = field(default_factory=dict)
    states: Mapping[MachinePath, HostState] = field(default_factory=dict)

    @property
    def topology_name(self) -> str:
        """The topology's name."""
        return self.index.topology.name

    @property
    def machine_name(self) -> str:
        """The name of the machine in sentences."""
        return self.place.name

    @property
    def vms(self) -> Iterator[tuple[VM, MachinePath, KeyPath]]:
        """The VMs wanted on this machine, each with its machine path and its keys.

        Image names are resolved to paths on this machine.
        """
        keys: KeyPath = (*self.place.keys, "nested", "vms") if self.place.keys else ("vms",)
        place, folder = self.place, self.disk_folder
        machine = with_image_paths(place.machine, self.index.topology.images, place.path, folder)
        return (
            (vm, (*place.path, vm.name), (*keys, position))
            for position, vm in enumerate(machine.vms)
        )

    @property
    def new_nested_hosts(self) -> Iterator[MachinePlace]:
        """The nested hosts, at any level, in VMs that are not on this machine yet.

        They contain what nestlab creates there, and what is on the disks of those VMs.
        """
        if self.hyper_v is None:
            return
        depth = len(self.place.path)
        for place in self.index.machines:
            inside = place.is_host and len(place.path) > depth
            if not inside or place.path[:depth] != self.place.path:
                continue
            if not self.hyper_v.vms_named(place.path[depth]):
                yield place

    @property
    def disk_folder(self) -> str:
        """The machine's default folder for virtual hard disks; empty if Hyper-V does not answer."""
        hyper_v = self.state.hyper_v
        return hyper_v.vm_host.virtual_hard_disk_path if hyper_v else ""

    def finding(
        self,
        rule: Rule,
        subject: str,
        keys: KeyPath,
        message: str,
        *,
        hint: str | None = None,
        evidence: str = "",
        fix: tuple[Cmdlet, ...] = (),
    ) -> Finding:
        """Return a finding with its location in the file; its fix runs on this machine."""
        found = self.index.finding(rule, subject, keys, message, hint=hint, evidence=evidence)
        return replace(found, fix=fix, runs_on=display_name(self.state)) if fix else found

    @property
    def hyper_v(self) -> HyperVState | None:
        """The observed state of Hyper-V; None if it does not answer."""
        return self.state.hyper_v

    @property
    def own_switches(self) -> tuple[SwitchPlace, ...]:
        """The switches that nestlab creates there, without the existing ones."""
        return tuple(place for place in self.place.switches if not place.switch.existing)

    @property
    def dhcp_servers(self) -> tuple[DhcpServerPlace, ...]:
        """The DHCP scopes that the file has for it: those of its switches, and as a guest."""
        path = self.place.path
        return tuple(each for each in self.index.dhcp_servers if each.machine == path)

    @property
    def own_dhcp_servers(self) -> tuple[DhcpServerPlace, ...]:
        """Those that nestlab creates there: none on existing switches."""
        existing = {place.keys for place in self.place.switches if place.switch.existing}
        return tuple(each for each in self.dhcp_servers if each.owner.keys not in existing)

    @cached_property
    def proposed_networks(self) -> dict[KeyPath, IPv4Network]:
        """A free network for each switch of the topology that has one, by the keys of the switch.

        It has the size of the switch's own network, and is not proposed for any other switch. It
        overlaps no network of the machine, of its routes, or of the file.
        """
        found: dict[KeyPath, IPv4Network] = {}
        taken = [*_networks(self.state), *self.index.networks]
        for place in self.index.switches:
            address = place.switch.ip_address
            wanted = place.switch.nat or (address.network if address else None)
            free = free_network(wanted, taken) if wanted and not place.switch.existing else None
            if free is not None:
                found[place.keys] = free
                taken.append(free)
        return found

    @property
    def existing_switches(self) -> Iterator[tuple[SwitchPlace, list[SwitchState]]]:
        """The existing switches of the file, each with the machine's switches of that name."""
        for place in self.place.switches:
            if place.switch.existing and self.hyper_v is not None:
                yield place, self.hyper_v.existing_switches(place.switch)

    @property
    def switches(self) -> tuple[SwitchState, ...]:
        """The observed switches of the machine."""
        return self.state.hyper_v.switches if self.state.hyper_v else ()
