"""Addresses of hosts: taking one apart, and quoting it in a message without its password."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from nestlab.dataclass import dataclass, field
from nestlab.errors import UnknownHost, UsageError
from nestlab.pattern import pattern
from nestlab.texts import tr

_ADDRESS = pattern(
    r"(?P<scheme>[A-Za-z]+)://(?:(?P<account>[^/?#]*)@)?"
    r"(?:\[(?P<ipv6>[^\]@/?#]+)\]|(?P<name>[^\[\]:@/?#]+))(?::(?P<port>\d{0,5}))?"
    r"(?P<path>/[^?#]*)?(?:\?(?P<query>.*))?"
)
_INVALID_IN_HOST_NAMES = pattern(r"^-|[\s\x00-\x1f\x7f\\<>\"'|^`{}%*,;$&()]")
_NOT_LITERAL = pattern(r"[%&+#]")
_PASSWORD_OPTION = pattern(r"(?i)([?&][^=&]*pass[^=&]*=)[^&]*")
_HIDDEN = "***"
_PORTS = range(1, 65_536)


@dataclass(frozen=True)
class HostAddress:
    """The parts of ``SCHEME://[ACCOUNT@]SERVER[:PORT][?OPTION=VALUE&…]``."""

    scheme: str
    server: str
    port: int | None = None
    account: str = ""
    has_password: bool = field(default=False, compare=False)
    options: Mapping[str, str] = field(default_factory=dict)


def read_address(address: str, *, hint: str, paths: Collection[str] = ()) -> HostAddress:
    """Return the parts of an address; a path other than ``/`` and `paths` is refused.

    Raises UnknownHost with this hint, UsageError for its options.
    """
    found = _ADDRESS.fullmatch(address)
    port = int(found["port"] or 0) if found is not None else 0
    if (
        found is None
        or (found["port"] and port not in _PORTS)
        or (found["path"] or "/") not in {"/", *paths}
        or (found["ipv6"] and not _is_ipv6(found["ipv6"]))
        or (found["name"] and _is_invalid_name(found["name"]))
    ):
        raise not_an_address(address, hint)
    account, colon, _ = (found["account"] or "").partition(":")
    from urllib.parse import unquote  # noqa: PLC0415  # as below

    return HostAddress(
        scheme=found["scheme"].lower(),
        server=(found["ipv6"] or found["name"]).replace("%25", "%"),
        port=port or None,
        account=unquote(account),
        has_password=bool(colon),
        options=read_options(found["query"] or ""),
    )


def not_an_address(address: str, hint: str) -> UnknownHost:
    """Return the error for a text that is not the address of a host."""
    return UnknownHost(
        tr("{address!r} is not the address of a host.", address=without_password(address)),
        hint=hint,
    )


def without_password(address: str) -> str:
    """Return an address, valid or not, with its passwords masked, for use in messages.

    >>> without_password("ssh://ada:secret@hv01"), without_password("winrm://hv01?password=secret")
    ('ssh://ada:***@hv01', 'winrm://hv01?password=***')
    """
    start = address.find("://") + len("://") if "://" in address else 0
    account, at, server = address[start:].rpartition("@")
    name, colon, _ = account.partition(":")
    shown = f"{name}:{_HIDDEN}" if colon else account
    return _PASSWORD_OPTION.sub(rf"\1{_HIDDEN}", address[:start] + shown + at + server)


def read_options(query: str, repeatable: Collection[str] = ()) -> dict[str, str]:
    """Return the options of an address; the last value of an option in `repeatable` counts.

    Raises UsageError for any other option that is given twice, and for a null character.
    """
    from urllib.parse import parse_qsl  # noqa: PLC0415  # most addresses have no options

    options: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in options and name not in repeatable:
            msg = tr("{option}= is given twice.", option=name)
            raise UsageError(msg, hint=tr("Write each option once."))
        require_no_null(name, value)
        options[name] = value
    return options


def option_text(value: str) -> str:
    r"""Return the value of an option, escaped for an address: `read_options` returns it unchanged.

    >>> option_text(r"C:\labs\a b.json"), option_text("a&b+c.json")
    ('C:\\labs\\a b.json', 'a%26b%2Bc.json')
    """
    return _NOT_LITERAL.sub(lambda found: f"%{ord(found[0]):02X}", value)


def require_no_null(option: str, value: str) -> None:
    """Raise UsageError for a null character, which would end a string of the operating system."""
    if "\0" in value:
        msg = tr(
            "{option}= contains a character with the code 0, which no command line can have.",
            option=option,
        )
        raise UsageError(msg, hint=tr("Remove %00 from the address, or \\0 from the text."))


def one_account(in_address: str, given: str | None) -> str:
    """Return the account of an address or of ``username=``; raises UsageError if they differ."""
    if in_address and given and in_address != given:
        msg = tr(
            "The address names the account {account!r}, and username another one, {other!r}.",
            account=in_address,
            other=given,
        )
        raise UsageError(msg, hint=tr("Give one of them."))
    return given or in_address


def _is_invalid_name(name: str) -> bool:
    if name.isascii():
        return bool(_INVALID_IN_HOST_NAMES.search(name))
    import unicodedata  # noqa: PLC0415  # few names have characters beyond ASCII

    # Some characters become `/` or `:` where a resolver normalizes the name.
    normal = unicodedata.normalize("NFKC", name)
    return bool(_INVALID_IN_HOST_NAMES.search(normal)) or any(mark in normal for mark in "/?#@:")


def _is_ipv6(text: str) -> bool:
    import ipaddress  # noqa: PLC0415  # most addresses are host names

    try:
        return ipaddress.ip_address(text.replace("%25", "%")).version == 6  # noqa: PLR2004  # IPv6
    except ValueError:
        return False
