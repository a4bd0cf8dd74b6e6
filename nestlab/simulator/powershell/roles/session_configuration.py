"""Loads a session configuration with its role, from the folder that has both.

Of the role capability these keys are read: VisibleCmdlets and VisibleFunctions, with the rules for
their parameters. A function that the role itself defines is not run: nestlab's own, which runs
statements in guests, is simulated with the limits of its module.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from nestlab.constants.commands import GUEST_FUNCTION
from nestlab.dataclass import replace
from nestlab.errors import UsageError
from nestlab.model.located import DataSyntaxError
from nestlab.model.powershell_data import read_data
from nestlab.simulator.powershell.binding.parameters import Parameter, ParameterRule, Signature
from nestlab.simulator.powershell.binding.signatures import signature
from nestlab.simulator.powershell.roles.module_tests import guest_limits_of, module_tests
from nestlab.simulator.powershell.roles.role_functions import role_functions
from nestlab.simulator.powershell.session_state import Configuration
from nestlab.texts import tr

_RESTRICTED = "RestrictedRemoteServer"


def load_configuration(folder: str | Path) -> Configuration:
    """Return the restricted configuration in a folder: the .pssc file, and the module of its role.

    Raises UsageError where the folder does not have them, or they cannot be read.
    """
    file = _only(Path(folder), "*.pssc", tr("session configuration"))
    table = _read(file)
    if table.get("sessiontype") != _RESTRICTED:
        raise _refused(file, tr("its SessionType is not {kind}", kind=_RESTRICTED))
    visible: set[str] = set()
    rules: dict[str, dict[str, ParameterRule]] = {}
    own: dict[str, Signature] = {}
    limits, guest_function = None, False
    for role in _roles(file, table):
        capability = _only(file.parent, f"*/RoleCapabilities/{role}.psrc", tr("role capability"))
        shown = _read(capability)
        for key in ("visiblecmdlets", "visiblefunctions"):
            _add(_items(shown.get(key)), visible, rules, capability)
        module = capability.parents[1]
        lab = _private_data(module / f"{module.name}.psd1")
        own |= _module_functions(module, lab, visible)
        if f"{module.name}\\{GUEST_FUNCTION}".lower() in visible:
            guest_function, limits = True, guest_limits_of(lab)
    return Configuration(
        name=file.stem,
        visible=frozenset(visible),
        restricted_commands={**dict(_restricted(rules)), **own},
        guest_function=guest_function,
        guest_limits=limits,
    )


def _only(folder: Path, pattern: str, what: str) -> Path:
    found = sorted(folder.glob(pattern))
    if len(found) != 1:
        msg = (
            tr(
                "{folder} has more than one {what} ({pattern}).",
                folder=folder,
                what=what,
                pattern=pattern,
            )
            if found
            else tr(
                "{folder} has no {what} ({pattern}).", folder=folder, what=what, pattern=pattern
            )
        )
        hint = tr("Give the folder that `nestlab export TOPOLOGY --to jea -o FOLDER` has written.")
        raise UsageError(msg, hint=hint)
    return found[0]


def _read(file: Path) -> dict[str, Any]:
    """Return the table of a file, with keys in lower case."""
    try:
        table = read_data(file.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise _refused(file, str(error)) from None
    except DataSyntaxError as error:
        raise _refused(file, str(error)) from None
    return _lower(table)


def _refused(file: Path, why: str) -> UsageError:
    return UsageError(
        tr("{file} cannot be used as a session configuration: {why}.", file=file, why=why)
    )


def _lower(table: Mapping[str, Any]) -> dict[str, Any]:
    return {key.lower(): value for key, value in table.items()}


def _roles(file: Path, table: Mapping[str, Any]) -> Iterator[str]:
    definitions = table.get("roledefinitions")
    if not isinstance(definitions, dict) or not definitions:
        raise _refused(file, tr("it has no RoleDefinitions"))
    names = {
        name: None
        for group in definitions.values()
        for name in _items(_lower(group).get("rolecapabilities"))
    }
    yield from names


def _items(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _add(
    entries: list[Any], visible: set[str], rules: dict[str, dict[str, ParameterRule]], file: Path
) -> None:
    for entry in entries:
        if isinstance(entry, str):
            visible.add(entry.lower())
            continue
        table = _lower(entry) if isinstance(entry, dict) else {}
        if not isinstance(table.get("name"), str) or "parameters" not in table:
            raise _refused(file, tr("an entry has no Name or no Parameters"))
        found = rules.setdefault(table["name"].lower(), {})
        for parameter in map(_lower, _items(table["parameters"])):
            patterns = "|".join(map(str, _items(parameter.get("validatepattern"))))
            found[str(parameter["name"]).lower()] = ParameterRule(
                pattern=f"^({patterns})$" if patterns else "",
                values=tuple(map(str, _items(parameter.get("validateset")))),
            )


def _restricted(
    rules: Mapping[str, Mapping[str, ParameterRule]],
) -> Iterator[tuple[str, Signature]]:
    """Yield the functions that PowerShell makes of commands with rules.

    A command that the host does not have is left out.
    """
    for name, parameters in rules.items():
        command = signature(name)
        if command is not None:
            yield command.name.lower(), _with_rules(command, parameters)


def _with_rules(command: Signature, rules: Mapping[str, ParameterRule]) -> Signature:
    kept = {
        name: _limited(item, rules.get(name.lower()))
        for name, item in command.parameters.items()
        if item.common or name.lower() in rules
    }
    return replace(command, is_function=True, class_name=command.name, parameters=kept)


def _limited(parameter: Parameter, rule: ParameterRule | None) -> Parameter:
    accepts_all = rule is None or not (rule.pattern or rule.values)
    return parameter if accepts_all else replace(parameter, rule=rule)


def _private_data(manifest: Path) -> dict[str, Any]:
    """Return what the functions of a module of nestlab check, with keys in lower case."""
    private = _read(manifest).get("privatedata")
    lab = _lower(private).get("nestlab") if isinstance(private, dict) else None
    if not isinstance(lab, dict):
        raise _refused(
            manifest, tr("its PrivateData does not say what the functions of the role check")
        )
    return _lower(lab)


def _module_functions(
    module: Path, lab: Mapping[str, Any], visible: set[str]
) -> dict[str, Signature]:
    """Return the proxy functions of a module that are visible in the role."""
    file = module / f"{module.name}.psm1"
    try:
        found = list(role_functions(file.read_text(encoding="utf-8-sig"), module_tests(lab)))
    except (OSError, UnicodeDecodeError, DataSyntaxError) as error:
        raise _refused(file, str(error)) from None
    shown = {each.name.lower(): each for each in found}
    return {
        name: each for name, each in shown.items() if f"{module.name}\\{name}".lower() in visible
    }
