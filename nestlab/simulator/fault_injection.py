"""Fault injection: handlers that apply the faults of a world."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from nestlab.model import ErrorRecord, Progress, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.registry import Handler
from nestlab.simulator.faults import Fault
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import CollectingSink, PowerShellError, Sink
from nestlab.simulator.state.dataclass_json import encode
from nestlab.simulator.state.machine import Machine

_HYPER_V = "Hyper-V"
_CIM_MODULES = frozenset(
    {"NetNat", "NetTCPIP", "NetAdapter", "DnsClient", "DhcpServer", "NetConnection"}
)


class SessionDropped(Exception):
    """The cmdlet has completed, and its session is lost."""


class SessionRefused(Exception):
    """The machine rejects the session."""


class PowerCut(Exception):
    """The machine loses power at this moment."""


def with_faults(handlers: Mapping[str, Handler]) -> Mapping[str, Handler]:
    """Return handlers that apply the faults of the machine's world."""
    return {name: partial(_run, handler) for name, handler in handlers.items()}


def _run(handler: Handler, machine: Machine, bound: Bound, sink: Sink) -> None:
    world = machine.world
    # Every fault counts every call; of several that apply, the first in the list is used.
    applying = [fault for fault in world.faults if fault.applies_to(bound.name, world.seed)]
    if not applying:
        handler(machine, bound, sink)
    else:
        _KINDS[applying[0].kind](machine, handler, bound, sink, applying[0])


def _fail(machine: Machine, handler: Handler, bound: Bound, sink: Sink, fault: Fault) -> None:  # noqa: ARG001  # a handler: the cmdlet is not run
    raise PowerShellError(fault.error_record(bound.name), terminating=False)


def _deny(machine: Machine, handler: Handler, bound: Bound, sink: Sink, fault: Fault) -> None:  # noqa: ARG001  # a handler: the cmdlet is not run
    module = bound.signature.module
    if module == _HYPER_V:
        raise cmdlet_errors.not_authorized(bound.name, machine.name)
    if module in _CIM_MODULES:
        raise cmdlet_errors.cim_access_denied(bound.name)
    raise cmdlet_errors.access_denied(bound.name, bound.name)


def _slow(machine: Machine, handler: Handler, bound: Bound, sink: Sink, fault: Fault) -> None:
    for percent in (0, 50):
        sink.progress(Progress(bound.name, "", percent))
        machine.world.clock.advance(fault.seconds / 2)
    handler(machine, bound, sink)


def _drop(machine: Machine, handler: Handler, bound: Bound, sink: Sink, fault: Fault) -> None:  # noqa: ARG001  # a handler: the kind of the fault is enough
    handler(machine, bound, CollectingSink())
    raise SessionDropped(bound.name)


def _refuse(machine: Machine, handler: Handler, bound: Bound, sink: Sink, fault: Fault) -> None:  # noqa: ARG001  # a handler: the cmdlet is not run
    raise SessionRefused(machine.name)


def _power_cut(machine: Machine, handler: Handler, bound: Bound, sink: Sink, fault: Fault) -> None:
    if fault.after_effects > 0:
        counter = _EffectCounter(machine, fault.after_effects)
        with machine.world.clock.calling_before_waits(counter.check):
            handler(machine, bound, _WatchedSink(sink, counter))
    raise PowerCut(machine.name)


_KINDS: Mapping[str, Callable[[Machine, Handler, Bound, Sink, Fault], None]] = {
    "fail": _fail,
    "deny": _deny,
    "slow": _slow,
    "drop": _drop,
    "refuse": _refuse,
    "power-cut": _power_cut,
}


class _EffectCounter:
    """Counts the effects of a cmdlet.

    An effect is a change of the machine, found whenever time passes or output is written.
    """

    def __init__(self, machine: Machine, maximum: int) -> None:
        self._machine = machine
        self._left = maximum
        self._seen = encode(machine)

    def check(self) -> None:
        """Raise PowerCut after the chosen number of effects."""
        now = encode(self._machine)
        if now != self._seen:
            self._seen = now
            self._left -= 1
            if self._left == 0:
                raise PowerCut(self._machine.name)


class _WatchedSink:
    """A sink that checks for effects before it passes anything on."""

    def __init__(self, sink: Sink, effects: _EffectCounter) -> None:
        self._sink = sink
        self._effects = effects

    def output(self, record: Record) -> None:
        self._effects.check()
        self._sink.output(record)

    def error(self, record: ErrorRecord) -> None:
        self._effects.check()
        self._sink.error(record)

    def warning(self, text: str) -> None:
        self._effects.check()
        self._sink.warning(text)

    def verbose(self, text: str) -> None:
        self._effects.check()
        self._sink.verbose(text)

    def progress(self, progress: Progress) -> None:
        self._effects.check()
        self._sink.progress(progress)
