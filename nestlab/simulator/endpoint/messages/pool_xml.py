"""Messages of a runspace pool to its client, as CLIXML (MS-PSRP 2.2.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from nestlab.simulator.endpoint.messages.numbered_xml import RefIds, flag_xml, number_xml, text_xml
from nestlab.simulator.endpoint.messages.object_xml import plain_xml
from nestlab.simulator.endpoint.messages.remoting_types import RunspacePoolState

_DICTIONARY = (
    "System.Management.Automation.PSPrimitiveDictionary",
    "System.Collections.Hashtable",
    "System.Object",
)

CAPABILITY_XML = (
    '<Obj RefId="0"><MS><Version N="protocolversion">2.3</Version><Version N="PSVersion">2.0</Version>'
    '<Version N="SerializationVersion">1.1.0.1</Version></MS></Obj>'
)
"""SESSION_CAPABILITY, as servers send it since Windows 8."""


class DotNetVersion(str):
    """A System.Version."""

    __slots__ = ()


_VERSIONS = {
    "PSVersion": DotNetVersion("5.1.20348.558"),
    "PSEdition": "Desktop",
    "CLRVersion": DotNetVersion("4.0.30319.42000"),
    "BuildVersion": DotNetVersion("10.0.20348.558"),
    "WSManStackVersion": DotNetVersion("3.0"),
    "PSRemotingProtocolVersion": DotNetVersion("2.3"),
    "SerializationVersion": DotNetVersion("1.1.0.1"),
}


def private_data(host_name: str, extra: Mapping[str, Any]) -> dict[str, Any]:
    """Return a pool's application private data, with the version table of PowerShell 5.1."""
    return {"PSVersionTable": _VERSIONS, "ComputerName": host_name, **extra}


def private_data_xml(data: Mapping[str, Any]) -> str:
    """Return APPLICATION_PRIVATE_DATA."""
    refs = RefIds()
    return f"{refs.open()}<MS>{_dictionary(refs, 'ApplicationPrivateData', data)}</MS></Obj>"


def _dictionary(refs: RefIds, name: str, table: Mapping[str, Any]) -> str:
    beginning = refs.open(name, _DICTIONARY)
    entries = "".join(
        f"<En>{text_xml('Key', key)}{_entry_value(refs, value)}</En>"
        for key, value in table.items()
    )
    return f"{beginning}<DCT>{entries}</DCT></Obj>"


def _entry_value(refs: RefIds, value: Any) -> str:
    if isinstance(value, Mapping):
        return _dictionary(refs, "Value", value)
    if isinstance(value, DotNetVersion):
        return f'<Version N="Value">{value}</Version>'
    return plain_xml("Value", value)


def pool_state_xml(state: RunspacePoolState) -> str:
    """Return RUNSPACEPOOL_STATE."""
    return f'<Obj RefId="0"><MS>{number_xml("RunspaceState", state)}</MS></Obj>'


def availability_xml(call_id: int, result: int) -> str:
    """Return RUNSPACE_AVAILABILITY: the free runspaces, or whether a limit was changed."""
    name = "SetMinMaxRunspacesResponse"
    element = flag_xml(name, on=result) if isinstance(result, bool) else number_xml(name, result)
    return f'<Obj RefId="0"><MS>{element}<I64 N="ci">{call_id}</I64></MS></Obj>'


def session_key_xml(text: str) -> str:
    """Return ENCRYPTED_SESSION_KEY."""
    return f'<Obj RefId="0"><MS>{text_xml("EncryptedSessionKey", text)}</MS></Obj>'


def init_data_xml(minimum: int, maximum: int) -> str:
    """Return RUNSPACEPOOL_INIT_DATA, the response to a client that connects to an open pool."""
    counts = f"{number_xml('MinRunspaces', minimum)}{number_xml('MaxRunspaces', maximum)}"
    return f'<Obj RefId="0"><MS>{counts}</MS></Obj>'
