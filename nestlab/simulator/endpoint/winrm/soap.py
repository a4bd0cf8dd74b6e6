"""WS-Management messages: reading requests, writing responses and faults (MS-WSMV, SOAP 1.2)."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

from nestlab.dataclass import dataclass
from nestlab.pattern import pattern

MAX_BODY = 8 * 1024 * 1024
"""Maximum size of one request in bytes; Windows has MaxEnvelopeSizekb, 500 KiB by default."""

_DEFAULT_ENVELOPE = 153_600
_DEFAULT_TIMEOUT = 60.0

NAMESPACES = MappingProxyType(
    {
        "s": "http://www.w3.org/2003/05/soap-envelope",
        "a": "http://schemas.xmlsoap.org/ws/2004/08/addressing",
        "x": "http://schemas.xmlsoap.org/ws/2004/09/transfer",
        "n": "http://schemas.xmlsoap.org/ws/2004/09/enumeration",
        "w": "http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd",
        "p": "http://schemas.microsoft.com/wbem/wsman/1/wsman.xsd",
        "rsp": "http://schemas.microsoft.com/wbem/wsman/1/windows/shell",
        "f": "http://schemas.microsoft.com/wbem/wsman/1/wsmanfault",
        "cfg": "http://schemas.microsoft.com/wbem/wsman/1/config",
        "pwsh": "http://schemas.microsoft.com/powershell",
    }
)
_DECLARATIONS = " ".join(f'xmlns:{prefix}="{uri}"' for prefix, uri in NAMESPACES.items())
_DURATION = pattern(r"PT(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:\.\d+)?)S)?$", re.ASCII)
_SIZE = pattern(r"[0-9]{1,9}")

TRANSFER = NAMESPACES["x"] + "/"
SHELL = NAMESPACES["rsp"] + "/"
ENUMERATION = NAMESPACES["n"] + "/"
POWERSHELL = NAMESPACES["pwsh"] + "/"
SHELL_URI = NAMESPACES["rsp"]
COMMAND_URI = NAMESPACES["rsp"] + "/Command"
CONFIG_URI = NAMESPACES["cfg"]
IDENTIFY = "http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd"
_ADDRESSING_FAULT = NAMESPACES["a"] + "/fault"


class BadRequest(Exception):
    """The body is not a WS-Management message; the response is HTTP 400."""


class WsmanFault(Exception):
    """A WS-Management fault, with the code and the message of Windows."""

    def __init__(self, code: int, subcode: str, message: str, *, sender: bool = True) -> None:
        super().__init__(message)
        self.code = code
        self.subcode = subcode
        self.message = message
        self.sender = sender


def timed_out() -> WsmanFault:
    """Return the fault that ends a Receive without data (ERROR_WSMAN_OPERATION_TIMEDOUT)."""
    text = "The WS-Management service cannot complete the operation within the time specified in OperationTimeout."
    return WsmanFault(2150858793, "w:TimedOut", text, sender=False)


def unknown_shell(shell_id: str) -> WsmanFault:
    """Return the fault for a shell that does not exist (ERROR_WSMAN_UNEXPECTED_SELECTORS)."""
    text = (
        "The request for the Windows Remote Shell with ShellId "
        f"{shell_id} failed because the shell was not found on the server. Possible causes are: the specified ShellId is "
        "incorrect or the shell no longer exists on the server. Provide the correct ShellId or create a new shell and retry "
        "the operation."
    )
    return WsmanFault(2150858843, "w:InvalidSelectors", text)


@dataclass(frozen=True)
class Request:
    """One request: the header fields that the service needs, and the body element."""

    action: str
    message_id: str
    resource_uri: str
    shell_id: str
    max_envelope: int
    timeout: float
    body: ET.Element
    selectors: Mapping[str, str]

    def find(self, path: str) -> ET.Element | None:
        """Return the first element of the body at this path, prefixes as in `NAMESPACES`."""
        return self.body.find(path, dict(NAMESPACES))

    def text(self, path: str) -> str:
        """Return the text of the element at this path, or an empty string."""
        element = self.find(path)
        return (element.text or "") if element is not None else ""


def parse(data: bytes) -> Request:
    """Read a request.

    Raises:
        BadRequest: not UTF-8, a DTD or an entity, not well-formed XML, or no SOAP envelope with an
            action and a message id.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        msg = "the body is not UTF-8"
        raise BadRequest(msg) from None
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        msg = "document types and entities are refused"
        raise BadRequest(msg)
    try:
        # The encoding in the declaration of a str is ignored, so that no other encoding can hide a
        # DTD from the check above.
        envelope = ET.fromstring(text)  # noqa: S314  # entities are refused above
    except ET.ParseError as error:
        msg = f"the body is not well-formed XML: {error}"
        raise BadRequest(msg) from None
    return _request(envelope)


