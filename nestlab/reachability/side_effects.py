"""What the fixes of a trace would break: checks of the topology, and paths to the internet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from nestlab.errors import UnknownEndpoint
from nestlab.model.machine_path import path_text
from nestlab.model.topology import Check
from nestlab.reachability.network import Network
from nestlab.reachability.outcome import Status
from nestlab.texts import mark, tr, translate

StatusOf = Callable[[Network, str, str], Status]
"""Returns the status of a trace from one endpoint to another."""


def broken_by(before: Network, after: Network, status_of: StatusOf) -> Iterator[str]:
    """Yield what works in a network and would not work in a changed one, as phrases.

    These are the checks of the topology, and the path of each machine to the internet if no check
    is about it.
    """
    checks = before.declared.checks if before.declared is not None else ()
    named = set()
    for number, check in enumerate(checks, 1):
        named.add((check.source.casefold(), check.target.casefold()))
        if _passes(before, check, status_of) and not _passes(after, check, status_of):
            what = (
                mark("check {number}: {source} to {target}, reachable")
                if check.reachable
                else mark("check {number}: {source} to {target}, unreachable")
            )
            yield translate(what, number=number, source=check.source, target=check.target)
    for stack in before.machines():
        source = path_text(stack.machine)
        if not stack.running or (source.casefold(), "internet") in named:
            continue
        if (
            status_of(before, source, "internet") == "reachable"
            and status_of(after, source, "internet") != "reachable"
        ):
            yield tr("the path from {source} to the internet", source=source)


def _passes(network: Network, check: Check, status_of: StatusOf) -> bool:
    try:
        status = status_of(network, check.source, check.target)
    except UnknownEndpoint:
        return False  # another finding
    return status != "undetermined" and (status == "reachable") == check.reachable
