"""The steps of a run, and those that real images need and simulated ones do not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nestlab.model import MachinePath, path_text
from nestlab.model.state import ECHO_RULE
from nestlab.model.topology import VM, Topology
from nestlab.plan import Action, Step, StepTarget, TargetKind
from nestlab.plan.firewall_steps import echo_rule
from nestlab.texts import tr

_ADDRESSES = frozenset(
    {Action.SET_ADDRESS, Action.SET_DNS_SERVERS, Action.SET_METRIC, Action.SET_FORWARDING}
)
_FIREWALL = frozenset({Action.ANSWER_PING, Action.DROP_PING})


def all_steps(topology: Topology, steps: Sequence[Step]) -> Iterator[Step]:
    """Yield the steps of a run; each guest also gets the one that lets it answer pings.

    Windows drops echo requests as it is installed; the images of the simulated host answer them.
    """
    done = {step.machine for step in steps if step.action in _FIREWALL}
    for number, step in enumerate(steps):
        yield step
        following = steps[number + 1] if number + 1 < len(steps) else None
        if step.machine in done or not step.machine or step.from_host:
            continue
        more = following is not None and following.machine == step.machine
        if following is not None and more and following.action in _ADDRESSES:
            continue
        done.add(step.machine)
        machine = topology.machine(step.machine)
        if isinstance(machine, VM) and machine.answers_ping:
            yield _answer_ping(step.machine)


def _answer_ping(path: MachinePath) -> Step:
    place = path_text(path)
    return Step(
        id=f"{place}:{Action.ANSWER_PING}:{ECHO_RULE}",
        machine=path,
        action=Action.ANSWER_PING,
        title=tr("Allow pings to {place}", place=place),
        why=tr("Windows drops echo requests unless a rule allows them"),
        cmdlets=(echo_rule("Allow"),),
        target=StepTarget(TargetKind.WINDOWS, ECHO_RULE),
    )
