"""Get-Variable for ExecutionContext, which has the language mode of the session.

A new session has other variables as well: about_Automatic_Variables, about_Preference_Variables.
They are not simulated, and a statement that asks for them is refused.
"""

from __future__ import annotations

from nestlab.model import EnumValue, Record
from nestlab.simulator import cmdlet_errors
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import PowerShellError, Sink
from nestlab.simulator.powershell.objects import make_record
from nestlab.simulator.powershell.values.object_types import DotNetEnum
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine

_NAME = "ExecutionContext"
_ENGINE = "System.Management.Automation"
_COMMAND = "Microsoft.PowerShell.Commands.GetVariableCommand"


_NOT_SIMULATED = """
    $ ? ^ args ConfirmPreference ConsoleFileName DebugPreference EnabledExperimentalFeatures Error
    ErrorActionPreference ErrorView false FormatEnumerationLimit HOME Host InformationPreference input
    IsCoreCLR IsLinux IsMacOS IsWindows LASTEXITCODE LogCommandHealthEvent LogCommandLifecycleEvent
    LogEngineHealthEvent LogEngineLifecycleEvent LogProviderHealthEvent LogProviderLifecycleEvent
    MaximumAliasCount MaximumDriveCount MaximumErrorCount MaximumFunctionCount MaximumHistoryCount
    MaximumVariableCount MyInvocation NestedPromptLevel null OFS OutputEncoding PID PROFILE
    ProgressPreference PSBoundParameters PSCmdlet PSCommandPath PSCulture PSDefaultParameterValues
    PSEdition PSEmailServer PSHOME PSItem PSModuleAutoLoadingPreference PSNativeCommandArgumentPassing
    PSScriptRoot PSSenderInfo PSSessionApplicationName PSSessionConfigurationName PSSessionOption PSStyle
    PSUICulture PSVersionTable PWD ShellId StackTrace this true VerbosePreference WarningPreference
    WhatIfPreference
"""


@cmdlet("Get-Variable")
def get_variable(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Get-Variable: of the variables of a new session, only one is simulated."""
    names = [str(name) for name in bound.values("Name") or ["*"]]
    for name in names:
        if any(matches(name, known) for known in _NOT_SIMULATED.split()):
            raise _not_simulated(name)
    for name in names:
        if matches(name, _NAME):
            variable = _execution_context(machine)
            sink.output(variable["Value"] if bound.is_present("ValueOnly") else variable)
        elif not has_wildcard(name):
            message = f"Cannot find a variable with the name '{name}'."
            error_id, kind = f"VariableNotFound,{_COMMAND}", f"{_ENGINE}.ItemNotFoundException"
            error = cmdlet_errors.generic(message, "ObjectNotFound", error_id, name, kind)
            sink.error(error.record)


def _not_simulated(name: str) -> PowerShellError:
    message = (
        f"The simulated host does not simulate the variables that 'Get-Variable -Name {name}' returns: "
        f"of those of a new session it has {_NAME} only."
    )
    kind = "System.NotImplementedException"
    return cmdlet_errors.generic(message, "NotImplemented", "NotSimulated,Get-Variable", name, kind)


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
