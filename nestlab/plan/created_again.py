"""The reason for steps that add existing entries again: their NAT or scope is recreated."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.dataclass import replace
from nestlab.model import Cmdlet
from nestlab.plan.kinds import Action, TargetKind
from nestlab.plan.step import Planned, Step
from nestlab.texts import tr

_Key = tuple[str, frozenset[tuple[str, str]]]


def with_added_again(planned: Iterable[Planned]) -> Iterator[Planned]:
    """Yield the steps of a NAT or DHCP scope; those that add existing entries again say why.

    Neither the prefix of a NAT nor the range of a scope changes in place: one step removes the
    object and creates it again, and its undo restores the options, reservations and mappings that
    it had. A later step with one of these cmdlets adds an entry that existed.
    """
    had: set[_Key] = set()
    for item in planned:
        if isinstance(item, Step):
            if _creates_again(item):
                had |= {_key(cmdlet) for cmdlet in item.undo}
            elif not had.isdisjoint(map(_key, item.cmdlets)):
                yield replace(item, why=_why(item))
                continue
        yield item


def _creates_again(step: Step) -> bool:
    first = step.cmdlets[0].name
    removes_scope = first == "Remove-DhcpServerv4Scope" and len(step.cmdlets) > 1
    return step.action is Action.REPLACE_NAT or removes_scope


def _key(cmdlet: Cmdlet) -> _Key:
    """Return what a cmdlet adds; the name of a reservation is only a label."""
    values = cmdlet.parameters.items()
    return cmdlet.name, frozenset((name, str(value)) for name, value in values if name != "Name")


def _why(step: Step) -> str:
    if step.target.kind is TargetKind.NAT:
        return tr("the NAT is created again")
    return tr("the scope is created again")
