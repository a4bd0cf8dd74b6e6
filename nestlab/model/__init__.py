"""Frozen values: topology, host state, cmdlets, records, findings, the graph of a topology."""

from nestlab.model.cmdlet import Cmdlet
from nestlab.model.credential_text import (
    AccountName,
    CredentialText,
    EncodedPassword,
    PasswordHash,
    UserName,
)
from nestlab.model.finding import Finding, Findings, Severity
from nestlab.model.machine_path import HOST, MachinePath, parse_path, path_text
from nestlab.model.parameter_values import Secret, SwitchParameter
from nestlab.model.powershell_text import literal, quoted
from nestlab.model.record import EnumValue, ErrorRecord, Outcome, Progress, Record
from nestlab.model.size import Size

__all__ = [
    "HOST",
    "AccountName",
    "Cmdlet",
    "CredentialText",
    "EncodedPassword",
    "EnumValue",
    "ErrorRecord",
    "Finding",
    "Findings",
    "MachinePath",
    "Outcome",
    "PasswordHash",
    "Progress",
    "Record",
    "Secret",
    "Severity",
    "Size",
    "SwitchParameter",
    "UserName",
    "literal",
    "parse_path",
    "path_text",
    "quoted",
]
