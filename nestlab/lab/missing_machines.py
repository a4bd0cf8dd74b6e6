"""Why a machine of the file cannot be checked: it does not exist, or what it is in hides it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nestlab.model import MachinePath, path_text
from nestlab.model.state import HostState
from nestlab.model.topology import Topology

States = Mapping[MachinePath, HostState]


def why_missing(topology: Topology, states: States, endpoints: Iterable[str]) -> str:
    """Return a sentence for each cause why machines of the file were not observed, and what to do.

    `endpoints` are names or machine paths, as in a check.
    """
    causes: dict[str, list[str]] = {}
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


def _cause(states: States, path: MachinePath) -> str:
    """Return what prevents the observation of a machine, as the end of a sentence about it."""
    for depth in range(1, len(path)):
        outer = path[:depth]
        state = states.get(outer[:-1])
        name = path_text(outer)
        found = state.hyper_v.vms_named(outer[-1]) if state and state.hyper_v else ()
        if not found:
            return f"inside {name}, which is not on the host: apply the topology"
        if all(vm.state != "Running" for vm in found):
            return f"inside {name}, which is {found[0].state}: start {name}, or apply the topology if its file has it Running"
        if outer not in states:
            return f"inside {name}, which could not be read"
        if states[outer].hyper_v is None:
            return f"inside {name}, in which Hyper-V does not run: apply the topology"
    where = f"in {path_text(path[:-1])}" if path[:-1] else "on the host"
    return f"not {where}: apply the topology"


def _sentence(cause: str, names: list[str]) -> str:
    verb = "is" if len(names) == 1 else "are"
    return f"{' and '.join(names)} {verb} {cause}."
