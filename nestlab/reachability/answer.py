"""The result of a trace: status, hops, where and why it ends, fixes, assumptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from nestlab.dataclass import dataclass, field
from nestlab.model.cmdlet import Cmdlet
from nestlab.model.machine_path import MachinePath, path_text
from nestlab.reachability.elements import Interface
from nestlab.reachability.outcome import DropPlace, Reason, Status
from nestlab.texts import mark, tr, translate
from nestlab.visible import visible

SYMBOLS = {"reachable": "✓", "unreachable": "✗", "unstable": "⚠", "undetermined": "?"}

_STATUSES: Mapping[Status, str] = {
    "reachable": mark("reachable"),
    "unreachable": mark("unreachable"),
    "unstable": mark("unstable"),
    "undetermined": mark("undetermined"),
}
_AS_DECLARED: Mapping[Status, str] = {
    **_STATUSES,
    "reachable": mark("reachable, if the guests that were not observed are configured as declared"),
    "unreachable": mark(
        "unreachable, if the guests that were not observed are configured as declared"
    ),
}
FIX = mark("Fix, on {machine}:")
FIX_VERIFIED = mark("Fix, on {machine} (verified):")
IN_FILE = mark("In the file: {edit}")
BREAKS = mark("It would break {what}")
ASSUMED = mark("Assumed: {assumption}")
LASTING = mark(
    "The cmdlets change the machines only. Change the file as well: where it says otherwise, drift reports the change, and apply reverts it."
)


@dataclass(frozen=True)
class TraceHop:
    """One hop of the path: the machine or switch (`at`), its `kind`, and what it `does`.

    `kind`: machine, switch, network (a physical one), nat, gateway, internet. `network` is the
    adapter of the host that a physical network is behind.
    """

    at: str
    kind: str
    does: str
    network: str = ""

    def to_dict(self) -> dict[str, str]:
        """Return plain JSON data; `network` only for a physical network."""
        network = {"network": self.network} if self.network else {}
        return {"at": self.at, "kind": self.kind, "does": self.does, **network}


@dataclass(frozen=True)
class TraceDrop:
    """Where the packet is dropped, the reason, and an explanation in one sentence.

    `unknown` is the interface whose unknown settings leave the result undetermined; None if there
    is none, or more than one.
    """

    at: DropPlace
    reason: Reason
    explanation: str
    unknown: Interface | None = field(default=None, compare=False)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data."""
        return {
            "at": self.at._asdict(),
            "reason": self.reason.value,
            "explanation": self.explanation,
        }


@dataclass(frozen=True)
class Fix:
    """Cmdlets to run on one machine.

    `verified`: the trace was repeated with all of its fixes applied, its packets arrived, and
    nothing else broke.
    `in_file`: the same change of the topology file, as phrases such as "vlan: {access: 20} on
    adapter web1/Ethernet"; empty if the file has no key for it. The cmdlets do not change the file:
    if it declares something else, drift reports the fix, and apply reverts it.
    """

    machine: MachinePath
    cmdlets: tuple[Cmdlet, ...]
    verified: bool
    in_file: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data; cmdlets as PowerShell text."""
        return {
            "machine": path_text(self.machine),
            "cmdlets": [str(cmdlet) for cmdlet in self.cmdlets],
            "verified": self.verified,
            "in_file": list(self.in_file),
        }


@dataclass(frozen=True)
class Trace:
    """The answer to "does this machine reach that one?". Truthy if it does.

    `leg` is the packet that was dropped: the request, or the reply. All of `fixes` are needed, in
    this order, and would break what `breaks` names. `as_declared`: the result holds only if guests
    that were not observed are configured as the topology declares.
    """

    source: str
    target: str
    status: Status
    leg: Literal["request", "reply"] | None = None
    hops: tuple[TraceHop, ...] = ()
    drop: TraceDrop | None = None
    fixes: tuple[Fix, ...] = ()
    breaks: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()
    as_declared: bool = False

    @property
    def reachable(self) -> bool:
        """Whether both the request and the reply arrive."""
        return self.status == "reachable"

    def __bool__(self) -> bool:
        return self.reachable

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data with the keys of ``nestlab trace --json``."""
        return {
            "from": self.source,
            "to": self.target,
            "status": self.status,
            "leg": self.leg,
            "hops": [hop.to_dict() for hop in self.hops],
            "drop": self.drop.to_dict() if self.drop else None,
            "fixes": [fix.to_dict() for fix in self.fixes],
            "breaks": list(self.breaks),
            "assumptions": list(self.assumptions),
        }

    @property
    def headline(self) -> str:
        """One line: source, target, status, and where and why the packet is dropped."""
        return self.verdict if self.drop is None else f"{self.verdict}. {self.drop.explanation}"

    @property
    def verdict(self) -> str:
        """Source, target and status, as text."""
        status = translate((_AS_DECLARED if self.as_declared else _STATUSES)[self.status])
        leg = tr(" (the reply is dropped)") if self.drop and self.leg == "reply" else ""
        return f"{self.source} → {self.target}: {status}{leg}"

    def __repr__(self) -> str:
        reason = f" {self.drop.reason} at {self.drop.at}" if self.drop else ""
        return visible(f"<Trace {self.source} → {self.target}: {self.status}{reason}>")

    def __str__(self) -> str:
        lines = [
            self.headline,
            *(f"  {n}. {hop.at}: {hop.does}" for n, hop in enumerate(self.hops, 1)),
        ]
        if self.drop is not None:
            lines.append(f"  ✗ {self.drop.at}: {self.drop.reason}")
        for fix in self.fixes:
            fix_on = FIX_VERIFIED if fix.verified else FIX
            lines.append(f"  {translate(fix_on, machine=path_text(fix.machine))}")
            lines += (f"    {cmdlet}" for cmdlet in fix.cmdlets)
            lines += (f"    {translate(IN_FILE, edit=edit)}" for edit in fix.in_file)
        lines += (f"    {translate(BREAKS, what=text)}" for text in self.breaks)
        lines += [f"  {translate(LASTING)}"] if any(fix.in_file for fix in self.fixes) else []
        lines += (f"  {translate(ASSUMED, assumption=text)}" for text in self.assumptions)
        return visible("\n".join(lines))

    def _repr_html_(self) -> str:
        from nestlab.html import rich_html  # noqa: PLC0415  # only notebooks need it

        return rich_html(__name__, self)
