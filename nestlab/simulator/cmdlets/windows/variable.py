"""Get-Variable for ExecutionContext, which has the language mode of the session."""

from __future__ import annotations

from nestlab.model import EnumValue, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.values.object_types import DotNetEnum
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine

_NAME = "ExecutionContext"
_ENGINE = "System.Management.Automation"
_COMMAND = "Microsoft.PowerShell.Commands.GetVariableCommand"


@cmdlet("Get-Variable")
def get_variable(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-Variable: other variables of a new session are not simulated."""
    for name in bound.values("Name") or ["*"]:
        if matches(_NAME, str(name)):
            variable = _execution_context(machine)
            sink.output(variable["Value"] if bound.is_present("ValueOnly") else variable)
        elif not has_wildcard(str(name)):
            message = f"Cannot find a variable with the name '{name}'."
            error_id, kind = f"VariableNotFound,{_COMMAND}", f"{_ENGINE}.ItemNotFoundException"
            error = cmdlet_errors.generic(message, "ObjectNotFound", error_id, str(name), kind)
            sink.error(error.record)


def _execution_context(machine: Machine) -> Record:
    restricted = machine.outer_host is None and machine.world.quirks.constrained_language
    mode: EnumValue = DotNetEnum(*_MODES[restricted], f"{_ENGINE}.PSLanguageMode")
    state = make_record(f"{_ENGINE}.SessionState", LanguageMode=mode)
    return make_record(
        f"{_ENGINE}.PSVariable",
        Name=_NAME,
        Value=make_record(f"{_ENGINE}.EngineIntrinsics", SessionState=state),
    )


_MODES = {False: ("FullLanguage", 0), True: ("ConstrainedLanguage", 3)}
