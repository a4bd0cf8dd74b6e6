"""nestlab: nested Hyper-V labs in notebooks and on the command line.

>>> import nestlab
>>> host = nestlab.connect()
>>> host.host
'sim:ws2022-intel'
"""

from __future__ import annotations

# Type checkers treat this as typing.TYPE_CHECKING; importing typing would take longer than the
# rest of this module.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from nestlab.apply import AddressesNotUsed as AddressesNotUsed
    from nestlab.apply import Event as Event
    from nestlab.apply import GuestLeftOut as GuestLeftOut
    from nestlab.apply import GuestsNotKnown as GuestsNotKnown
    from nestlab.apply import GuestsNotUp as GuestsNotUp
    from nestlab.apply import HostChanged as HostChanged
    from nestlab.apply import Journal as Journal
    from nestlab.apply import NotRestored as NotRestored
    from nestlab.apply import Replanned as Replanned
    from nestlab.apply import RunFinished as RunFinished
    from nestlab.apply import RunStatus as RunStatus
    from nestlab.apply import StepFinished as StepFinished
    from nestlab.apply import StepProgress as StepProgress
    from nestlab.apply import StepResult as StepResult
    from nestlab.apply import StepStarted as StepStarted
    from nestlab.apply import StepState as StepState
    from nestlab.apply import Waiting as Waiting
    from nestlab.drawing import draw as draw
    from nestlab.drawing.drawn_trace import trace as trace
    from nestlab.errors import AccessDenied as AccessDenied
    from nestlab.errors import AnotherRunActive as AnotherRunActive
    from nestlab.errors import Cancelled as Cancelled
    from nestlab.errors import CmdletError as CmdletError
    from nestlab.errors import CredentialNotFound as CredentialNotFound
    from nestlab.errors import CredentialNotUsable as CredentialNotUsable
    from nestlab.errors import DefinitionFileError as DefinitionFileError
    from nestlab.errors import FileNotWritten as FileNotWritten
    from nestlab.errors import FileWithProblems as FileWithProblems
    from nestlab.errors import GuestCredentialRefused as GuestCredentialRefused
    from nestlab.errors import GuestUnreachable as GuestUnreachable
    from nestlab.errors import HostError as HostError
    from nestlab.errors import HostUnreachable as HostUnreachable
    from nestlab.errors import JournalError as JournalError
    from nestlab.errors import NestlabError as NestlabError
    from nestlab.errors import PlanFileError as PlanFileError
    from nestlab.errors import PlanRefused as PlanRefused
    from nestlab.errors import ScenarioFileError as ScenarioFileError
    from nestlab.errors import SessionBroken as SessionBroken
    from nestlab.errors import SeveralWindowsInstallations as SeveralWindowsInstallations
    from nestlab.errors import StalePlan as StalePlan
    from nestlab.errors import StateFileError as StateFileError
    from nestlab.errors import TopologyFileError as TopologyFileError
    from nestlab.errors import UndoRefused as UndoRefused
    from nestlab.errors import UnknownEndpoint as UnknownEndpoint
    from nestlab.errors import UnknownHost as UnknownHost
    from nestlab.errors import UsageError as UsageError
    from nestlab.errors import WorkshopFileError as WorkshopFileError
    from nestlab.importers import import_definition as import_definition
    from nestlab.lab import CheckFindings as CheckFindings
    from nestlab.lab import CheckResult as CheckResult
    from nestlab.lab import Lab as Lab
    from nestlab.lab import NestingChange as NestingChange
    from nestlab.lab import NestingReport as NestingReport
    from nestlab.lab import VerifyReport as VerifyReport
    from nestlab.lab import check as check
    from nestlab.lab import disable_nesting as disable_nesting
    from nestlab.lab import enable_nesting as enable_nesting
    from nestlab.lab import export_topology as export_topology
    from nestlab.lab import undo as undo
    from nestlab.lab.capture import capture as capture
    from nestlab.lab.drift import drift as drift
    from nestlab.model import Cmdlet as Cmdlet
    from nestlab.model import Finding as Finding
    from nestlab.model import Findings as Findings
    from nestlab.model import Secret as Secret
    from nestlab.model import Size as Size
    from nestlab.model import SwitchParameter as SwitchParameter
    from nestlab.model.topology import Topology as Topology
    from nestlab.plan import Action as Action
    from nestlab.plan import Hazard as Hazard
    from nestlab.plan import Plan as Plan
    from nestlab.plan import Step as Step
    from nestlab.plan.plan_file import load_plan as load_plan
    from nestlab.reachability import Trace as Trace
    from nestlab.rules import explain as explain  # exported by _EXPORTS
    from nestlab.rules import host_findings as host_findings
    from nestlab.rules import validate as validate
    from nestlab.texts import set_language as set_language
    from nestlab.topology_file import load as load
    from nestlab.topology_file import loads as loads
    from nestlab.topology_file import save as save
    from nestlab.transport import connect as connect
    from nestlab.version import __version__ as __version__

