"""Why a machine of the file cannot be checked: it does not exist, or its host was not read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from nestlab.dataclass import dataclass
from nestlab.enumerations import all_of
from nestlab.model import MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.model.topology import Topology
from nestlab.texts import tr_count

States = Mapping[MachinePath, HostState]


def why_missing(topology: Topology, states: States, endpoints: Iterable[str]) -> str:
    """Return sentences that say why machines of the file were not observed, and what to do.

    `endpoints` are names or machine paths, as in a check.
    """
    causes: dict[_Cause, list[str]] = {}
    for endpoint in endpoints:
        for path in _paths(topology, endpoint):
            causes.setdefault(_cause(states, path), []).append(endpoint)
    return " ".join(_sentence(cause, names) for cause, names in causes.items())


def _paths(topology: Topology, endpoint: str) -> Iterator[MachinePath]:
    """Yield the path of the machine that an endpoint names: the outermost one of that name."""
    wanted = endpoint.casefold()
    named = [path for path, _ in topology.machines() if path]
    exact = [path for path in named if path_text(path).casefold() == wanted]
    yield from (exact or [path for path in named if path[-1].casefold() == wanted])[:1]


@dataclass(frozen=True)
class _Cause:
    """What prevents the observation of a machine; `outer` is the machine that it is in."""

    kind: Literal["absent", "not-running", "not-read", "no-hyper-v", "not-inside", "not-there"]
    outer: str = ""
    state: str = ""


def _cause(states: States, path: MachinePath) -> _Cause:
    for depth in range(1, len(path)):
        outer = path[:depth]
        state = states.get(outer[:-1])
        name = path_text(outer)
        found = state.hyper_v.vms_named(outer[-1]) if state and state.hyper_v else ()
        if not found:
            return _Cause("absent", name)
        if all(vm.state != "Running" for vm in found):
            return _Cause("not-running", name, str(found[0].state))
        if outer not in states:
            return _Cause("not-read", name)
        if states[outer].hyper_v is None:
            return _Cause("no-hyper-v", name)
    return _Cause("not-inside", path_text(path[:-1])) if path[:-1] else _Cause("not-there")


def _sentence(cause: _Cause, machines: list[str]) -> str:
    count, names, outer = len(machines), all_of(machines), cause.outer
    match cause.kind:
        case "absent":
            return tr_count(
                "{names} is inside {outer}, which is not on the host: apply the topology.",
                "{names} are inside {outer}, which is not on the host: apply the topology.",
                count,
                names=names,
                outer=outer,
            )
        case "not-running":
            return tr_count(
                "{names} is inside {outer}, which is {state}: start {outer}, or apply the topology if its file has it Running.",
                "{names} are inside {outer}, which is {state}: start {outer}, or apply the topology if its file has it Running.",
                count,
                names=names,
                outer=outer,
                state=cause.state,
            )
        case "not-read":
            return tr_count(
                "{names} is inside {outer}, which could not be read.",
                "{names} are inside {outer}, which could not be read.",
                count,
                names=names,
                outer=outer,
            )
    return _not_there(cause, count, names)


def _not_there(cause: _Cause, count: int, names: str) -> str:
    match cause.kind:
        case "no-hyper-v":
            return tr_count(
                "{names} is inside {outer}, in which Hyper-V does not run: apply the topology.",
                "{names} are inside {outer}, in which Hyper-V does not run: apply the topology.",
                count,
                names=names,
                outer=cause.outer,
            )
        case "not-inside":
            return tr_count(
                "{names} is not in {outer}: apply the topology.",
                "{names} are not in {outer}: apply the topology.",
                count,
                names=names,
                outer=cause.outer,
            )
    return tr_count(
        "{names} is not on the host: apply the topology.",
        "{names} are not on the host: apply the topology.",
        count,
        names=names,
    )
