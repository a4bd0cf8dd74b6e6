"""Which objects of a host are captured, and which topologies they belong to."""

from __future__ import annotations

from nestlab.dataclass import dataclass, replace
from nestlab.enumerations import all_of
from nestlab.errors import UsageError
from nestlab.lab.capture.levels import is_chosen
from nestlab.model.ownership import is_marked, owner_of, owners_of
from nestlab.model.spelling import same_name
from nestlab.model.state import HostState, HyperVState, VirtualMachineState
from nestlab.texts import tr
from nestlab.visible import visible


@dataclass(frozen=True)
class CaptureScope:
    """What is captured: everything, the VMs named in `only`, or the objects of one topology."""

    only: tuple[str, ...] = ()
    of_topology: str | None = None

    def reduced(self, state: HostState) -> HostState:
        """Return the state with the chosen VMs, and with the switches that they use.

        Raises UsageError if no VM has a name of `only`, or the topology owns nothing.
        """
        if state.hyper_v is None or not (self.only or self.of_topology):
            return state
        self._require_all_found(state.hyper_v)
        vms = tuple(vm for vm in state.hyper_v.vms if self._is_chosen(vm))
        used = {adapter.switch_id for vm in vms for adapter in vm.network_adapters}
        switches = tuple(
            switch
            for switch in state.hyper_v.switches
            if switch.id in used or (self.of_topology and is_marked(switch.notes, self.of_topology))
        )
        if not vms and not switches:
            msg = tr(
                "Nothing on {host} belongs to the topology {topology}",
                host=state.computer.name or state.host,
                topology=self.of_topology,
            )
            raise UsageError(
                msg,
                hint=tr(
                    "Marks are in the Notes of VMs and switches: Get-VM | Format-List Name, Notes"
                ),
            )
        return replace(state, hyper_v=replace(state.hyper_v, vms=vms, switches=switches))

    def _is_chosen(self, vm: VirtualMachineState) -> bool:
        marked = self.of_topology is None or is_marked(vm.notes, self.of_topology)
        return marked and is_chosen(vm.name, self.only)

    def _require_all_found(self, hyper_v: HyperVState) -> None:
        names = [vm.name for vm in hyper_v.vms]
        missing = [name for name in self.only if not any(same_name(name, vm) for vm in names)]
        if missing:
            msg = tr("The host has no VM named {names}", names=", ".join(missing))
            hint = (
                tr("Its VMs: {names}.", names=", ".join(names)) if names else tr("Its VMs: none.")
            )
            raise UsageError(msg, hint=hint)


def topology_name(state: HostState) -> str:
    """Return the name of the only topology whose marks these objects carry; empty otherwise."""
    if state.hyper_v is None:
        return ""
    notes = [*(vm.notes for vm in state.hyper_v.vms), *(s.notes for s in state.hyper_v.switches)]
    owners = {owner.casefold(): owner for text in notes if (owner := owner_of(text))}
    return next(iter(owners.values())) if len(owners) == 1 else ""


def owner_lines(state: HostState) -> tuple[str, ...]:
    """Return a line for each topology with the objects that it owns, and one for unmarked objects.

    Empty where no object has a mark.
    """
    if state.hyper_v is None:
        return ()
    found: dict[str, list[str]] = {}
    objects = [(f"VM {vm.name}", vm.notes) for vm in state.hyper_v.vms]
    objects += [
        (tr("switch {switch}", switch=s.name), s.notes)
        for s in state.hyper_v.switches
        if not s.is_default_switch
    ]
    for label, notes in objects:
        owners = all_of(owners_of(notes))
        found.setdefault(owners, []).append(label)
    unmarked = found.pop("", [])
    lines = [
        tr("Owned by topology {owner}: {objects}", owner=owner, objects=", ".join(labels))
        for owner, labels in found.items()
    ]
    if unmarked and lines:
        lines.append(tr("Without a mark of nestlab: {objects}", objects=", ".join(unmarked)))
    return tuple(" ".join(visible(line).split()) for line in lines)
