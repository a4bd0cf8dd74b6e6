"""The steps of a run with their code, their accounts, and values known only on the machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from nestlab.dataclass import dataclass, replace
from nestlab.errors import UsageError
from nestlab.export.planned_run import PlannedRun
from nestlab.export.powershell.all_steps import all_steps
from nestlab.export.powershell.fields import is_filled_in, plain_data
from nestlab.export.powershell.queries import (
    computer_named,
    features_installed,
    hyper_v_answers,
)
from nestlab.export.powershell.step_builders import BUILDERS
from nestlab.export.powershell.step_code import StepCode, simple
from nestlab.model import MachinePath, path_text
from nestlab.model.parameter_values import Value, credential_names
from nestlab.model.spelling import same_name
from nestlab.model.topology import VM, Topology
from nestlab.model.topology.declared_network import management_alias_of
from nestlab.plan import Action, Step
from nestlab.texts import mark, tr, translate


@dataclass(frozen=True)
class DescribedStep:
    """A step of a run, with its code.

    `accounts` are the credentials of the guests that its session passes through. `disk_folders` are
    the folders for disks of its machine and of the host of that machine, which the script asks for.
    """

    step: Step
    code: StepCode
    accounts: tuple[str, ...]
    disk_folders: Mapping[str, str]
    topology: str

    @property
    def text_accounts(self) -> tuple[str, ...]:
        """The credentials whose user names or passwords its texts contain."""
        parameters = (stage.parameters for cmdlet in self.step.cmdlets for stage in cmdlet.stages)
        return tuple(credential_names([[*given.values()] for given in parameters]))

    def data(self, values: Mapping[str, Value]) -> dict[str, Any]:
        """Return the step's table in the data file."""
        asked = {self.code.facts.get("GuestAdapterValue"), "FileSize"}
        if "SwitchAdapter" in self.code.facts:
            asked.add("InterfaceAlias")
        plain = {name: value for name, value in values.items() if name not in asked}
        table: dict[str, Any] = {
            "Machine": list(self.step.machine),
            "Accounts": list(self.accounts),
            "Title": self.step.title,
            "Why": self.step.why,
            "Texts": [name for name, value in values.items() if is_filled_in(value)],
        }
        if self.code.conflicts:
            table["Conflicts"] = [conflict.text for conflict in self.code.conflicts]
        table |= {name: plain_data(value) for name, value in self.code.facts.items()}
        for key, folder in self.disk_folders.items():
            inside = {
                name: value[len(folder) + 1 :]
                for name, value in plain.items()
                if isinstance(value, str) and _is_in(value, folder, self.topology)
            }
            if inside:
                table[key] = inside
                plain = {name: value for name, value in plain.items() if name not in inside}
        return {**table, "Data": plain}


def _is_in(path: str, folder: str, topology: str) -> bool:
    """Whether nestlab creates a file with this path in a host's folder for disks."""
    created = (f"{folder}\\nestlab.{topology}.", f"{folder}\\nestlab-images\\")
    return path.casefold().startswith(tuple(text.casefold() for text in created))


def described_steps(topology: Topology, run: PlannedRun) -> list[DescribedStep]:
    """Return the steps of a run with their code; raises UsageError for a step that has none."""
    aliases: dict[tuple[MachinePath, str], str] = {}
    described = []
    steps = [*all_steps(topology, run.steps)]
    for number, step in enumerate(steps):
        code = _code(topology, step, steps[:number], aliases)
        folders = _disk_folders(step, run)
        independent = _host_independent(step, code, folders.values())
        accounts = _accounts(topology, step.machine)
        described.append(DescribedStep(independent, code, accounts, folders, topology.name))
    return described


def _disk_folders(step: Step, run: PlannedRun) -> dict[str, str]:
    places = {"InDiskFolder": step.machine}
    if step.from_host:  # what it copies is in the folder of the host
        places = {"InDiskFolderOfHost": step.machine[:-1], **places}
    found = {key: run.disk_folders.get(path, "") for key, path in places.items()}
    return {key: folder for key, folder in found.items() if folder}


_WHY = {
    Action.COPY_IMAGE: mark("the image is missing or incomplete"),
    Action.CREATE_DISK: mark("there is no such disk"),
    Action.RENAME_COMPUTER: mark("Windows has another computer name"),
    Action.SET_ADDRESS: mark("the address is not set"),
    Action.WRITE_SEED: mark("there is no such disk"),
}


def _host_independent(step: Step, code: StepCode, folders: Iterable[str]) -> Step:
    """Return a step with a title and a reason that are true on every host.

    The original ones contain folders, adapters and sizes of the simulated host.
    """
    title = step.title
    if step.action is Action.COPY_IMAGE:
        title = tr(
            "Copy the image {subject} into {machine}",
            subject=step.subject,
            machine=path_text(step.machine),
        )
    for folder in folders:
        title = title.replace(f"{folder}\\", "")
    if adapters := code.facts.get("GuestAdapters"):
        aliases = step.cmdlets[-1].last_command.parameters[code.facts["GuestAdapterValue"]]
        pairs = zip([aliases] if isinstance(aliases, str) else aliases, adapters, strict=True)
        for alias, adapter in sorted(pairs, key=lambda pair: -len(pair[0])):
            before, found, after = title.rpartition(f" {alias}")
            title = f"{before} {adapter}{after}" if found else title
    return replace(
        step, title=title, why=translate(_WHY[step.action]) if step.action in _WHY else step.why
    )


