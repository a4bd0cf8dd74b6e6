"""The plan of a topology, in waves: what can be done now on the machines that answer, and what has to wait for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nestlab.errors import PlanRefused
from nestlab.model import HOST, Finding, Findings, MachinePath, path_text
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.topology import VM, SwitchType, Topology, VMState
from nestlab.plan.addresses import address_steps
from nestlab.plan.interfaces import WantedInterface, guest_interfaces, switch_interface
from nestlab.plan.machines import vm_steps
from nestlab.plan.nat import nat_steps
from nestlab.plan.plan import Plan
from nestlab.plan.roles import dhcp_steps, hyper_v_steps
from nestlab.plan.routing import routing_steps
from nestlab.plan.site import Site, named
from nestlab.plan.step import Deferred, Planned, Step, Unchanged
from nestlab.plan.switches import switch_steps


def make_plan(topology: Topology, states: Mapping[MachinePath, HostState]) -> Plan:
    """Return what has to change so that the machines carry the topology.

    Pure: the same topology and states give the same plan. `states` holds what was observed on the host and on every
    guest that answers; a guest that does not is deferred. Raises PlanRefused where an object of a wanted name is not
    this topology's, and where the host has no Hyper-V.
    """
    if HOST not in states or states[HOST].hyper_v is None:
        raise PlanRefused(Findings([_no_hyper_v(states.get(HOST))]))
    planned = _Waves(topology, states).all()
    return Plan.of(
        topology.name, states[HOST].host, planned, states={path: states[path] for path in states}, credentials=credentials(topology)
    )


def credentials(topology: Topology) -> dict[MachinePath, str]:
    """Return the credential names of the Windows guests that have one."""
    return {
        path: machine.guest.credential
        for path, machine in topology.machines()
        if isinstance(machine, VM) and machine.guest.os == "windows" and machine.guest.credential
    }


def _no_hyper_v(state: HostState | None) -> Finding:
    evidence = "; ".join(f"{item.what}: {item.error}" for item in state.unread) if state else ""
    hint = "Install the role (Install-WindowsFeature Hyper-V -IncludeManagementTools -Restart) and see what `check` says."
    return Finding("hyper-v-missing", "error", "host", "Hyper-V does not answer on the host", hint, evidence)


@dataclass(frozen=True)
class _Waves:
    topology: Topology
    states: Mapping[MachinePath, HostState]

    def all(self) -> Iterator[Planned]:
        waiting: set[MachinePath] = set()
        switched: set[MachinePath] = set()
        for path, machine in self.topology.machines():
            if any(path[:depth] in waiting for depth in range(1, len(path))):
                waiting.add(path)
                yield Deferred(path, f"{path_text(path)} needs {path_text(path[:-1])} first")
                continue
            # A guest that a step before switches off and on does not answer at once.
            items = self._restarted(path) if path in switched and path in self.states else self._machine(path, machine)
            for item in items:
                if isinstance(item, Deferred):
                    waiting.add(path)
                elif isinstance(item, Step) and item.action in {"stop-vm", "start-vm"}:
                    switched.add((*path, item.thing.name))
                yield item

    def _restarted(self, path: MachinePath) -> Iterator[Planned]:
        why = f"{path_text(path)} is off for its new settings first, and its Windows has to start again"
        yield Deferred(path, why, self.states[path].computer.last_boot_up_time)

    def _machine(self, path: MachinePath, machine: Topology | VM) -> Iterator[Planned]:
        if not isinstance(machine, VM):
            yield from _hyper_v(Site(topology=self.topology.name, path=path, wanted=machine, state=self.states[path]))
            return
        outer = self._outer(path)
        reason = _not_configured(path, machine)
        if reason:
            if machine.network_adapters or machine.nested:
                yield Unchanged(f"{path_text(path)}: inside the guest", reason)
        elif outer is None or path not in self.states:
            yield Deferred(path, _why_not_yet(path, outer))
        else:
            site = Site(topology=self.topology.name, path=path, wanted=machine, state=self.states[path], outer=outer)
            yield from _guest(site, machine)

    def _outer(self, path: MachinePath) -> VirtualMachineState | None:
        above = self.states.get(path[:-1])
        return named(above.hyper_v.vms, path[-1]) if above and above.hyper_v else None


def _not_configured(path: MachinePath, vm: VM) -> str:
    """Return why nestlab leaves the inside of a guest alone; empty where it does not."""
    if vm.state is VMState.OFF:
        return f"{path_text(path)} is to be Off"
    if vm.guest.os != "windows":
        system = "it has no operating system" if vm.guest.os == "none" else f"PowerShell Direct does not lead into {vm.guest.os} guests"
        return f"{system}; its addresses are set by hand"
    if not vm.guest.credential:
        return "its guest names no credential, so nobody can sign in to set it up"
    return ""


def _why_not_yet(path: MachinePath, outer: VirtualMachineState | None) -> str:
    name = path_text(path)
    if outer is None:
        return f"{name} has to be created and started before its Windows can be set up"
    if outer.state != "Running":
        return f"{name} is {outer.state} and has to start before its Windows can be set up"
    return f"Windows in {name} does not answer over PowerShell Direct yet"


def _guest(site: Site, vm: VM) -> Iterator[Planned]:
    if not vm.answers_ping:
        yield Unchanged(f"{site.name}: firewall", "nestlab leaves firewalls alone; `answers_ping: false` tells what yours does")
    for interface in guest_interfaces(site, vm):
        yield from address_steps(site, interface) if isinstance(interface, WantedInterface) else (interface,)
    if vm.nested is None:
        yield from routing_steps(site)
        return
    yield from hyper_v_steps(site)
    if site.state.hyper_v is not None:
        yield from _hyper_v(site)


def _hyper_v(site: Site) -> Iterator[Planned]:
    # An External switch takes over the adapter that the session may come through: what does not need it is made before.
    external = [switch for switch in site.wanted.switches if switch.switch_type is SwitchType.EXTERNAL]
    for switches in ([switch for switch in site.wanted.switches if switch not in external], external):
        for switch in switches:
            yield from switch_steps(site, switch)
            interface = switch_interface(site, switch)
            if interface is not None:
                yield from address_steps(site, interface)
        for switch in switches:
            yield from nat_steps(site, switch)
            yield from dhcp_steps(site, switch)
    yield from routing_steps(site)
    for vm in site.wanted.vms:
        yield from vm_steps(site, vm)
