"""Guests that a run leaves out because they refuse their credential or do not answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from nestlab.apply.step_result import StepResult, StepState
from nestlab.errors import GuestCredentialRefused, GuestUnreachable
from nestlab.model import MachinePath, path_text
from nestlab.model.repeated_texts import texts_with_other_names
from nestlab.model.topology import Topology
from nestlab.plan import Plan, Step
from nestlab.texts import tr


class LeftOutGuests:
    """The guests that a run has left out, with the error of each.

    The machines inside such a guest are left out with it.
    """

    def __init__(self, topology: Topology | None) -> None:
        self._topology = topology
        self._errors: dict[MachinePath, GuestUnreachable] = {}

    def __bool__(self) -> bool:
        return bool(self._errors)

    def add(self, machine: MachinePath, error: GuestUnreachable) -> None:
        """Leave out a guest, because of an error."""
        self._errors.setdefault(machine, error)

    def covers(self, machine: MachinePath) -> bool:
        """Whether a machine is left out, or inside one that is."""
        return any(machine[: len(path)] == path for path in self._errors)

    def skipped(self, machine: MachinePath, steps: Iterable[Step]) -> Iterator[StepResult]:
        """Yield the results of those steps that are not run because a machine was left out."""
        why = tr(
            "{machine} was left out: {reason}",
            machine=path_text(machine),
            reason=self._errors[machine].message,
        )
        for step in steps:
            if self.covers(step.machine):
                yield StepResult(step=step, status=StepState.SKIPPED, message=why)

    def inside(self, machine: MachinePath) -> tuple[str, ...]:
        """Return the names of the machines of the file that are inside a machine."""
        machines = self._topology.machines() if self._topology is not None else ()
        return tuple(
            path_text(path)
            for path, _ in machines
            if len(path) > len(machine) and path[: len(machine)] == machine
        )

    def error(self, *, others_done: bool) -> GuestUnreachable:
        """Return one error that names all guests, what each needs, and what is inside them.

        `others_done` says whether everything that does not depend on them was done.
        """
        first = next(iter(self._errors.values()))
        are_refused = all(isinstance(e, GuestCredentialRefused) for e in self._errors.values())
        kind = GuestCredentialRefused if are_refused else GuestUnreachable
        message = "\n".join(dict.fromkeys(error.message for error in self._errors.values()))
        return kind(
            first.host, message, hint="\n  ".join((*self._hints(), *self._rest(others_done)))
        )

    def _hints(self) -> Iterator[str]:
        """Yield the hints; one that is the same for several guests is given once."""
        hints = [(path_text(path), error.hint) for path, error in self._errors.items()]
        for hint, others in texts_with_other_names(pair for pair in hints if pair[1]):
            yield (
                tr("{hint} The same for {others}.", hint=hint, others=", ".join(others))
                if others
                else hint
            )

    def _rest(self, others_done: bool) -> Iterable[str]:  # noqa: FBT001  # passed on
        names = [name for path in self._errors for name in self.inside(path)]
        if names:
            yield tr(
                "Not set up, because they are inside: {names}.",
                names=", ".join(dict.fromkeys(names)),
            )
        if others_done:
            yield tr("What does not depend on that was done.")


def require_other_work(plan: Plan, refusals: Mapping[MachinePath, GuestUnreachable]) -> None:
    """Raise the error for guests that refuse their credential, if a plan has no other work."""
    left_out = LeftOutGuests(plan.topology)
    for machine, error in refusals.items():
        left_out.add(machine, error)
    named = (item.machine for items in (plan.steps, plan.deferred) for item in items)
    if left_out and all(map(left_out.covers, named)):
        raise left_out.error(others_done=False)
