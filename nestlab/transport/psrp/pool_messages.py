"""The messages that open a runspace pool and query it (MS-PSRP 2.2.2), as CLIXML."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.transport.psrp.clixml_writer import Writer, encoded

SESSION_CAPABILITY = (
    '<Obj RefId="0"><MS><Version N="protocolversion">2.3</Version><Version N="PSVersion">2.0</Version>'
    '<Version N="SerializationVersion">1.1.0.1</Version></MS></Obj>'  # not shown
)

_ENUM = ("System.Enum", "System.ValueType", "System.Object")
_THREADS = ("System.Management.Automation.Runspaces.PSThreadOptions", *_ENUM)
_APARTMENT = ("System.Management.Automation.Runspaces.ApartmentState", *_ENUM)
_STREAMS = ("System.Management.Automation.Runspaces.RemoteStreamOptions", *_ENUM)
_DICTIONARY = (
    "System.Management.Automation.PSPrimitiveDictionary",
    "System.Collections.Hashtable",
    "System.Object",
)


def enum(writer: Writer, name: str, types: tuple[str, ...], text: str, number: int) -> str:
    """Return an enum value as a property."""
    return f"{writer.open(name, types)}<ToString>{text}</ToString><I32>{number}</I32></Obj>"


def apartment(writer: Writer) -> str:
    """Return the apartment state Unknown."""
    return enum(writer, "ApartmentState", _APARTMENT, "Unknown", 2)


def stream_options(writer: Writer) -> str:
    """Return the stream options None, without which each record has 4 KB of invocation info."""
    return enum(writer, "RemoteStreamOptions", _STREAMS, "0", 0)


def no_host(writer: Writer) -> str:
    """Return the host info of a client without a user interface."""
    nothing = "".join(
        f'<B N="{name}">true</B>'
        for name in ("_isHostNull", "_isHostUINull", "_isHostRawUINull", "_useRunspaceHost")
    )
    return f"{writer.open('HostInfo')}<MS>{nothing}</MS></Obj>"


def init_runspace_pool(arguments: Mapping[str, str]) -> str:
    """Return the message that creates a pool of one runspace, with application arguments."""
    writer = Writer(_no_secrets)
    beginning = writer.open()
    threads = enum(writer, "PSThreadOptions", _THREADS, "Default", 0)
    state, host = apartment(writer), no_host(writer)
    given = '<Nil N="ApplicationArguments" />'
    if arguments:
        entries = "".join(
            f'<En><S N="Key">{encoded(name)}</S><S N="Value">{encoded(value)}</S></En>'
            for name, value in arguments.items()
        )
        given = f"{writer.open('ApplicationArguments', _DICTIONARY)}<DCT>{entries}</DCT></Obj>"
    return (
        f'{beginning}<MS><I32 N="MinRunspaces">1</I32><I32 N="MaxRunspaces">1</I32>'
        f"{threads}{state}{host}{given}</MS></Obj>"
    )


def public_key(text: str) -> str:
    """Return the message that requests the session key."""
    return f'<Obj RefId="0"><MS><S N="PublicKey">{text}</S></MS></Obj>'  # not shown


def get_available_runspaces(call: int) -> str:
    """Return the message that requests the number of free runspaces."""
    return f'<Obj RefId="0"><MS><I64 N="ci">{call}</I64></MS></Obj>'  # not shown


def _no_secrets(_text: str) -> str:
    raise AssertionError
