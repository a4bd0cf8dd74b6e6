"""Values of cmdlet parameters, such as switch parameters and secrets, and their JSON form."""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from nestlab.dataclass import dataclass, field
from nestlab.model.credential_text import CredentialText
from nestlab.model.size import Size


class SwitchParameter(enum.Enum):
    """The value of a switch parameter: ``-Force``, or ``-Confirm:$false``."""

    ON = True
    OFF = False


@dataclass(frozen=True)
class Secret:
    """A password, or, with a user name, a credential; `value` is the password.

    It is shown and saved by its name only: the value never reaches repr, text or files.
    """

    name: str
    username: str = ""
    value: str = field(default="", repr=False, compare=False)

    def __str__(self) -> str:
        return f"<{self.name}>"


# None, bool, int, Size, float, str, datetime, timedelta, UUID, SwitchParameter, Secret,
# CredentialText, sequences, mappings
Value = Any


def encoded(value: Value) -> Any:
    """Return a value as plain JSON data that `decoded` reads; secrets only by name."""
    match value:
        case SwitchParameter():
            return {"$switch": value.value}
        case Secret() | CredentialText():
            return _encoded_secret(value)
        case Size():
            return {"$size": int(value)}
        case datetime():
            return {"$datetime": value.isoformat()}
        case timedelta():
            return {"$seconds": value.total_seconds()}
        case UUID():
            return {"$guid": str(value)}
        case Mapping():
            return {"$table": {key: encoded(item) for key, item in value.items()}}
        case None | bool() | int() | float() | str():
            return value
        case Sequence():
            return [encoded(item) for item in value]
        case _:
            return str(value)


def _encoded_secret(value: Secret | CredentialText) -> dict[str, Any]:
    if isinstance(value, Secret):
        return {"$secret": value.name}
    return {"$credential_text": value.to_dict()}


def decoded(value: Any) -> Value:
    """Read what `encoded` wrote.

    Anything else raises KeyError, ValueError, TypeError or AttributeError.
    """
    if isinstance(value, list):
        return [decoded(item) for item in value]
    if not isinstance(value, dict):
        return value
    ((kind, data),) = value.items()
    decoders: dict[str, Any] = {
        "$switch": SwitchParameter,
        "$secret": Secret,
        "$credential_text": CredentialText.from_dict,
        "$size": Size,
        "$datetime": datetime.fromisoformat,
        "$seconds": lambda seconds: timedelta(seconds=seconds),
        "$guid": UUID,
        "$table": lambda table: {key: decoded(item) for key, item in table.items()},
    }
    return decoders[kind](data)


def with_filled_in_texts(value: Value, fill_in: Callable[[CredentialText], str]) -> Value:
    """Return a value with each CredentialText in it replaced by what `fill_in` returns for it."""
    match value:
        case CredentialText():
            return fill_in(value)
        case Mapping():
            return {key: with_filled_in_texts(item, fill_in) for key, item in value.items()}
        case list() | tuple():
            return [with_filled_in_texts(item, fill_in) for item in value]
        case _:
            return value


def credential_names(value: Value) -> Iterator[str]:
    """Yield the names of the credentials that the CredentialTexts in a value refer to."""
    match value:
        case CredentialText():
            yield value.credential
        case Mapping():
            for item in value.values():
                yield from credential_names(item)
        case list() | tuple():
            for item in value:
                yield from credential_names(item)