def _request(envelope: ET.Element) -> Request:
    names = dict(NAMESPACES)
    header, body = envelope.find("s:Header", names), envelope.find("s:Body", names)
    if header is None or body is None:
        msg = "the body is not a SOAP envelope"
        raise BadRequest(msg)

    def field(path: str) -> str:
        return header.findtext(path, "", names).strip()

    if not field("a:Action") or not field("a:MessageID"):
        msg = "the envelope has no Action or no MessageID"
        raise BadRequest(msg)
    selectors = {
        item.get("Name", ""): item.text or ""
        for item in header.iterfind("w:SelectorSet/w:Selector", names)
    }
    size = field("w:MaxEnvelopeSize")
    return Request(
        action=field("a:Action"),
        message_id=field("a:MessageID"),
        resource_uri=field("w:ResourceURI"),
        shell_id=selectors.get("ShellId", "").upper(),
        max_envelope=int(size) if _SIZE.fullmatch(size) else _DEFAULT_ENVELOPE,
        timeout=seconds(field("w:OperationTimeout"), _DEFAULT_TIMEOUT),
        body=body,
        selectors=selectors,
    )


def seconds(duration: str, default: float) -> float:
    """Read an XML duration of hours, minutes and seconds.

    >>> seconds("PT1M30.5S", 0), seconds("", 20)
    (90.5, 20)
    """
    match = _DURATION.match(duration)
    if not match or not any(match.groups()):
        return default
    hours, minutes, rest = (float(group or 0) for group in match.groups())
    return hours * 3600 + minutes * 60 + rest


def envelope(action: str, relates_to: str, body: str) -> bytes:
    """Return a response: `action` is its own action, `relates_to` the MessageID of the request."""
    return (
        f'<s:Envelope xml:lang="en-US" {_DECLARATIONS}><s:Header><a:Action>{escape(action)}</a:Action>'
        f"<a:MessageID>uuid:{str(uuid.uuid4()).upper()}</a:MessageID><a:To>{NAMESPACES['a']}/role/anonymous</a:To>"
        f"<a:RelatesTo>{escape(relates_to)}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def fault(problem: WsmanFault, relates_to: str, machine: str) -> bytes:
    """Return a fault as Windows sends it: code, subcode, reason, and WSManFault with the number."""
    body = (
        f"<s:Fault><s:Code><s:Value>s:{'Sender' if problem.sender else 'Receiver'}</s:Value><s:Subcode><s:Value>{problem.subcode}"
        f'</s:Value></s:Subcode></s:Code><s:Reason><s:Text xml:lang="en-US">{escape(problem.message)}</s:Text></s:Reason>'
        f'<s:Detail><f:WSManFault Code="{problem.code}" Machine={quoteattr(machine)}><f:Message>{escape(problem.message)}'
        "</f:Message></f:WSManFault></s:Detail></s:Fault>"
    )
    return envelope(_ADDRESSING_FAULT, relates_to, body)


def identify_response(product_version: str) -> bytes:
    """Return the response to an Identify request, which needs no authentication."""
    return (
        f'<s:Envelope xml:lang="en-US" xmlns:s="{NAMESPACES["s"]}"><s:Header/><s:Body>'
        f'<wsmid:IdentifyResponse xmlns:wsmid="{IDENTIFY}">'
        "<wsmid:ProtocolVersion>http://schemas.dmtf.org/wbem/wsman/1/wsman.xsd</wsmid:ProtocolVersion>"
        f"<wsmid:ProductVendor>Microsoft Corporation</wsmid:ProductVendor><wsmid:ProductVersion>{escape(product_version)}"
        "</wsmid:ProductVersion></wsmid:IdentifyResponse></s:Body></s:Envelope>"
    ).encode()
