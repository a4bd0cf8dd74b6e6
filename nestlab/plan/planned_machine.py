"""One machine of the topology with what was observed on it: the input of the planners."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from nestlab.dataclass import dataclass, field, replace
from nestlab.errors import HostError, UsageError
from nestlab.model import Cmdlet, MachinePath, path_text
from nestlab.model.spelling import plain_mac, same_name
from nestlab.model.state import (
    HostState,
    HyperVState,
    IPInterfaceState,
    NatState,
    NetAdapterState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
    VMHostState,
    expected_management_alias,
    is_management_adapter,
)
from nestlab.model.topology import (
    VM,
    Image,
    ManagementAdapter,
    Switch,
    SwitchType,
    Topology,
    with_image_paths,
)
from nestlab.plan.bridged_vms import with_bridged_vms
from nestlab.plan.kinds import Action
from nestlab.plan.made_entries import ReadMadeEntries
from nestlab.plan.made_routes import ReadMadeRoutes
from nestlab.plan.past_runs import NewDisk, ReadNewDisks
from nestlab.plan.step import Planned, Remainder, Step, StepTarget, Unchanged

_NO_HYPER_V = HyperVState(vm_host=VMHostState())
_Named = TypeVar("_Named", SwitchState, VirtualMachineState, NetAdapterState, NatState)


@dataclass(frozen=True, kw_only=True)
class ObservedMachine:
    """One machine with what was observed on it."""

    path: MachinePath
    state: HostState

    @property
    def name(self) -> str:
        """The machine path as text."""
        return path_text(self.path)

    @property
    def hyper_v(self) -> HyperVState:
        """The state of Hyper-V on this machine; empty if the role is missing."""
        return self.state.hyper_v or _NO_HYPER_V

    def step(
        self,
        action: Action,
        subject: str,
        title: str,
        why: str,
        *cmdlets: Cmdlet,
        target: StepTarget,
        **more: Any,
    ) -> Step:
        """Return a step on this machine with a readable, stable id."""
        return Step(
            id=self.step_id(action, subject),
            machine=self.path,
            action=action,
            title=title,
            why=why,
            cmdlets=cmdlets,
            target=target,
            **more,
        )

    def step_id(self, action: Action, subject: str) -> str:
        """Return the id of a step of this machine, to be named in `needs`."""
        return f"{self.name}:{action}:{subject}"

    def switch(self, name: str) -> SwitchState | None:
        """Return the observed switch of this name."""
        return named(self.hyper_v.switches, name)

    def vm(self, name: str) -> VirtualMachineState | None:
        """Return the observed VM of this name."""
        return self.hyper_v.vm(name)

    def interface(self, alias: str) -> IPInterfaceState | None:
        """Return the observed IPv4 interface of this name."""
        wanted = alias.casefold()
        return next(
            (i for i in self.state.ip_interfaces if i.interface_alias.casefold() == wanted), None
        )

    def is_disabled(self, alias: str) -> bool:
        """Whether an adapter of Windows is disabled; False if there is none of this name."""
        found = named(self.state.net_adapters, alias)
        return found is not None and found.is_disabled

    def management_alias(self, switch: Switch) -> str:
        """Return the Windows name of the management adapter on a switch, present or expected."""
        return expected_management_alias(self.state, switch.name)

    def adapter_alias(self, switch: Switch, adapter: ManagementAdapter) -> str:
        """Return the Windows name of one management adapter of a switch, present or expected."""
        return expected_management_alias(self.state, switch.name, adapter.name)


@dataclass(frozen=True, kw_only=True)
class PlannedMachine(ObservedMachine):
    """One machine of the topology: what the file declares there, and what was observed.

    `as_vm` is the state of the machine as a VM of its host; None for L0. `images` has the images of
    the topology, `states` the states of all machines that were observed. `host_computer_name` is
    the computer name of L0, at every level. With `delete_others`, the user consents to delete VMs
    of others inside a VM that is removed; with `disconnect_others`, to disconnect others from
    switches, and to remove adapters of the machine that may be theirs. `unmarked` has the Ids of
    VMs and switches that are treated as if they had the mark, to compare them with the file.
    `unread` has the errors of guests that could not be read. In `state` and `as_vm`, VM adapters
    that were renamed have the names of the file; `renamed` has their current names, by adapter Id.
    `read_new_disks` reads the existing disks that no VM has been given yet, `read_made_routes` the
    routes that runs of the topology added to the host, `read_made_entries` the entries that they
    added to DHCP scopes, NATs and adapters. With `in_run`, the plan is made again within a run:
    what others use by then is not refused, since each step looks again right before it runs.
    """

    topology: str
    wanted: Topology | VM
    as_vm: VirtualMachineState | None = None
    images: tuple[Image, ...] = ()
    host_computer_name: str = ""
    states: Mapping[MachinePath, HostState] = field(default_factory=dict)
    delete_others: bool = False
    disconnect_others: bool = False
    in_run: bool = False
    unmarked: frozenset[str] = frozenset()
    unread: Mapping[MachinePath, HostError | UsageError] = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)
    read_new_disks: ReadNewDisks = field(default=tuple, compare=False)
    read_made_routes: ReadMadeRoutes = field(default=tuple, compare=False)
    read_made_entries: ReadMadeEntries = field(default=tuple, compare=False)

    def is_new_disk(self, path: str) -> bool:
        """Whether the plan creates a disk, or a run created it but did not reach its VM.

        Windows on it has not booted then. For an existing disk, only a journal can show that.
        """
        if path.lower() not in self.hyper_v.existing_disks:
            return True
        return NewDisk(self.path, path.lower()) in self.read_new_disks()

    def net_adapter(self, name: str) -> NetAdapterState | None:
        """Return the adapter of Windows that the topology calls `name`.

        On the host that is its Windows name. Inside a VM it is the VM's adapter, found by its MAC
        address: Windows numbers its adapters in any order.
        """
        if self.as_vm is None:
            return named(self.state.net_adapters, name)
        adapter = named_adapter(self.as_vm, name)
        if adapter is None or not plain_mac(adapter.mac_address).strip("0"):
            return None
        mac = plain_mac(adapter.mac_address)
        # The management adapter on an External switch has the MAC address of the adapter below it.
        own = [a for a in self.state.net_adapters if plain_mac(a.mac_address) == mac]
        return next((a for a in own if not is_management_adapter(a)), None)

    def with_state(self, state: HostState) -> PlannedMachine:
        """Return the machine in another state, with the VMs bridged through its nested hosts."""
        hyper_v = state.hyper_v
        if hyper_v is not None:
            hyper_v = with_bridged_vms(self.path, hyper_v, self.topology, self.states)
        if hyper_v is not state.hyper_v:
            state = replace(state, hyper_v=hyper_v)
        return self if state is self.state else replace(self, state=state)

    @property
    def own_switches(self) -> tuple[Switch, ...]:
        """The wanted switches that nestlab creates, without the existing ones that it only uses."""
        return tuple(switch for switch in self.wanted.switches if not switch.existing)

    def address_step(self, switch: Switch) -> str:
        """Return the id of the step that sets the address of a switch, if there is one."""
        return self.step_id(Action.SET_ADDRESS, self.management_alias(switch))

    def own_switch(self, name: str) -> Switch | None:
        """Return the wanted switch with a name that nestlab creates; None if there is none."""
        return next((each for each in self.own_switches if same_name(each.name, name)), None)

    def is_unmarked_switch(self, switch: Switch) -> bool:
        """Whether a switch of the file exists on the machine without a mark."""
        current = self.switch(switch.name)
        return current is not None and current.id in self.unmarked

    def switch_name(self, name: str) -> str:
        """Return the name that a switch of the topology has on this machine.

        An existing one keeps its own, such as that of the Default Switch in another language.
        """
        wanted = next((s for s in self.wanted.switches if same_name(s.name, name)), None)
        found = self.hyper_v.existing_switches(wanted) if wanted and wanted.existing else []
        return found[0].name if found else name

    def external_switch_on(self, adapter: str) -> Switch | None:
        """Return the External switch that is wanted on an adapter of this machine."""
        external = (s for s in self.own_switches if s.switch_type is SwitchType.EXTERNAL)
        return next(
            (s for s in external if any(same_name(name, adapter) for name in s.net_adapters)), None
        )


def planned_machine(
    topology: Topology,
    path: MachinePath,
    wanted: Topology | VM,
    state: HostState,
    as_vm: VirtualMachineState | None = None,
    *,
    host_computer_name: str = "",
    states: Mapping[MachinePath, HostState] | None = None,
    delete_others: bool = False,
    disconnect_others: bool = False,
    in_run: bool = False,
    unmarked: frozenset[str] = frozenset(),
    read_new_disks: ReadNewDisks = tuple,
    read_made_routes: ReadMadeRoutes = tuple,
    read_made_entries: ReadMadeEntries = tuple,
) -> PlannedMachine:
    """Return a machine for the planners: its VMs have the paths of their images on it."""
    folder = state.hyper_v.vm_host.virtual_hard_disk_path if state.hyper_v else ""
    return PlannedMachine(
        topology=topology.name,
        path=path,
        wanted=with_image_paths(wanted, topology.images, path, folder),
        state=state,
        as_vm=as_vm,
        images=topology.images,
        host_computer_name=host_computer_name,
        states=states or {},
        delete_others=delete_others,
        disconnect_others=disconnect_others,
        in_run=in_run,
        unmarked=unmarked,
        read_new_disks=read_new_disks,
        read_made_routes=read_made_routes,
        read_made_entries=read_made_entries,
    ).with_state(state)


def or_unchanged(subject: str, why: str, steps: Iterable[Planned]) -> Iterator[Planned]:
    """Yield the steps, or if there are none, the reason why nothing has to change.

    A Remainder does not count as a step.
    """
    nothing = True
    for step in steps:
        nothing = nothing and isinstance(step, Remainder)
        yield step
    if nothing:
        yield Unchanged(subject, why)


def named(candidates: Iterable[_Named], name: str) -> _Named | None:
    """Return the first of this name."""
    wanted = name.casefold()
    return next((each for each in candidates if each.name.casefold() == wanted), None)


def named_adapter(vm: VirtualMachineState, name: str) -> NetworkAdapterState | None:
    """Return the first adapter of this name of a VM."""
    return next((adapter for adapter in vm.network_adapters if same_name(adapter.name, name)), None)
