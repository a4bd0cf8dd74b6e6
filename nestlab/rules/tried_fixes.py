"""Traces whose fixes, as edits of the file, are tried against the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nestlab.model.topology import Topology
from nestlab.rules.topology.reachability_checks import CHECK_CONTRADICTED
from nestlab.rules.validation import validate
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.reachability import Network, TopologyEdit, Trace


def trace(network: Network | Topology, source: str, target: str) -> Trace:
    """Walk an echo request from one endpoint to another, and the reply back.

    Args:
        network: The network, or a topology (then the network it describes).
        source: A VM name where it is unique, else a machine path; ``host``; ``internet``; an IP
            address of a machine.
        target: The same; any IP address.

    Returns:
        The status, the hops, where and why a packet is dropped, and fixes: verified by walking
        again, by the other checks of the topology, and by the rules for its file. If a fix would
        break something, `breaks` says what, and it does not count as verified.

    Raises:
        UnknownEndpoint: An endpoint names no machine, or several.
    """
    from nestlab.reachability import trace as trace_alone  # noqa: PLC0415  # rules load no traces

    return trace_alone(network, source, target, errors_of=errors_of_edit)


def errors_of_edit(topology: Topology, edit: TopologyEdit) -> tuple[str, ...]:
    """Return the errors that an edit introduces into a topology, except those about its checks."""
    before = {(each.code, each.subject) for each in validate(topology)}
    return tuple(
        tr(
            "the file: {subject}: {message} ({code})",
            subject=each.subject,
            message=each.message,
            code=each.code,
        )
        for each in validate(edit(topology))
        if each.severity == "error"
        and each.code != CHECK_CONTRADICTED.code
        and (each.code, each.subject) not in before
    )
