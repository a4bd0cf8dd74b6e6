"""Steps of a plan, what needs no step, and what cannot be planned yet."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from nestlab.dataclass import dataclass, replace
from nestlab.model import Cmdlet, MachinePath, path_text
from nestlab.model.parameter_values import credential_names
from nestlab.model.powershell_text import credential_prompt
from nestlab.plan.kinds import Action, TargetKind
from nestlab.texts import mark, tr, translate
from nestlab.visible import visible


class Hazard(StrEnum):
    """The risk of a step: it stops or restarts a VM, may cut the connection, or deletes data."""

    NONE = "none"
    STOPS_VM = "stops-vm"
    RESTARTS_VM = "restarts-vm"
    MAY_CUT_CONNECTION = "may-cut-connection"
    DELETES_DATA = "deletes-data"

    @property
    def text(self) -> str:
        """The hazard as a phrase; empty if there is none."""
        return translate(_HAZARD_TEXTS[self]) if self in _HAZARD_TEXTS else ""


_HAZARD_TEXTS = {
    Hazard.STOPS_VM: mark("stops a VM"),
    Hazard.RESTARTS_VM: mark("restarts a VM"),
    Hazard.MAY_CUT_CONNECTION: mark("may cut the connection to the host"),
    Hazard.DELETES_DATA: mark("deletes data"),
}


class Effect(StrEnum):
    """How a step takes effect: at once, by restarting the VM or Windows, or by recreating it."""

    LIVE = "live"
    RESTART = "restart"
    RECREATE = "recreate"

    @property
    def text(self) -> str:
        """A phrase such as "restarts the VM"; empty if the change is live."""
        if self is Effect.LIVE:
            return ""
        return tr("restarts the VM") if self is Effect.RESTART else tr("recreates the VM")


@dataclass(frozen=True)
class StepTarget:
    """The object that a step creates or changes, so that undo can find it and check its owner.

    `id` is its Id in Hyper-V, for a DHCP scope its network; empty if it does not exist yet, or
    is identified by its name. `switch` is the switch that a NAT, an address or a scope serves.
    """

    kind: TargetKind
    name: str
    id: str = ""
    switch: str = ""

    def __str__(self) -> str:
        return visible(f"{self.kind} {self.name}")


@dataclass(frozen=True)
class InnerVM:
    """A VM that is on (its `state` is Running or Paused) inside the nested host `machine`."""

    machine: MachinePath
    id: str
    name: str
    state: str


@dataclass(frozen=True, kw_only=True)
class Step:
    """One change: where it runs, why it is needed, its cmdlets, and how it is undone.

    `id` is readable and stays the same when the plan is made again: ``host:create-switch:LabNet``.
    With `creates`, the step creates `target`; its undo removes the target, and with it all that
    later steps did to it. With `by_request`, the step may act on an object without nestlab's mark:
    the user named it, or it was on before nestlab turned its host off. With `from_host`, the
    cmdlets run on the host of `machine`, and those of `undo` on `machine` itself. `disconnects` has
    the Ids of others' objects that the removal or change of a switch or a nested host cuts off; in
    the removal of its NAT or address, of all objects that may be on the switch then. `deletes` has
    the Ids of others' VMs that are deleted with the nested host that they are in; in a reset, also
    the disks that are detached (the paths of their base disks, in lower case). The user consented
    to both. `notices` has sentences about what was found right before the step runs: objects that
    are left out of a removal because others use them; VMs that are deleted with their nested host,
    or are not known. The last `cleanup_count` cmdlets run even if an earlier one fails. `inside`
    has the VMs that stop with the nested host that the step turns off, `existing_disks` the paths
    of the disk files that existed before the step and that it causes to be written to. With
    `of_no_run`, it removes an entry that no run of the topology made, and does not run if VMs of
    others are on the switch by then. With `before_hiding`, it stops a VM from which a later one
    hides the extensions. With `ends_services`, it or its undo ends what the guest of its VM does
    for VMs of others on all switches. In an undo step, `undoes` has the cmdlets that are undone.
    """

    id: str
    machine: MachinePath
    action: Action
    title: str
    why: str
    cmdlets: tuple[Cmdlet, ...]
    target: StepTarget
    undo: tuple[Cmdlet, ...] = ()
    hazard: Hazard = Hazard.NONE
    effect: Effect = Effect.LIVE
    needs: tuple[str, ...] = ()
    creates: bool = False
    by_request: bool = False
    from_host: bool = False
    disconnects: tuple[str, ...] = ()
    deletes: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    cleanup_count: int = 0
    inside: tuple[InnerVM, ...] = ()
    existing_disks: tuple[str, ...] = ()
    of_no_run: bool = False
    before_hiding: bool = False
    ends_services: bool = False
    undoes: tuple[Cmdlet, ...] = ()

    @property
    def runs_on(self) -> MachinePath:
        """The machine that its cmdlets run on."""
        return self.machine[:-1] if self.from_host else self.machine

    @property
    def subject(self) -> str:
        """The last part of its id, such as the name of a VM."""
        return self.id.removeprefix(f"{path_text(self.machine)}:{self.action}:")

    @property
    def undo_step(self) -> Step:
        """The step that undoes this one: its cmdlets are those of `undo`."""
        title = tr("Undo: {title}", title=self.title)
        return replace(
            self,
            cmdlets=self.undo,
            undoes=self.cmdlets,
            title=title,
            from_host=False,
            cleanup_count=0,
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """Its cmdlets as PowerShell lines to paste, after those that ask for credentials."""
        stages = (stage for cmdlet in self.cmdlets for stage in cmdlet.stages)
        values = (value for stage in stages for value in stage.parameters.values())
        names = dict.fromkeys(name for value in values for name in credential_names(value))
        return (*map(credential_prompt, names), *map(str, self.cmdlets))

    @property
    def effect_text(self) -> str:
        """How it takes effect, as a phrase; empty if it is live, or if the hazard says so."""
        stops = self.hazard in (Hazard.STOPS_VM, Hazard.RESTARTS_VM)
        is_implied = self.effect is Effect.RESTART and stops
        return "" if is_implied else self.effect.text

    def to_dict(self) -> dict[str, Any]:
        """Return the step as plain JSON data, cmdlets as PowerShell text."""
        return {
            "id": self.id,
            "machine": path_text(self.runs_on),
            "action": str(self.action),
            "title": self.title,
            "why": self.why,
            "cmdlets": list(self.lines),
            "undo": [str(cmdlet) for cmdlet in self.undo],
            "hazard": str(self.hazard),
            "effect": str(self.effect),
            "needs": list(self.needs),
        }

    def __repr__(self) -> str:
        return visible(f"<Step {self.id}: {self.title}>")

    def _repr_html_(self) -> str:
        from nestlab.html import code, escape, without_math  # noqa: PLC0415  # only notebooks need it

        cmdlets = "<br>".join(code(line) for line in self.lines)
        text = tr(
            "{title} on {machine}: {why}",
            title=f"<b>{escape(self.title)}</b>",
            machine=escape(path_text(self.runs_on)),
            why=escape(self.why),
        )
        return without_math(f"<p>{text}<br>{cmdlets}</p>")


@dataclass(frozen=True)
class Unchanged:
    """An object or setting that needs no step, and why."""

    subject: str
    why: str

    def to_dict(self) -> dict[str, str]:
        """Return plain JSON data."""
        return {"subject": self.subject, "why": self.why}


@dataclass(frozen=True)
class Deferred:
    """A machine that cannot be planned yet, and what has to happen first.

    `booted_at` is the boot time that was observed, if the machine has to restart first. With
    `first_boot`, Windows Setup runs in it first, and it refuses every credential until then.
    `advice` says what to do if it never answers, `refused_advice` if it refuses a correct
    credential. With `is_running`, its VM runs, but Windows in it does not answer, or refuses.
    """

    machine: MachinePath
    why: str
    booted_at: datetime | None = None
    first_boot: bool = False
    advice: str = ""
    refused_advice: str = ""
    is_running: bool = False

    def to_dict(self) -> dict[str, str]:
        """Return plain JSON data."""
        return {"machine": path_text(self.machine), "why": self.why}


@dataclass(frozen=True)
class Remainder:
    """An object that the topology owns and its file no longer names, with what it holds.

    `holds` lists addresses, networks, disks and connections. If the file also gives an address to
    another object, that is named with it. `of_others` marks an entry that no run made: it is not
    the topology's, and others may use it.
    """

    machine: MachinePath
    subject: str
    holds: tuple[str, ...] = ()
    of_others: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        machine, holds = path_text(self.machine), list(self.holds)
        return {"machine": machine, "subject": self.subject, "holds": holds}

    def __str__(self) -> str:
        holds = f" ({', '.join(self.holds)})" if self.holds else ""
        return visible(f"{path_text(self.machine)}: {self.subject}{holds}")


@dataclass(frozen=True)
class OutOfReach:
    """Settings in the file that nestlab does not set: values, and why.

    With `differs`, the machine was read and has other values. With `is_off`, its VM is declared
    Off, and nestlab sets and reads them only while it runs: whether they are set is not known.
    """

    machine: MachinePath
    values: tuple[str, ...]
    why: str
    differs: bool = False
    is_off: bool = False

    @property
    def label(self) -> str:
        """Their heading in a plan: to be set by hand, unless nestlab may have set them before."""
        return tr("Not set or read") if self.is_off else tr("Set by hand")

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {"machine": path_text(self.machine), "values": list(self.values), "why": self.why}

    def __str__(self) -> str:
        return visible(f"{path_text(self.machine)}: {'; '.join(self.values)} ({self.why})")


@dataclass(frozen=True)
class Refusal:
    """Why a step does not run.

    The object no longer exists, does not belong to this topology, or is `in_use` by others.
    """

    why: str
    in_use: bool = False


Planned = Step | Unchanged | Deferred | Remainder | OutOfReach
"""An item that a planner yields."""
