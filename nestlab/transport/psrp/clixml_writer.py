"""Values to CLIXML (MS-PSRP 2.2.5)."""

from __future__ import annotations

import base64
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from nestlab.errors import UsageError
from nestlab.model import Cmdlet, EnumValue, Secret, SwitchParameter
from nestlab.model.parameter_values import Value, with_filled_in_texts
from nestlab.pattern import pattern
from nestlab.texts import tr

Encrypt = Callable[[str], str]
"""Encrypts a text with the session key of its pool; returns base64."""

_INT32_LIMIT, _INT64_LIMIT, _UINT64_LIMIT = 1 << 31, 1 << 63, 1 << 64
_DECIMAL_LIMIT = 1 << 96
_LONGEST_SPAN = timedelta(
    days=10675199, hours=2, minutes=48, seconds=5, microseconds=477580
)  # TimeSpan.MaxValue
_ENCODED = pattern("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff\U00010000-\U0010ffff]|_(?=[xX])")
_ARRAY = ("System.Object[]", "System.Array", "System.Object")
_TABLE = ("System.Collections.Hashtable", "System.Object")
_CREDENTIAL = ("System.Management.Automation.PSCredential", "System.Object")


class NotSerializable(Exception):
    """A value has no CLIXML form; the text says why."""


class Writer:
    """Writes one document, in which objects and type lists are numbered."""

    def __init__(self, encrypt: Encrypt) -> None:
        self._encrypt = encrypt
        self._objects = 0
        self._types: dict[tuple[str, ...], int] = {}

    def value(self, value: Value, name: str = "") -> str:
        """Return a value as an element, with a name if it is a property. Raises NotSerializable."""
        key = f' N="{name}"' if name else ""
        match value:
            case None:
                return f"<Nil{key} />"
            case SwitchParameter():
                # Null is "off" to functions and "on" to compiled cmdlets; true is "on" to both.
                return f"<B{key}>{'true' if value is SwitchParameter.ON else 'false'}</B>"
            case Secret():
                return self._secret(value, name)
            case Mapping():
                entries = (
                    f"<En>{self.value(str(k), 'Key')}{self.value(item, 'Value')}</En>"
                    for k, item in value.items()
                )
                return self.open(name, _TABLE) + f"<DCT>{''.join(entries)}</DCT></Obj>"
            case list() | tuple():
                return self.list(name, (self.value(item) for item in value), _ARRAY)
            case _:
                tag, text = scalar(value)
                return f"<{tag}{key}>{text}</{tag}>"

    def _secret(self, secret: Secret, name: str) -> str:
        password = self._password(secret, "Password" if secret.username else name)
        if not secret.username:
            return password
        user = self.value(secret.username, "UserName")
        return f"{self.open(name, _CREDENTIAL)}<ToString>{_CREDENTIAL[0]}</ToString><Props>{user}{password}</Props></Obj>"

    def _password(self, secret: Secret, name: str) -> str:
        try:
            text = self._encrypt(secret.value)
        except UnicodeEncodeError:
            msg = tr("a password with half a surrogate pair cannot be encoded")
            raise NotSerializable(msg) from None
        return f'<SS N="{name}">{text}</SS>' if name else f"<SS>{text}</SS>"

    def list(self, name: str, items: Iterable[str], types: tuple[str, ...]) -> str:
        """Return a list of elements as one object."""
        return self.open(name, types) + f"<LST>{''.join(items)}</LST></Obj>"

    def same_values(self, names: Sequence[str], types: tuple[str, ...], content: str) -> str:
        """Return objects of one type with the same content, as properties of these names."""
        objects = [f"{self.open(names[0], types)}{content}</Obj>"]
        reference = self._type_names(types)
        for number, name in enumerate(names[1:], self._objects):
            start = f'<Obj RefId="{number}" N="{name}">'  # not shown
            objects.append(f"{start}{reference}{content}</Obj>")
        self._objects += len(names) - 1
        return "".join(objects)

    def open(self, name: str = "", types: tuple[str, ...] = ()) -> str:
        """Return the start tag of an object, with its type names."""
        number, self._objects = self._objects, self._objects + 1
        key = f' N="{name}"' if name else ""
        return f'<Obj RefId="{number}"{key}>{self._type_names(types) if types else ""}'  # not shown

    def _type_names(self, types: tuple[str, ...]) -> str:
        if types in self._types:
            return f'<TNRef RefId="{self._types[types]}" />'  # not shown
        number = self._types[types] = len(self._types)
        start = f'<TN RefId="{number}">'  # not shown
        return start + "".join(f"<T>{name}</T>" for name in types) + "</TN>"