def _code(
    topology: Topology,
    step: Step,
    earlier: Sequence[Step],
    aliases: dict[tuple[MachinePath, str], str],
) -> StepCode:
    if step.action is Action.RESTART:
        return _restart(step, earlier)
    build = BUILDERS.get(step.action)
    if build is None:
        raise _not_in_scripts(
            step, tr("scripts have no steps of the kind {action}", action=step.action)
        )
    code = build(step)
    if step.action is Action.CREATE_SWITCH and "NetAdapterName" in step.cmdlets[0].parameters:
        adapters = _adapters_of_switch(topology, step)
        if step.machine:
            return _with_guest_adapters(code, adapters, "NetAdapterName")
    elif found := _switch_adapter(topology, step):
        return replace(code, facts={**code.facts, "SwitchAdapter": found})
    elif step.machine and not step.from_host:
        return _on_guest_adapter(step, code, aliases)
    return code


def _not_in_scripts(step: Step, why: str) -> UsageError:
    message = tr(
        "The step {id} ({title}) cannot be in a script: {why}.",
        id=step.id,
        title=step.title,
        why=why,
    )
    hint = tr("Remove what needs this step from the file, or build the lab with `nestlab apply`.")
    return UsageError(message, hint=hint)


def _restart(step: Step, earlier: Sequence[Step]) -> StepCode:
    """Return the code of a restart, which is needed until the changes before it take effect."""
    on_machine = [other for other in earlier if other.machine == step.machine]
    names = [
        computer_named(other.cmdlets[0].parameters["NewName"])
        for other in on_machine
        if other.action is Action.RENAME_COMPUTER
    ]
    hyper_v = [hyper_v_answers() for other in on_machine if other.action is Action.INSTALL_HYPER_V]
    features = [
        str(other.cmdlets[0].parameters["Name"])
        for other in on_machine
        if other.action is Action.INSTALL_FEATURE
    ]
    installed = [features_installed(features)] if features else []
    if not (names or hyper_v or installed):
        raise _not_in_scripts(step, tr("it is not known what it is for"))
    return replace(simple(step, *names[-1:], *hyper_v[-1:], *installed), restarts=True)


def _on_guest_adapter(
    step: Step, code: StepCode, aliases: dict[tuple[MachinePath, str], str]
) -> StepCode:
    """Return the code of a step in a guest, which asks Windows there for the adapter's name."""
    alias = step.cmdlets[-1].last_command.parameters.get("InterfaceAlias")
    if alias is None:
        return code
    if step.action is not Action.ADD_ROUTE:
        aliases[step.machine, alias] = step.subject
    adapter = aliases.get((step.machine, alias))
    if adapter is None:
        raise _not_in_scripts(
            step,
            tr("it is not known which adapter of the VM is {alias} in its Windows", alias=alias),
        )
    return _with_guest_adapters(code, [adapter], "InterfaceAlias")


def _switch_adapter(topology: Topology, step: Step) -> dict[str, Value] | None:
    """Return the adapter on a switch whose Windows name a step has; None if it has none.

    The script asks Windows for the name that it really has there.
    """
    alias = str(step.cmdlets[-1].last_command.parameters.get("InterfaceAlias", ""))
    machine = topology.machine(step.machine)
    level = machine.nested if isinstance(machine, VM) else machine
    for switch in level.switches if level else ():
        mains = [switch.name] if switch.has_management_adapter or switch.existing else []
        names = [*mains, *(own.name for own in switch.additional_adapters)]
        for number, name in enumerate(names):
            if same_name(alias, management_alias_of(name)):
                return {"Switch": switch.name, "Adapter": name, "IsMain": number == 0}
    return None


def _with_guest_adapters(code: StepCode, adapters: list[str], value: str) -> StepCode:
    return replace(code, facts={"GuestAdapters": adapters, "GuestAdapterValue": value})


def _adapters_of_switch(topology: Topology, step: Step) -> list[str]:
    """Return the adapters that the file declares for a switch.

    Raises UsageError if it declares none: nestlab would choose one on the host.
    """
    machine = topology.machine(step.machine)
    level = machine.nested if isinstance(machine, VM) else machine
    for switch in level.switches if level else ():
        if same_name(switch.name, step.target.name) and switch.net_adapters:
            return list(switch.net_adapters)
    raise _not_in_scripts(
        step, tr("the file does not say which adapter the switch is on (net_adapter)")
    )


def _accounts(topology: Topology, path: MachinePath) -> tuple[str, ...]:
    machines = (topology.machine(path[: depth + 1]) for depth in range(len(path)))
    return tuple(machine.guest.credential or "" for machine in machines if isinstance(machine, VM))
