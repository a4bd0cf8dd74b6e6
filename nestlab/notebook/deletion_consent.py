"""The user's consent to steps that delete data."""

from __future__ import annotations

from nestlab.errors import UsageError
from nestlab.notebook.plan_choices import deleting_steps
from nestlab.plan import Plan, Step
from nestlab.texts import tr, tr_count


class DeletionConsent:
    """Remembers the ids of the steps that delete data and were confirmed."""

    def __init__(self) -> None:
        self._agreed: frozenset[str] = frozenset()

    def missing(self, plan: Plan) -> tuple[Step, ...]:
        """Return the steps of a plan that delete data and were not confirmed."""
        return tuple(step for step in deleting_steps(plan.steps) if step.id not in self._agreed)

    def give(self, plan: Plan) -> None:
        """Confirm all steps of a plan that delete data."""
        self._agreed |= {step.id for step in self.missing(plan)}

    def require(self, plan: Plan) -> None:
        """Raise UsageError where a step of the plan deletes data and was not confirmed."""
        if missing := self.missing(plan):
            msg = tr_count(
                "{count} step of this plan would delete data, which was not confirmed.",
                "{count} steps of this plan would delete data, which was not confirmed.",
                len(missing),
            )
            hint = tr("Press Apply all in the panel and confirm, or call apply_all(delete=True).")
            raise UsageError(msg, hint=hint)

    def covers(self, step: Step) -> bool:
        """Whether a step may run.

        A step that deletes data and was planned after the confirmation needs another one.
        """
        return not deleting_steps([step]) or step.id in self._agreed

    def withdraw(self) -> None:
        """Forget all confirmations, because the plan has changed."""
        self._agreed = frozenset()
