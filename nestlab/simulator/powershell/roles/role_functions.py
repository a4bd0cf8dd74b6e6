r"""The proxy functions of a role's module, read from its source.

Such a function has a parameter block with attributes, and passes its parameters to the command of
the same name: ``MODULE\NAME @PSBoundParameters``. Any other function is not simulated.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from nestlab.dataclass import replace
from nestlab.model.parameter_values import Value
from nestlab.model.powershell_data import read_value
from nestlab.pattern import pattern
from nestlab.simulator.powershell.binding.parameters import (
    Parameter,
    ParameterRule,
    ParameterSetMetadata,
    Signature,
)
from nestlab.simulator.powershell.binding.signatures import signature

Tests = Mapping[str, Callable[[Any, Value], bool]]
"""The tests that the scripts of ValidateScript run, by their source: see `ParameterRule`."""

_FUNCTION = pattern(
    r"^function ([\w-]+) \{\s*\[CmdletBinding\(([^\n]*)\)\]\s*param\(\n(.*?)\n    \)\s*"
    r"process \{\s*([\w.-]+)\\([\w-]+) @PSBoundParameters\s*\}\s*\}",
    re.MULTILINE | re.DOTALL,
)
_NAME = pattern(r"\[\w+(\[\])?\] \$(\w+)\Z")
_ALL = "__AllParameterSets"


def role_functions(module: str, tests: Tests) -> Iterator[Signature]:
    """Yield the proxy functions in the source of a module; raises DataSyntaxError."""
    for match in _FUNCTION.finditer(module):
        name, options, block, behind, command = match.groups()
        known = signature(f"{behind}\\{command}")
        if known is not None and known.name.lower() == name.lower():
            yield _function(known, options, block, tests)


def _function(known: Signature, options: str, block: str, tests: Tests) -> Signature:
    parameters = {
        parameter.name: parameter
        for text in block.split(",\n\n")
        for parameter in _parameters(known, text.strip(), tests)
    }
    found = {name for item in parameters.values() for name in item.roles if name != _ALL}
    sets = tuple(sorted(found)) or (_ALL,)
    default = re.search(r"DefaultParameterSetName = '(\w+)'", options)
    common = {
        name: replace(item, roles=dict.fromkeys(sets, ParameterSetMetadata()))
        for name, item in known.parameters.items()
        if item.common
    }
    own = {name: _in_sets(item, sets) for name, item in parameters.items()}
    return replace(
        known,
        is_function=True,
        class_name=known.name,
        sets=sets,
        default_set=default[1] if default else sets[0],
        parameters={**own, **common},
    )


def _in_sets(item: Parameter, sets: tuple[str, ...]) -> Parameter:
    """Return a parameter with its parameter sets: one that names no set is in all of them."""
    if _ALL not in item.roles:
        return item
    return replace(item, roles=dict.fromkeys(sets, item.roles[_ALL]), in_all_sets=True)


def _parameters(known: Signature, text: str, tests: Tests) -> Iterator[Parameter]:
    *attributes, declaration = (line.strip() for line in text.splitlines())
    named = _NAME.match(declaration)
    if named is None or named[2] not in known.parameters:
        return
    options = next((line for line in attributes if line.startswith("[Parameter(")), "")
    in_set = re.search(r"ParameterSetName = '(\w+)'", options)
    role = ParameterSetMetadata("Mandatory = $true" in options)
    yield replace(
        known.parameters[named[2]],
        roles={in_set[1] if in_set else _ALL: role},
        in_all_sets=False,
        by_value="ValueFromPipeline = $true" in options,
        by_property_name=False,
        rule=_rule(attributes, tests),
    )


def _rule(attributes: list[str], tests: Tests) -> ParameterRule | None:
    found = ParameterRule()
    for line in attributes:
        if line.startswith("[ValidatePattern("):
            found = replace(found, pattern=read_value(line[len("[ValidatePattern(") : -2]))
        if line.startswith("[ValidateSet("):
            values = read_value(line[len("[ValidateSet(") : -2])
            given = tuple(values) if isinstance(values, list) else (values,)
            found = replace(found, values=given)
        if line.startswith("[ValidateScript({"):
            script = line[len("[ValidateScript({") : -len("})]")].strip()
            found = replace(found, script=script, test=tests.get(script, _accept_nothing))
    return found if found != ParameterRule() else None


def _accept_nothing(computer: Any, value: Value) -> bool:  # noqa: ARG001  # a script that is not simulated accepts nothing
    return False
