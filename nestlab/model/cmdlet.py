"""One PowerShell cmdlet call as a value, and its text as PowerShell."""

from __future__ import annotations

import enum
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

from nestlab.model.size import Size
from nestlab.model.switch_parameters import SWITCH_PARAMETERS


class SwitchParameter(enum.Enum):
    """The value of a switch parameter: ``-Force``, or ``-Confirm:$false``."""

    ON = True
    OFF = False


@dataclass(frozen=True)
class Secret:
    """A password or a credential by its name. The value never reaches repr, text or files."""

    name: str
    username: str = ""
    value: str = field(default="", repr=False, compare=False)

    def __str__(self) -> str:
        return f"<{self.name}>"


# None, bool, int, Size, float, str, datetime, timedelta, UUID, SwitchParameter, Secret,
# sequences, mappings
Value = Any

# PowerShell takes the typographic quotes U+2018-201B as single quotes too (about_Quoting_Rules).
_SINGLE_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")
_VARIABLE_NAME = re.compile(r"\W+", re.ASCII)
_MOST_DECIMAL = 2**96 - 1
_MOST_OFFSET = timedelta(hours=14)
# about_Automatic_Variables and about_Preference_Variables: they cannot be set, hold something else
# at once, or refuse a text.
_OWN_VARIABLES = frozenset(
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


@dataclass(frozen=True)
class Cmdlet:
    """One PowerShell cmdlet call, as data: shown to people, sent typed to hosts.

    Parameters keep their order. ``pipe_to`` is the next command of the same pipeline.

    >>> print(Cmdlet("Set-VMProcessor", {"VMName": "n1", "ExposeVirtualizationExtensions": True}))
    Set-VMProcessor -VMName 'n1' -ExposeVirtualizationExtensions $true
    >>> print(Cmdlet("Stop-VM", {"Name": "it's", "Force": True, "Confirm": SwitchParameter.OFF}))
    Stop-VM -Name 'it''s' -Force -Confirm:$false
    >>> print(Cmdlet("Get-VM", pipe_to=Cmdlet("Select-Object", {"Property": ["Name", "State"]})))
    Get-VM | Select-Object -Property 'Name','State'
    """

    name: str
    parameters: Mapping[str, Value] = field(default_factory=dict)
    pipe_to: Cmdlet | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __str__(self) -> str:
        words = [
            self.name,
            *(_parameter_text(name, value) for name, value in self.parameters.items()),
        ]
        text = " ".join(words)
        return f"{text} | {self.pipe_to}" if self.pipe_to else text

    def __hash__(self) -> int:
        return hash(str(self))

    @property
    def stages(self) -> tuple[Cmdlet, ...]:
        """The commands of the pipeline, in order."""
        return (self, *self.pipe_to.stages) if self.pipe_to else (self,)

    @property
    def act(self) -> Cmdlet:
        """The last command of the pipeline: the one that acts on what those before it find."""
        return self.stages[-1]

    def with_parameters(self, **parameters: Value) -> Cmdlet:
        """Return a copy with these parameters added or replaced."""
        return Cmdlet(self.name, {**self.parameters, **parameters}, self.pipe_to)

    def to_dict(self) -> dict[str, Any]:
        """Return plain JSON data that `from_dict` reads back; secrets only by name."""
        data: dict[str, Any] = {
            "name": self.name,
            "parameters": {k: _encode(v) for k, v in self.parameters.items()},
        }
        if self.pipe_to:
            data["pipe_to"] = self.pipe_to.to_dict()
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Cmdlet:
        """Read what `to_dict` wrote; raises KeyError or ValueError on anything else."""
        parameters = {name: _decode(value) for name, value in data["parameters"].items()}
        return cls(
            data["name"], parameters, cls.from_dict(data["pipe_to"]) if "pipe_to" in data else None
        )

    def _repr_html_(self) -> str:
        from nestlab.html import code  # noqa: PLC0415  # only notebooks need it

        return f"<pre>{code(self)}</pre>"


def _parameter_text(name: str, value: Value) -> str:
    if isinstance(value, bool) and name.lower() in SWITCH_PARAMETERS:
        value = SwitchParameter(value)
    if value is SwitchParameter.ON:
        return f"-{name}"
    if value is SwitchParameter.OFF:
        return f"-{name}:$false"
    return f"-{name} {literal(value)}"


def literal(value: Value) -> str:
    """Write a value as a PowerShell literal that pastes and means the same.

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
        case Secret():
            return f"${_variable(value.name)}"
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


def _short_array(value: Sequence[Value]) -> str:
    # @(...) flattens one level: an array inside an array of one needs the comma operator before it.
    return (
        "@("
        + "".join(f",{_grouped(item)}" if _is_list(item) else literal(item) for item in value)
        + ")"
    )


def _number(value: float) -> str:
    """A negative number as an argument is a text, unless it is in parentheses."""
    if isinstance(value, float) and not math.isfinite(value):
        return f"([double]::{_INFINITE.get(value, 'NaN')})"
    if isinstance(value, int) and abs(value) > _MOST_DECIMAL:
        return f"([bigint]'{int(value)}')"  # a literal this long is a Double
    text = str(value)
    return f"({text})" if text.startswith("-") else text


def _key(key: Value, table: Mapping[Value, Value]) -> str:
    """A key: lists in parentheses, and a number beside the text of the same digits too.

    The parser takes the two for the same key.
    """
    text = literal(key)
    same = not isinstance(key, str) and any(
        isinstance(other, str) and other == text for other in table
    )
    return f"({text})" if same or (_is_list(key) and not text.startswith("@(")) else text


def _instant(value: datetime) -> datetime:
    """.NET takes offsets of whole minutes up to 14 hours: any other time is written as UTC."""
    offset = value.utcoffset()
    if offset is None or (abs(offset) <= _MOST_OFFSET and not offset % timedelta(minutes=1)):
        return value
    try:
        return value.astimezone(UTC)
    except OverflowError:
        return value


def _variable(name: str) -> str:
    """Return the name of a variable for a secret; never one that PowerShell defines itself."""
    text = _VARIABLE_NAME.sub("_", name) or "secret"
    return f"{text}_" if text.lower() in _OWN_VARIABLES else text


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


def _encode(value: Value) -> Any:
    match value:
        case SwitchParameter():
            return {"$switch": value.value}
        case Secret():
            return {"$secret": value.name}
        case Size():
            return {"$size": int(value)}
        case datetime():
            return {"$datetime": value.isoformat()}
        case timedelta():
            return {"$seconds": value.total_seconds()}
        case UUID():
            return {"$guid": str(value)}
        case Mapping():
            return {"$table": {key: _encode(item) for key, item in value.items()}}
        case None | bool() | int() | float() | str():
            return value
        case Sequence():
            return [_encode(item) for item in value]
        case _:
            return str(value)


def _decode(value: Any) -> Value:
    if isinstance(value, list):
        return [_decode(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, data),) = value.items()
    decoders: dict[str, Any] = {
        "$switch": SwitchParameter,
        "$secret": Secret,
        "$size": Size,
        "$datetime": datetime.fromisoformat,
        "$seconds": lambda seconds: timedelta(seconds=seconds),
        "$guid": UUID,
        "$table": lambda table: {key: _decode(item) for key, item in table.items()},
    }
    return decoders[kind](data)
