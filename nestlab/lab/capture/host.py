"""Capturing a host: its switches, NATs and VMs, with what is inside them, as a topology."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping

from nestlab.dataclass import dataclass, replace
from nestlab.errors import UsageError
from nestlab.lab.capture.disks import data_disks, dvd_drives, system_disk, with_images
from nestlab.lab.capture.expressible import expressible_state
from nestlab.lab.capture.guest import adapter_of, guest_of, with_guest_settings
from nestlab.lab.capture.key_settings import captured_settings
from nestlab.lab.capture.levels import GuestCredentials, Levels, has_seed, read_levels
from nestlab.lab.capture.machine import CapturedMachine
from nestlab.lab.capture.others import OwnEntries
from nestlab.lab.capture.scope import CaptureScope, owner_lines, topology_name
from nestlab.lab.capture.seeds import with_seed_settings
from nestlab.lab.capture.uplinks import uplinks
from nestlab.lab.undo_history import entries_made_here
from nestlab.model import HOST, MachinePath, path_text
from nestlab.model.ownership import checkpoint_in_file, without_mark
from nestlab.model.state import HostState, VirtualMachineState
from nestlab.model.topology import VM, DynamicMemory, Nested, SecureBoot, Topology, VMState
from nestlab.plan import ON_STATES
from nestlab.texts import tr
from nestlab.topology_file import dumps, loads
from nestlab.topology_file.keys import VM_SETTINGS
from nestlab.transport.session import Cancel, Session
from nestlab.visible import visible


def capture(
    host: Session,
    *,
    only: Collection[str] = (),
    of_topology: str | None = None,
    credential: str | Mapping[str, str] | None = None,
    name: str | None = None,
    cancel: Cancel | None = None,
) -> Topology:
    """Return the switches, NATs and VMs of a host as a topology to read, draw, trace and build.

    `credential` is the name of a credential for the Windows guests. With it, running guests are
    read as well, and the VMs inside nested hosts, to any depth. It may also be a mapping from
    machine paths as text, such as ``HV1/web1``, to names; an empty path is for all other guests.
    For guests that are not read, the addresses, gateways and DNS servers are those that they report
    to Hyper-V. `only` lists names of VMs of the host: no other VMs are captured, and only the
    switches that these VMs use. With `of_topology`, only objects with the mark of that topology are
    captured, and of the entries on them, such as port forwards and further adapters, those that its
    runs made, as the journals on this computer show; without a journal, all of them. `name` is the
    name of the topology; by default, the name of the only topology that the
    objects belong to, else of the computer.

    What a topology file cannot express, and what is not known, is listed in comments of the
    topology's text, and by `capture_all`. Raises UsageError if the machine has no Hyper-V, or if no
    VM has a name of `only`; CredentialNotUsable with all credentials that are not found; Cancelled.
    """
    return capture_all(
        host,
        only=only,
        of_topology=of_topology,
        credential=credential,
        name=name,
        cancel=cancel,
    ).topology


@dataclass(frozen=True)
class Capture:
    """A captured topology, with lines about what it lacks and who owns the objects.

    `losses` lists the omitted or changed objects, `unread` the guests that were not read, with the
    reasons, and `owners` the topologies that own the objects, with the entries of which it is not
    known who made them.
    """

    topology: Topology
    losses: tuple[str, ...]
    unread: tuple[str, ...]
    owners: tuple[str, ...]

    @property
    def comments(self) -> tuple[str, ...]:
        """The lines for the beginning of the file."""
        missing = [tr("On the host, and not in this file:"), *(f"- {loss}" for loss in self.losses)]
        return (*self.owners, *(missing if self.losses else ()), *self.unread)


def capture_all(
    host: Session,
    *,
    only: Collection[str] = (),
    of_topology: str | None = None,
    credential: str | Mapping[str, str] | None = None,
    name: str | None = None,
    cancel: Cancel | None = None,
) -> Capture:
    """Return the topology as `capture` does, with lines about what it lacks."""
    scope = CaptureScope(tuple(only), of_topology)
    levels = read_levels(host, _credentials(credential), only=scope.only, cancel=cancel)
    chosen = scope.reduced(levels.states[HOST])
    made = entries_made_here(of_topology, host) if of_topology else None
    own = OwnEntries(of_topology, made) if of_topology else None
    found = _capture(levels, chosen, own, name)
    # Read back, which ensures that every capture can be loaded, and keeps comments on saving.
    text = "\n".join([*(f"# {line}" for line in found.comments), dumps(found.topology)])
    return replace(found, topology=loads(text, tr("<capture of {host}>", host=chosen.host)))


def _credentials(credential: str | Mapping[str, str] | None) -> GuestCredentials:
    if credential is None or isinstance(credential, str):
        return GuestCredentials(credential)
    named = {machine: name for machine, name in credential.items() if machine}
    return GuestCredentials(credential.get(""), named)


def _capture(
    levels: Levels, chosen: HostState, own: OwnEntries | None, name: str | None
) -> Capture:
    """Return the topology of what was read; `chosen` has the objects of the host to be captured.

    `own` leaves out what others made on the objects of one topology.
    """
    if chosen.hyper_v is None:
        msg = tr("Hyper-V does not answer on {host}", host=chosen.computer.name or chosen.host)
        raise UsageError(msg, hint=tr("`nestlab check` says why."))
    owner = own.topology if own else topology_name(chosen)
    captured_name = name or owner or _name_of(chosen)
    writer = _CaptureWriter(levels, owner, own)
    host = writer.machine(HOST, chosen, None)
    topology = Topology(
        name=captured_name,
        description=tr("Captured from {host}", host=chosen.host),
        switches=tuple(host.switches()),
        vms=tuple(writer.vms(host)),
        uplinks=tuple(uplinks(host)),
        forwarding=host.forwards(),
        routes=host.routes(),
    )
    topology = with_seed_settings(topology, writer.machines, levels)
    topology = with_images(topology, writer.machines)
    losses = (*writer.losses, *(own.losses if own else ()))
    owners = (*owner_lines(chosen), *(own.lines() if own else ()))
    return Capture(topology, losses, writer.unread_lines(), owners)


def _name_of(state: HostState) -> str:
    return re.sub(r"[^A-Za-z0-9-]+", "-", state.computer.name).strip("-")[:40] or "captured"


class _CaptureWriter:
    """Converts the machines that were read to declarations of a file, and collects the losses."""

    def __init__(self, levels: Levels, owner: str, own: OwnEntries | None) -> None:
        self._levels = levels
        self._owner = owner
        self._own = own
        self.machines: dict[MachinePath, CapturedMachine] = {}
        self.losses: list[str] = []

    def record_loss(self, subject: str, text: str) -> None:
        """Record that something is not in the file, or differs there."""
        self.losses.append(" ".join(visible(f"{subject}: {text}").split()))

    def machine(
        self, path: MachinePath, state: HostState, as_vm: VirtualMachineState | None
    ) -> CapturedMachine:
        """Return a machine with the part of its state that a file can express."""
        state = self._own.reduced(path, state) if self._own else state
        state, losses = expressible_state(state, self._owner)
        inside = tr("in {machine}: ", machine=path_text(path)) if path else ""
        self.losses += [f"{inside}{loss}" for loss in losses]
        found = CapturedMachine(
            path=path,
            state=state,
            as_vm=as_vm,
            owner=self._owner,
            record_loss=self.record_loss,
            manual_dns=self._levels.manual_dns.get(path, {}),
        )
        found.record_partial_forwarding()
        found.record_losses_of_routes()
        found.record_losses_of_addresses()
        self.machines[path] = found
        return found

    def vms(self, machine: CapturedMachine) -> Iterator[VM]:
        """Yield the VMs of a machine, with what is inside them."""
        for vm in machine.vms:
            path = (*machine.path, vm.name)
            state = self._levels.states.get(path)
            inside = self.machine(path, state, vm) if state else None
            yield self._vm(machine, vm, inside)

    def _vm(
        self, machine: CapturedMachine, vm: VirtualMachineState, inside: CapturedMachine | None
    ) -> VM:
        path = (*machine.path, vm.name)
        credential = self._levels.credentials.of(path)
        nested = inside is not None and inside.state.hyper_v is not None
        found = VM(
            name=vm.name,
            generation=vm.generation,
            processor_count=vm.processor_count,
            memory_startup=vm.memory_startup,
            dynamic_memory=DynamicMemory(minimum=vm.memory_minimum, maximum=vm.memory_maximum)
            if vm.dynamic_memory_enabled
            else None,
            version=vm.version or None,
            state=VMState.RUNNING if vm.state in ON_STATES else VMState.OFF,
            **captured_settings(VM_SETTINGS, vm.settings),
            checkpoints=tuple(
                dict.fromkeys(
                    checkpoint_in_file(self._owner, checkpoint.name)
                    for checkpoint in vm.checkpoints or ()
                )
            ),
            disk=system_disk(machine, self._owner, vm),
            disks=data_disks(machine, self._owner, vm),
            dvd_drives=dvd_drives(vm),
            guest=guest_of(vm, inside, credential, has_seed=has_seed(vm)),
            network_adapters=tuple(
                adapter_of(machine, vm, each, inside, self._levels.reported.of_adapter(each.id))
                for each in vm.network_adapters
            ),
            notes=without_mark(vm.notes),
            secure_boot=_secure_boot(vm),
            tpm=vm.tpm or None,
            expose_virtualization_extensions=True
            if vm.expose_virtualization_extensions and not nested
            else None,
        )
        if inside is None:
            return found
        found = with_guest_settings(found, inside)
        if not nested:
            return found
        content = Nested(switches=tuple(inside.switches()), vms=tuple(self.vms(inside)))
        return replace(found, nested=content)

    def unread_lines(self) -> tuple[str, ...]:
        """Return one line per reason, which names the captured guests that could not be read.

        Hyper-V knows the addresses, gateways and DNS servers of guests that report them.
        """
        found: dict[tuple[str, bool], list[str]] = {}
        for path, why in self._levels.unread.items():
            machine = self.machines.get(path[:-1])
            vm = next((vm for vm in machine.vms if vm.name == path[-1]), None) if machine else None
            if vm is not None:
                told = map(self._levels.reported.of_adapter, (a.id for a in vm.network_adapters))
                found.setdefault((why, all(each.is_known for each in told)), []).append(
                    path_text(path)
                )
        lines = (
            tr(
                "Guests not read: {guests} ({why}); their routes, other settings and nested VMs are not known",
                guests=", ".join(guests),
                why=why,
            )
            if reported
            else tr(
                "Guests not read: {guests} ({why}); their gateways, DNS servers, routes and nested VMs are not known",
                guests=", ".join(guests),
                why=why,
            )
            for (why, reported), guests in found.items()
        )
        return tuple(" ".join(visible(line).split()) for line in lines)


def _secure_boot(vm: VirtualMachineState) -> SecureBoot | None:
    """Return the Secure Boot template; None if it is that of a new VM (Windows)."""
    if vm.secure_boot is None or (vm.secure_boot and vm.secure_boot_template == SecureBoot.WINDOWS):
        return None
    known = {str(template): template for template in SecureBoot}
    return known.get(vm.secure_boot_template) if vm.secure_boot else SecureBoot.OFF
