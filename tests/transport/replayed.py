"""A remoting server that answers with recorded messages of a real PowerShell, behind pypsrp's HTTP.

``tests/cases/conversations/engine.jsonl`` has one conversation a line: for each pipeline what was
asked (statements of commands of parameters, values as CLIXML without numbers and types) and what
the engine said, message by message. ``{x*70000}`` is a run of one character. A pipeline that was
not recorded is acknowledged and never answered, as by a real server that could not read it.
"""

from __future__ import annotations

import base64
import json
import re
import struct
import uuid
from pathlib import Path
from xml.etree import ElementTree as ET

from pypsrp.exceptions import WinRMTransportError
from pypsrp.messages import MessageType
from requests.exceptions import ConnectionError as ConnectionLost

from nestlab.model import Cmdlet, Size
from nestlab.simulator.endpoint.winrm import soap
from nestlab.transport.psrp.clixml import read_property

CASES = Path(__file__).parents[1] / "cases" / "conversations" / "engine.jsonl"
OPENING, *CONVERSATIONS = (
    json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()
)
BY_NAME = {conversation["name"]: conversation for conversation in CONVERSATIONS}

_NOBODY = uuid.UUID(int=0)
_FRAGMENT = 32_768
_RUN = re.compile(r"\{(.)\*(\d+)\}")
_STATE = soap.NAMESPACES["rsp"] + "/CommandState/"


def value_of(element: ET.Element) -> tuple[str, object]:
    """Return tag and value of a parameter, whatever its form and its numbers are."""
    for inner in element.iter():
        for child in [child for child in inner if child.tag in {"TN", "TNRef"}]:
            inner.remove(child)
    tag = (
        next((child.tag for child in element), element.tag) if element.tag == "Obj" else element.tag
    )
    return tag, read_property(ET.tostring(element, encoding="unicode"))[1]


def asked_in(xml: str) -> list[list[tuple[str, list[tuple[str, tuple[str, object]]]]]]:
    """Return the statements of a CREATE_PIPELINE message."""
    shell = ET.fromstring(xml).find("MS/*[@N='PowerShell']/MS")  # noqa: S314  # nestlab wrote it
    extra = [item.find("MS/*[@N='Cmds']") for item in shell.findall("*[@N='ExtraCmds']/LST/Obj")]
    return [
        [_command(item.find("MS")) for item in commands.findall("LST/Obj")]
        for commands in extra or [shell.find("*[@N='Cmds']")]
    ]


def _command(members: ET.Element):
    arguments = [argument.find("MS") for argument in members.findall("*[@N='Args']/LST/Obj")]
    given = [
        (argument.findtext("*[@N='N']"), value_of(argument.find("*[@N='V']")))
        for argument in arguments
    ]
    return members.findtext("*[@N='Cmd']"), sorted(given, key=lambda item: item[0])


def statements_of(name: str) -> list[Cmdlet]:
    """Return the statements of a conversation as nestlab runs them."""
    pipelines = BY_NAME[name]["pipelines"]
    whole = pipelines[0]["asked"] if len(pipelines[0]["asked"]) > 1 else None
    return [
        _cmdlet(statement)
        for statement in whole
        or [statement for pipeline in pipelines for statement in pipeline["asked"]]
    ]


def _cmdlet(commands) -> Cmdlet:
    (name, given), *behind = commands
    parameters = {key: _value(ET.fromstring(xml)) for key, xml in given}  # noqa: S314  # our own file
    if parameters.get("ErrorAction") == "Stop":
        del parameters["ErrorAction"]  # nestlab's own
    return Cmdlet(name, parameters, _cmdlet(behind) if behind else None)


def _value(element: ET.Element) -> object:
    tag, value = value_of(element)
    return Size(value) if tag == "I64" else value


def recorded(pipeline) -> list:
    """Return what was asked of a recorded pipeline, in the form of `asked_in`."""

    def argument(name, xml):
        return name, value_of(ET.fromstring(xml))  # noqa: S314  # our own file

    return [
        [
            (name, sorted((argument(*item) for item in given), key=lambda item: item[0]))
            for name, given in statement
        ]
        for statement in pipeline["asked"]
    ]