# Loaded on first use: matplotlib, YAML and the transports stay out of `import nestlab`.
_EXPORTS = {
    "AccessDenied": "nestlab.errors",
    "Action": "nestlab.plan",
    "AddressesNotUsed": "nestlab.apply",
    "AnotherRunActive": "nestlab.errors",
    "Cancelled": "nestlab.errors",
    "CheckFindings": "nestlab.lab",
    "CheckResult": "nestlab.lab",
    "Cmdlet": "nestlab.model",
    "CmdletError": "nestlab.errors",
    "CredentialNotFound": "nestlab.errors",
    "CredentialNotUsable": "nestlab.errors",
    "DefinitionFileError": "nestlab.errors",
    "Event": "nestlab.apply",
    "FileNotWritten": "nestlab.errors",
    "FileWithProblems": "nestlab.errors",
    "Finding": "nestlab.model",
    "Findings": "nestlab.model",
    "GuestCredentialRefused": "nestlab.errors",
    "GuestLeftOut": "nestlab.apply",
    "GuestUnreachable": "nestlab.errors",
    "GuestsNotKnown": "nestlab.apply",
    "GuestsNotUp": "nestlab.apply",
    "Hazard": "nestlab.plan",
    "HostChanged": "nestlab.apply",
    "HostError": "nestlab.errors",
    "HostUnreachable": "nestlab.errors",
    "Journal": "nestlab.apply",
    "JournalError": "nestlab.errors",
    "Lab": "nestlab.lab",
    "NestingChange": "nestlab.lab",
    "NestingReport": "nestlab.lab",
    "NestlabError": "nestlab.errors",
    "NotRestored": "nestlab.apply",
    "Plan": "nestlab.plan",
    "PlanFileError": "nestlab.errors",
    "PlanRefused": "nestlab.errors",
    "Replanned": "nestlab.apply",
    "RunFinished": "nestlab.apply",
    "RunStatus": "nestlab.apply",
    "ScenarioFileError": "nestlab.errors",
    "Secret": "nestlab.model",
    "SessionBroken": "nestlab.errors",
    "SeveralWindowsInstallations": "nestlab.errors",
    "Size": "nestlab.model",
    "StalePlan": "nestlab.errors",
    "StateFileError": "nestlab.errors",
    "Step": "nestlab.plan",
    "StepFinished": "nestlab.apply",
    "StepProgress": "nestlab.apply",
    "StepResult": "nestlab.apply",
    "StepStarted": "nestlab.apply",
    "StepState": "nestlab.apply",
    "SwitchParameter": "nestlab.model",
    "Topology": "nestlab.model.topology",
    "TopologyFileError": "nestlab.errors",
    "Trace": "nestlab.reachability",
    "UndoRefused": "nestlab.errors",
    "UnknownEndpoint": "nestlab.errors",
    "UnknownHost": "nestlab.errors",
    "UsageError": "nestlab.errors",
    "VerifyReport": "nestlab.lab",
    "Waiting": "nestlab.apply",
    "WorkshopFileError": "nestlab.errors",
    "__version__": "nestlab.version",
    "capture": "nestlab.lab.capture",
    "check": "nestlab.lab",
    "connect": "nestlab.transport",
    "disable_nesting": "nestlab.lab",
    "draw": "nestlab.drawing",
    "drift": "nestlab.lab.drift",
    "enable_nesting": "nestlab.lab",
    "explain": "nestlab.rules",
    "export_topology": "nestlab.lab",
    "host_findings": "nestlab.rules",
    "import_definition": "nestlab.importers",
    "load": "nestlab.topology_file",
    "load_plan": "nestlab.plan.plan_file",
    "loads": "nestlab.topology_file",
    "save": "nestlab.topology_file",
    "set_language": "nestlab.texts",
    "trace": "nestlab.drawing.drawn_trace",
    "undo": "nestlab.lab",
    "validate": "nestlab.rules",
}
"""Every public name, with its module and, after a colon, its name there if that differs."""

__all__ = [*_EXPORTS]  # noqa: PLE0604  # the keys are strings


def __getattr__(name: str) -> object:
    """Import a public name where it is first used (PEP 562)."""
    if name not in _EXPORTS:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    from importlib import import_module  # noqa: PLC0415  # only when a name is asked for

    module, _, attribute = _EXPORTS[name].partition(":")
    value: object = getattr(import_module(module), attribute or name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS})
