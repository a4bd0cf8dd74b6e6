"""Leaves out of a capture, or changes, what a topology file cannot express, and lists it."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.dataclass import dataclass, field, replace
from nestlab.lab.capture.disks import is_no_iso_file
from nestlab.lab.capture.vm_losses import settings_loss, vm_losses
from nestlab.model import HOST
from nestlab.model.ownership import checkpoint_in_file, without_mark
from nestlab.model.state import (
    CheckpointState,
    HostState,
    HyperVState,
    NetworkAdapterState,
    SwitchState,
    VirtualMachineState,
)
from nestlab.plan import is_seed
from nestlab.texts import tr
from nestlab.topology_file.key_types import InvalidValue, Scalar
from nestlab.topology_file.scalars import NAME, NON_EMPTY_TEXT, TEXT, VM_NAME
from nestlab.visible import visible


def expressible_state(state: HostState, topology: str) -> tuple[HostState, tuple[str, ...]]:
    """Return the part of a state that a topology file can express, and a line for each loss.

    Seed disks that nestlab wrote for this topology are not disks of the file.
    """
    if state.hyper_v is None:
        return state, ()
    capture_filter = _CaptureFilter(state.hyper_v, topology)
    adapters = tuple(
        a
        for a in state.net_adapters
        if state.machine != HOST  # a guest's are named by its VM
        or capture_filter.accepts(NAME, a.name, tr("adapter {adapter} of the host", adapter=a.name))
    )
    hyper_v = capture_filter.kept()
    capture_filter.record_losses_of_switches(hyper_v)
    return replace(state, net_adapters=adapters, hyper_v=hyper_v), tuple(capture_filter.losses)


def _refusal(kind: Scalar, text: str) -> str:
    """Return why a topology file does not accept a string; empty if it does."""
    try:
        kind.parse(text)
    except InvalidValue as refused:
        return str(refused)
    return ""


@dataclass
class _CaptureFilter:
    hyper_v: HyperVState
    topology: str
    losses: list[str] = field(default_factory=list)

    def record_loss(self, subject: str, text: str) -> None:
        """Record that something is not in the file, or differs there."""
        self.losses.append(" ".join(visible(f"{subject}: {text}").split()))

    def accepts(self, kind: Scalar, name: str, subject: str) -> bool:
        """Whether a file can hold a name; records a loss where it cannot."""
        why = _refusal(kind, name)
        if why:
            self.record_loss(subject, tr("left out, because its name {problem}", problem=why))
        return not why

    def kept(self) -> HyperVState:
        """Return the switches and VMs that a file can hold; the first one of each name."""
        switches = tuple(self._switches())
        switch_ids = {switch.id for switch in switches}
        return replace(self.hyper_v, switches=switches, vms=tuple(self._vms(switch_ids)))

    def _switches(self) -> Iterator[SwitchState]:
        seen: set[str] = set()
        for switch in self.hyper_v.switches:
            subject = tr("switch {switch} (Id {id})", switch=switch.name, id=switch.id)
            if switch.name.casefold() in seen:
                self.record_loss(
                    subject,
                    tr(
                        "left out, because another switch has this name; rename one with Rename-VMSwitch and capture again"
                    ),
                )
            elif self.accepts(NAME, switch.name, subject):
                seen.add(switch.name.casefold())
                yield switch

    def _vms(self, switches: set[str]) -> Iterator[VirtualMachineState]:
        seen: set[str] = set()
        for vm in self.hyper_v.vms:
            subject = f"VM {vm.name} (Id {vm.id})"
            if vm.name.casefold() in seen:
                rename = f"Get-VM -Id '{vm.id}' | Rename-VM -NewName"
                self.record_loss(
                    subject,
                    tr(
                        "left out, because another VM has this name; rename one ({rename} '<name>') and capture again",
                        rename=rename,
                    ),
                )
            elif self.accepts(VM_NAME, vm.name, subject):
                seen.add(vm.name.casefold())
                yield self._vm(vm, subject, switches)

    def _vm(self, vm: VirtualMachineState, subject: str, switches: set[str]) -> VirtualMachineState:
        notes = vm.notes.replace("\r\n", "\n")
        if _refusal(TEXT, notes):
            notes = visible(notes)
            self.record_loss(
                subject, tr("its notes have control characters, which are written as escapes")
            )
        disks = tuple(
            disk
            for disk in vm.hard_disks
            if not disk.path or not _refusal(NON_EMPTY_TEXT, disk.path)
        )
        if len(disks) < len(vm.hard_disks):
            self.record_loss(
                subject, tr("a disk is left out, because its path has control characters")
            )
        further = [d for d in disks if d.path and not is_seed(d, self.topology, vm.name)][1:]
        on_ide = [disk.path for disk in further if disk.controller_type == "IDE"]
        if on_ide:
            self.record_loss(
                subject,
                tr(
                    "on an IDE controller, and in the file as a data disk, which is on a SCSI controller: {disks}",
                    disks=", ".join(on_ide),
                ),
            )
        not_files = [drive.path for drive in vm.dvd_drives if is_no_iso_file(drive)]
        if not_files:
            text = tr("its DVD drives are left out: {path} is not an ISO file", path=not_files[0])
            self.record_loss(subject, text)
        own = [each for each in vm.checkpoints or () if self._is_own_checkpoint(each)]
        for loss in vm_losses(vm, own):
            self.record_loss(subject, loss)
        return replace(
            vm,
            checkpoints=tuple(own),
            notes=notes,
            hard_disks=disks,
            network_adapters=tuple(self._adapters(vm, subject, switches)),
        )

    def _is_own_checkpoint(self, checkpoint: CheckpointState) -> bool:
        return not _refusal(VM_NAME, checkpoint_in_file(self.topology, checkpoint.name))

    def _adapters(
        self, vm: VirtualMachineState, subject: str, switches: set[str]
    ) -> Iterator[NetworkAdapterState]:
        seen: set[str] = set()
        for adapter in vm.network_adapters:
            adapter_subject = tr(
                "{subject}, adapter {adapter}", subject=subject, adapter=adapter.name
            )
            if adapter.name.casefold() in seen:
                self.record_loss(
                    adapter_subject,
                    tr(
                        "left out, because another adapter of this VM has this name; rename one with Rename-VMNetworkAdapter"
                    ),
                )
                continue
            if not self.accepts(NAME, adapter.name, adapter_subject):
                continue
            seen.add(adapter.name.casefold())
            for loss in settings_loss(adapter.settings_without_key):
                self.record_loss(adapter_subject, loss)
            if adapter.vlan.operation_mode not in ("Untagged", "Access", "Trunk"):
                self.record_loss(
                    adapter_subject,
                    tr(
                        "its VLAN mode {mode} is not in the file",
                        mode=adapter.vlan.operation_mode,
                    ),
                )
            if adapter.switch_id and adapter.switch_id not in switches:
                self.record_loss(
                    adapter_subject,
                    tr(
                        "it is on the switch {switch}, which is left out",
                        switch=adapter.switch_name,
                    ),
                )
                yield replace(adapter, switch_id="", switch_name="")
            else:
                yield adapter

    def record_losses_of_switches(self, kept: HyperVState) -> None:
        """Record what the file cannot express of its switches."""
        for switch in kept.switches:
            subject = tr("switch {switch}", switch=switch.name)
            notes = without_mark(switch.notes)
            if notes:
                self.record_loss(subject, tr("its notes are not in the file: {notes}", notes=notes))
            own = [
                adapter
                for adapter in self.hyper_v.management_adapters
                if adapter.switch_id == switch.id
            ]
            for adapter in own:
                if adapter.vlan.operation_mode not in ("Untagged", "Access", "Trunk"):
                    self.record_loss(
                        subject,
                        tr(
                            "the VLAN mode {mode} of the host's own adapter {adapter} is not in the file",
                            mode=adapter.vlan.operation_mode,
                            adapter=adapter.name,
                        ),
                    )