class Replay:
    """Stands in for pypsrp's HTTP transport."""

    endpoint = "http://replayed/wsman"
    session = encryption = None
    wrap_required = False

    def __init__(self, *names: str) -> None:
        self.asked: list = []
        self._answers = [
            (recorded(pipeline), pipeline["said"])
            for name in names
            for pipeline in BY_NAME[name]["pipelines"]
        ]
        self._pool = _NOBODY
        self._sent = 0
        self._parts: dict[str, bytes] = {}
        self._queues: dict[str, list[bytes]] = {"": []}
        self._done: dict[str, bool] = {}

    def send(self, message: bytes, **_options: object) -> bytes:
        """Answer one request."""
        request = soap.parse(message)
        action = request.action.rsplit("/", 1)[-1]
        try:
            body = getattr(self, f"_on_{action.lower()}")(request)
        except soap.WsmanFault as problem:
            raise WinRMTransportError(
                "http", 500, soap.fault(problem, request.message_id, "replayed").decode()
            ) from None
        return soap.envelope(f"{request.action}Response", request.message_id, body)

    def close(self) -> None:
        """Have nothing to close."""

    def _on_create(self, request: soap.Request) -> str:
        self._take(request.text("rsp:Shell/pwsh:creationXml"), "")
        return "<rsp:Shell><rsp:ShellId>X</rsp:ShellId></rsp:Shell>"

    def _on_command(self, request: soap.Request) -> str:
        command = request.find("rsp:CommandLine").get("CommandId")
        self._queues[command] = []
        self._take(request.text("rsp:CommandLine/rsp:Arguments"), command)
        return (
            f"<rsp:CommandResponse><rsp:CommandId>{command}</rsp:CommandId></rsp:CommandResponse>"
        )

    def _on_send(self, request: soap.Request) -> str:
        stream = request.find("rsp:Send/rsp:Stream")
        self._take(stream.text, stream.get("CommandId", ""))
        return "<rsp:SendResponse/>"

    def _on_receive(self, request: soap.Request) -> str:
        command = request.find("rsp:Receive/rsp:DesiredStream").get("CommandId", "")
        waiting = self._queues[command]
        if not waiting:
            if self._done.get(command) is False:
                msg = "the server ended in the middle"
                raise ConnectionLost(msg)
            raise soap.timed_out()
        mark = f' CommandId="{command}"' if command else ""
        streams = "".join(
            f'<rsp:Stream Name="stdout"{mark}>{base64.b64encode(data).decode()}</rsp:Stream>'
            for data in waiting
        )
        waiting.clear()
        state = f'<rsp:CommandState{mark} State="{_STATE}Running"/>' if command else ""
        return f"<rsp:ReceiveResponse>{streams}{state}</rsp:ReceiveResponse>"

    def _on_signal(self, _request: soap.Request) -> str:
        return "<rsp:SignalResponse/>"

    def _on_delete(self, _request: soap.Request) -> str:
        return ""

    def _take(self, text: str, command: str) -> None:
        data = base64.b64decode(text)
        while data:
            _, _, flags, length = struct.unpack_from(">QQBI", data)
            self._parts[command] = (b"" if flags & 1 else self._parts[command]) + data[
                21 : 21 + length
            ]
            data = data[21 + length :]
            if flags & 2:
                self._message(self._parts.pop(command), command)

    def _message(self, data: bytes, command: str) -> None:
        (kind,) = struct.unpack_from("<I", data, 4)
        xml = data[40:].decode()
        if kind == MessageType.INIT_RUNSPACEPOOL:
            self._pool = uuid.UUID(bytes_le=data[8:24])
            self._say(OPENING["said"], "")
        elif kind == MessageType.GET_AVAILABLE_RUNSPACES:
            number = re.search(r'N="ci">(\d+)<', xml, re.IGNORECASE)[1]
            reply = f'<Obj RefId="0"><MS><I32 N="SetMinMaxRunspacesResponse">1</I32><I64 N="ci">{number}</I64></MS></Obj>'
            self._say([["RUNSPACE_AVAILABILITY", reply]], "")
        elif kind == MessageType.CREATE_PIPELINE:
            self.asked.append(asked_in(xml))
            said = next(
                (said for asked, said in self._answers if repr(asked) == repr(self.asked[-1])), []
            )
            self._say(said, command)
            if said:
                self._done[command] = any(kind == "PIPELINE_STATE" for kind, _ in said)

    def _say(self, messages: list[list[str]], command: str) -> None:
        pipeline = uuid.UUID(command) if command else _NOBODY
        for kind, clixml in messages:
            text = _RUN.sub(lambda match: match[1] * int(match[2]), clixml).replace(
                "POOL", str(self._pool)
            )
            head = (
                struct.pack("<II", 1, getattr(MessageType, kind))
                + self._pool.bytes_le
                + pipeline.bytes_le
            )
            data = head + b"\xef\xbb\xbf" + text.encode("utf-8", "surrogatepass")
            self._sent += 1
            for index, start in enumerate(range(0, len(data), _FRAGMENT)):
                part = data[start : start + _FRAGMENT]
                flags = (index == 0) | (2 if start + _FRAGMENT >= len(data) else 0)
                self._queues[command].append(
                    struct.pack(">QQBI", self._sent, index, flags, len(part)) + part
                )