def scalar(value: Value) -> tuple[str, str]:
    """Return tag and text of a primitive value. Raises NotSerializable.

    >>> scalar(5), scalar(1 << 40), scalar(True), scalar(1.5), scalar(timedelta(days=30000))
    (('I32', '5'), ('I64', '1099511627776'), ('B', 'true'), ('Db', '1.5'), ('TS', 'P30000D'))
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return _integer(value)
    for kind, tag, write in _KINDS:
        if isinstance(value, kind):
            return tag, write(value)
    return "S", _bound_from_string(value)


def _bound_from_string(value: Value) -> str:
    """Return a path or an IP address as a string, which PowerShell converts to its own type."""
    import ipaddress  # noqa: PLC0415  # few values are of these types
    from pathlib import PurePath  # noqa: PLC0415  # as above

    addresses = (ipaddress.IPv4Address, ipaddress.IPv4Network, ipaddress.IPv6Address)
    if not isinstance(value, (PurePath, *addresses)):
        msg = tr("PowerShell has no type for {kind}", kind=type(value).__name__)
        raise NotSerializable(msg)
    return encoded(str(value))


def _integer(value: int) -> tuple[str, str]:
    text = int.__repr__(value)
    if type(value) is int and -_INT32_LIMIT <= value < _INT32_LIMIT:
        return "I32", text
    if -_INT64_LIMIT <= value < _INT64_LIMIT:
        return "I64", text
    if 0 <= value < _UINT64_LIMIT:
        return "U64", text
    msg = tr("{number} does not fit into 64 bits", number=text)
    raise NotSerializable(msg)


def _real(value: float) -> str:
    if math.isinf(value):
        return "INF" if value > 0 else "-INF"
    return "NaN" if math.isnan(value) else repr(value)


def _decimal(value: Decimal) -> str:
    if not value.is_finite() or abs(value) >= _DECIMAL_LIMIT:
        msg = tr("{number} does not fit into a Decimal", number=value)
        raise NotSerializable(msg)
    return format(value, "f")


def _date(value: datetime) -> str:
    offset = value.utcoffset()
    if offset is not None and offset % timedelta(minutes=1):
        # .NET supports offsets of whole minutes only.
        try:
            value = value.astimezone(UTC)
        except OverflowError:
            msg = tr("{date} has an offset that .NET does not support", date=value)
            raise NotSerializable(msg) from None
    return value.isoformat()


def duration(value: timedelta) -> str:
    """Return a TimeSpan as text, with days as a unit of their own.

    .NET reads at most 2147483647 of one unit.

    >>> duration(timedelta(hours=1, seconds=30)), duration(-timedelta(days=1))
    ('PT1H30S', '-P1D')
    """
    if abs(value) > _LONGEST_SPAN:
        msg = tr("a time span of {days} days is longer than .NET supports", days=value.days)
        raise NotSerializable(msg)
    microseconds = value // timedelta(microseconds=1)
    sign, microseconds = ("-", -microseconds) if microseconds < 0 else ("", microseconds)
    minutes, rest = divmod(microseconds, 60_000_000)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    seconds = f"{rest // 1_000_000}.{rest % 1_000_000:06d}".rstrip("0").rstrip(".")
    time = "".join(
        f"{number}{unit}" for number, unit in ((hours, "H"), (minutes, "M")) if number
    ) + (f"{seconds}S" if rest else "")
    if not days and not time:
        return "PT0S"
    return f"{sign}P{f'{days}D' if days else ''}{'T' + time if time else ''}"


def encoded(text: str) -> str:
    r"""Return text with the characters that PowerShell's serializer escapes as ``_xHHHH_``.

    Those are controls, surrogates, U+FFFE and U+FFFF, characters beyond the BMP, and ``_x``.

    >>> encoded("a\nb & _x41 \ufffe 😀")
    'a_x000A_b &amp; _x005F_x41 _xFFFE_ _xD83D__xDE00_'
    """
    if _ENCODED.search(text):
        text = _ENCODED.sub(_units, text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _units(match: re.Match[str]) -> str:
    data = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"_x{data[start]:02X}{data[start + 1]:02X}_" for start in range(0, len(data), 2))


_KINDS: tuple[tuple[type, str, Callable[[Any], str]], ...] = (
    (str, "S", encoded),
    (bool, "B", lambda value: "true" if value else "false"),
    (float, "Db", _real),
    (Decimal, "D", _decimal),
    (EnumValue, "S", lambda value: encoded(value.name)),
    (bytes, "BA", lambda value: base64.b64encode(value).decode()),
    (UUID, "G", str),
    (datetime, "DT", _date),
    (timedelta, "TS", duration),
)


_ALWAYS_SENDABLE = frozenset({str, bool, SwitchParameter, EnumValue})


def _no_encryption(text: str) -> str:
    text.encode("utf-16-le")
    return ""


def require_sendable(statements: Iterable[Cmdlet]) -> None:
    """Raise UsageError if the value of a parameter cannot be serialized.

    Checked first, because a host does not respond to a message with a value that it cannot read.
    """
    for statement in statements:
        command: Cmdlet | None = statement
        while command is not None:
            for name, value in command.parameters.items():
                if type(value) in _ALWAYS_SENDABLE:
                    continue
                try:
                    Writer(_no_encryption).value(with_filled_in_texts(value, lambda _text: ""))
                except NotSerializable as problem:
                    message = tr(
                        "The value of {cmdlet} -{parameter} cannot be sent: {problem}.",
                        cmdlet=command.name,
                        parameter=name,
                        problem=problem,
                    )
                    raise UsageError(
                        message, hint=tr("Use a value of a type that PowerShell has.")
                    ) from None
            command = command.pipe_to
