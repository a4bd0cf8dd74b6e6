"""A remoting server that answers with recorded messages of a real PowerShell, whatever carries them.

``tests/cases/conversations/engine.jsonl`` has one conversation a line: for each pipeline what was
asked (statements of commands of parameters, values as CLIXML without numbers and types) and what
the engine said, message by message. ``{x*70000}`` is a run of one character. A pipeline that was
not recorded is acknowledged and never answered, as by a real server that could not read it.
"""

from __future__ import annotations

import json
import re
import struct
import uuid
from pathlib import Path
from xml.etree import ElementTree as ET

from nestlab.model import Cmdlet, Size
from nestlab.transport.psrp.clixml import read_property
from nestlab.transport.psrp.message_types import MessageType

CASES = Path(__file__).parents[1] / "cases" / "conversations" / "engine.jsonl"
OPENING, *CONVERSATIONS = (
    json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()
)
BY_NAME = {conversation["name"]: conversation for conversation in CONVERSATIONS}

_NOBODY = uuid.UUID(int=0)
_FRAGMENT = 32_768
_RUN = re.compile(r"\{(.)\*(\d+)\}")


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
    """Answers what was recorded; what it has to say is in `queues`, by command."""

    def __init__(self, *names: str) -> None:
        self.asked_xml: list[str] = []
        self.queues: dict[str, list[bytes]] = {"": []}
        self.done: dict[str, bool] = {}
        """Whether the last state of a pipeline was recorded."""
        self._answers = [
            (recorded(pipeline), pipeline["said"])
            for name in names
            for pipeline in BY_NAME[name]["pipelines"]
        ]
        self._pool = _NOBODY
        self._sent = 0
        self._parts: dict[str, bytes] = {}

    @property
    def asked(self) -> list:
        """What was asked, one pipeline after another."""
        return [asked_in(xml) for xml in self.asked_xml]

    def take(self, data: bytes, command: str) -> None:
        """Take fragments of the client for the pool or a command."""
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
            self.asked_xml.append(xml)
            mine = repr(asked_in(xml))
            said = next((said for asked, said in self._answers if repr(asked) == mine), [])
            self._say(said, command)
            if said:
                self.done[command] = any(kind == "PIPELINE_STATE" for kind, _ in said)

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
                self.queues[command].append(
                    struct.pack(">QQBI", self._sent, index, flags, len(part)) + part
                )
