"""Values as PowerShell source text that can be pasted."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from nestlab.model.credential_text import CredentialText
from nestlab.model.parameter_values import Secret, SwitchParameter, Value
from nestlab.model.switch_parameters import SWITCH_PARAMETERS
from nestlab.pattern import pattern

# PowerShell accepts the typographic quotes U+2018-201B as single quotes too (about_Quoting_Rules).
_PLAIN_ARGUMENT = pattern(r"[\w.:/@\\-]+")
_SINGLE_QUOTES = pattern("['\u2018\u2019\u201a\u201b]")

_VARIABLE_NAME = pattern(r"\W+", re.ASCII)

_DECIMAL_MAXIMUM = 2**96 - 1

_UTC_OFFSET_MAXIMUM = timedelta(hours=14)

# about_Automatic_Variables and about_Preference_Variables: they cannot be set, are overwritten
# by PowerShell, or do not accept a string.
_RESERVED_VARIABLES = frozenset(
    [
        "_",
        "args",
        "confirmpreference",
        "consolefilename",
        "debugpreference",
        "erroractionpreference",
        "error",
        "errorview",
        "event",
        "eventargs",
        "eventsubscriber",
        "executioncontext",
        "false",
        "foreach",
        "home",
        "host",
        "informationpreference",
        "input",
        "iscoreclr",
        "islinux",
        "ismacos",
        "iswindows",
        "lastexitcode",
        "matches",
        "maximumhistorycount",
        "myinvocation",
        "nestedpromptlevel",
        "null",
        "ofs",
        "outputencoding",
        "pid",
        "profile",
        "progresspreference",
        "psboundparameters",
        "pscmdlet",
        "pscommandpath",
        "psculture",
        "psdebugcontext",
        "psedition",
        "pshome",
        "psitem",
        "psscriptroot",
        "pssenderinfo",
        "psuiculture",
        "psversiontable",
        "pwd",
        "sender",
        "shellid",
        "stacktrace",
        "switch",
        "this",
        "true",
        "verbosepreference",
        "warningpreference",
        "whatifpreference",
    ]
)

_INFINITE = {math.inf: "PositiveInfinity", -math.inf: "NegativeInfinity"}


def parameter_text(name: str, value: Value) -> str:
    """Return ``-Name value`` as PowerShell reads it."""
    if isinstance(value, bool) and name.lower() in SWITCH_PARAMETERS:
        value = SwitchParameter(value)
    if value is SwitchParameter.ON:
        return f"-{name}"
    if value is SwitchParameter.OFF:
        return f"-{name}:$false"
    return f"-{name} {literal(value)}"


def literal(value: Value) -> str:
    """Return a value as a PowerShell literal that can be pasted and has the same value.

    >>> from nestlab.model.size import Size
    >>> literal([Size.parse("8GB"), True, None, "a$b", {"k": 1}, -1])
    "8GB,$true,$null,'a$b',@{'k' = 1},(-1)"
    """
    match value:
        case None:
            return "$null"
        case bool():
            return "$true" if value else "$false"
        case int() | float():
            return _number(value)
        case Secret() | CredentialText():
            return _with_credential(value)
        case datetime():
            return f"([datetime]'{_instant(value).isoformat()}')"
        case timedelta():
            return f"([timespan]'{_time_span(value)}')"
        case Mapping():
            return (
                "@{"
                + "; ".join(f"{_key(k, value)} = {_grouped(v)}" for k, v in value.items())
                + "}"
            )
        case str():
            return quoted(value)
        case Sequence():
            return ",".join(map(_grouped, value)) if len(value) > 1 else _short_array(value)
        case _:
            return quoted(str(value))


def _with_credential(text: Secret | CredentialText) -> str:
    """Return a variable that holds a credential, or an expression that fills in parts of it."""
    if isinstance(text, Secret):
        return f"${_variable(text.name)}"
    credential = f"${_variable(text.credential)}.GetNetworkCredential()"
    pieces = (
        quoted(part) if isinstance(part, str) else part.expression(credential)
        for part in text.parts
    )
    whole = f"({' + '.join(pieces)})"
    if not text.not_for:
        return whole
    names = ",".join(quoted(name) for name in text.not_for)
    return f"$(if ({credential}.UserName -notin {names}) {{{whole}}} else {{''}})"


def credential_prompt(name: str) -> str:
    """Return the line that asks for a credential into the variable that other lines use.

    >>> credential_prompt("lab-admin")
    "$lab_admin = Get-Credential -Message 'lab-admin'"
    """
    return f"${_variable(name)} = Get-Credential -Message {quoted(name)}"


def _short_array(value: Sequence[Value]) -> str:
    # @(...) flattens one level: an array inside an array of one needs the comma operator before it.
    return (
        "@("
        + "".join(f",{_grouped(item)}" if _is_list(item) else literal(item) for item in value)
        + ")"
    )


def _number(value: float) -> str:
    """Return a number; PowerShell reads a negative argument without parentheses as a string."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"([double]::{_INFINITE.get(value, 'NaN')})"
    if isinstance(value, int) and abs(value) > _DECIMAL_MAXIMUM:
        return f"([bigint]'{int(value)}')"  # a literal this long is a Double
    text = str(value)
    return f"({text})" if text.startswith("-") else text


def _key(key: Value, table: Mapping[Value, Value]) -> str:
    """Return a key; lists, and numbers beside a string of the same digits, are in parentheses.

    The parser treats the two as the same key.
    """
    text = literal(key)
    same = not isinstance(key, str) and any(
        isinstance(other, str) and other == text for other in table
    )
    return f"({text})" if same or (_is_list(key) and not text.startswith("@(")) else text


def _instant(value: datetime) -> datetime:
    """Return a time in UTC if .NET rejects its offset: not whole minutes, or over 14 hours."""
    offset = value.utcoffset()
    if offset is None or (abs(offset) <= _UTC_OFFSET_MAXIMUM and not offset % timedelta(minutes=1)):
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return value


def _variable(name: str) -> str:
    """Return the name of a variable for a secret; never one that PowerShell defines itself."""
    text = _VARIABLE_NAME.sub("_", name) or "secret"
    return f"{text}_" if text.lower() in _RESERVED_VARIABLES else text


def _time_span(value: timedelta) -> str:
    """Return the text that [timespan] reads in every culture: ``-1.02:03:04.500000``."""
    microseconds = value // timedelta(microseconds=1)
    sign, microseconds = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    seconds, fraction = divmod(microseconds, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{sign}{hours // 24}.{hours % 24:02}:{minutes:02}:{seconds:02}" + (
        f".{fraction:06}" if fraction else ""
    )


def _is_list(value: Value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _grouped(value: Value) -> str:
    return f"@({literal(value)})" if _is_list(value) and len(value) > 1 else literal(value)


def quoted(text: str) -> str:
    """Quote text for PowerShell: single quotes, in which only quotes (curly ones too) are doubled.

    >>> quoted("it's $5")
    "'it''s $5'"
    """
    return "'" + _SINGLE_QUOTES.sub(lambda match: match[0] * 2, text) + "'"


def argument(text: str) -> str:
    """Return a text as an argument in a command line: quoted where a shell needs it.

    >>> argument("sim:ws2022-intel"), argument("sim:ws2022-intel?language=es")
    ('sim:ws2022-intel', "'sim:ws2022-intel?language=es'")
    """
    return text if _PLAIN_ARGUMENT.fullmatch(text) else quoted(text)
