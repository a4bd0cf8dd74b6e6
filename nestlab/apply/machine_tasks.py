"""The tasks of a run: one for each machine, in the order of the plans, and those to be created."""

from __future__ import annotations

from collections.abc import Callable

from nestlab.apply.left_out import LeftOutGuests
from nestlab.apply.machine_task import MachineState, MachineTask
from nestlab.apply.step_result import StepResult, StepState
from nestlab.errors import GuestUnreachable
from nestlab.model import HOST, MachinePath
from nestlab.model.topology import Topology
from nestlab.plan import Plan

NewTask = Callable[[MachinePath], MachineTask]
"""Creates the task of a machine. It is passed as an argument and not stored, because it belongs to
the scheduler and would form a reference cycle."""


class MachineTasks:
    """The tasks that have not ended, and the machines without one yet."""

    def __init__(self, topology: Topology | None) -> None:
        self.left_out = LeftOutGuests(topology)
        self._order: dict[MachinePath, int] = {HOST: 0}  # of machines, as in the plans
        self._pending: dict[MachinePath, set[MachinePath]] = {}  # without a task yet, by parent
        self._tasks: dict[MachinePath, MachineTask] = {}

    def __contains__(self, machine: MachinePath) -> bool:
        return machine in self._tasks

    def get(self, machine: MachinePath) -> MachineTask | None:
        """Return the task of a machine; None if it has none yet, has ended or was left out."""
        return self._tasks.get(machine)

    def add(self, task: MachineTask) -> None:
        """Add the task of a machine."""
        self._tasks[task.machine] = task

    def end(self, task: MachineTask) -> None:
        """Remove a task that has ended, and release the tasks that wait for it."""
        task.state = MachineState.ENDED
        del self._tasks[task.machine]
        self.wake_children(task.machine)

    def leave_out(self, machine: MachinePath, error: GuestUnreachable) -> LeftOutGuests:
        """Remove the tasks of a guest and of machines inside it, including those not yet created.

        Return all guests that are left out.
        """
        self.left_out.add(machine, error)
        covers = self.left_out.covers
        self._tasks = {path: task for path, task in self._tasks.items() if not covers(path)}
        for inside in self._pending.values():
            inside.difference_update([path for path in inside if covers(path)])
        return self.left_out

    def note(self, result: StepResult) -> None:
        """Remove the tasks of a guest that is not stopped: VMs of others in it depend on it.

        They would wait for its restart.
        """
        step = result.step
        if not step.before_hiding or result.status is not StepState.SKIPPED:
            return
        guest = (*step.machine, step.target.name)
        for path in [path for path in self._tasks if path[: len(guest)] == guest]:
            del self._tasks[path]
        for inside in self._pending.values():
            inside.difference_update([path for path in inside if path[: len(guest)] == guest])

    def in_state(self, state: MachineState) -> list[MachineTask]:
        """Return the tasks in a state, in the order of the plans."""
        tasks = (task for task in self._tasks.values() if task.state is state)
        return sorted(tasks, key=lambda task: self._order[task.machine])

    def register(self, plan: Plan) -> None:
        """Register the machines of a plan that have no task yet."""
        named = [item.machine for items in (plan.steps, plan.deferred) for item in items]
        for machine in named:
            if machine not in self._order and not self.left_out.covers(machine):
                self._order[machine] = len(self._order)
                self._pending.setdefault(machine[:-1], set()).add(machine)

    def add_free(self, new_task: NewTask) -> None:
        """Add the tasks of the VMs that nothing on their parent blocks any more."""
        for parent, inside in self._pending.items():
            task = self._tasks.get(parent)
            if task is None and parent in self._pending.get(parent[:-1], ()):
                continue
            free = [vm for vm in inside if task is None or not task.blocks(vm[-1])]
            for machine in free:
                inside.remove(machine)
                self.add(new_task(machine))

    def wake_children(self, machine: MachinePath) -> None:
        """Resume the tasks that wait for an observation of a machine."""
        for task in self.waiting_children(machine):
            task.state = MachineState.READY

    def waiting_children(self, machine: MachinePath) -> list[MachineTask]:
        """Return the tasks of the VMs on a machine that wait for an observation of it."""
        waiting = self.in_state(MachineState.WAITING_FOR_PARENT)
        return [task for task in waiting if task.machine[:-1] == machine]
