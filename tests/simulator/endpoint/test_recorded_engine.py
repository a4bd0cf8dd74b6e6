"""The simulated server beside a real one: recorded conversations, message by message.

The commands of the recordings are stand-ins on both sides. What is compared is what a client could
notice: objects with their types, texts and members, in any order of members. Ids, times, versions
of .NET and names of machines are made equal before. What still differs is in `EXCEPTIONS`, with
the reason.
"""

from __future__ import annotations

import json
import re
import struct
import threading
import uuid
from xml.etree import ElementTree as ET

import pytest
from psrpcore.types import PSRPMessageType

from nestlab.simulator import runspace
from nestlab.simulator.endpoint.messages.pool_xml import private_data
from nestlab.simulator.endpoint.psrp.defragmenter import HEADER, ServerDefragmenter
from nestlab.simulator.endpoint.psrp.pipelines import Pipelines
from nestlab.simulator.endpoint.psrp.remoting_server import RemotingServer
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.powershell.binding import signatures
from nestlab.simulator.powershell.session_state import DEFAULT_CONFIGURATION
from tests.simulator.endpoint.stand_ins import HANDLERS, SCALARS, SIGNATURES
from tests.transport.replayed import BY_NAME, OPENING

POOL = uuid.UUID(int=5)
NAMES = {
    "PIPELINE_OUTPUT": PSRPMessageType.PipelineOutput,
    "ERROR_RECORD": PSRPMessageType.ErrorRecord,
    "PIPELINE_STATE": PSRPMessageType.PipelineState,
    "VERBOSE_RECORD": PSRPMessageType.VerboseRecord,
    "WARNING_RECORD": PSRPMessageType.WarningRecord,
    "PROGRESS_RECORD": PSRPMessageType.ProgressRecord,
    "SESSION_CAPABILITY": PSRPMessageType.SessionCapability,
    "APPLICATION_PRIVATE_DATA": PSRPMessageType.ApplicationPrivateData,
    "RUNSPACEPOOL_STATE": PSRPMessageType.RunspacePoolState,
}
KINDS = {kind: name for name, kind in NAMES.items()}
_RUN = re.compile(r"\{(.)\*(\d+)\}")


class Client:
    """The client's side of a conversation: its messages are those of the recording."""

    def __init__(self):
        self.messages = []
        self.done = threading.Event()
        self._reader = ServerDefragmenter()
        host = SimulatedHost.from_scenario("ws2022-intel")
        pipelines = Pipelines(host, clock_rate=1.0, guest_passwords={})
        data = private_data(pipelines.machine_name, pipelines.private_data())
        self._server = RemotingServer(self, pipelines.runner(DEFAULT_CONFIGURATION), data)
        self._sent = 0
        for kind, xml in _OPENING:
            self._send(kind, uuid.UUID(int=0), xml)
        self.opening = list(self.messages)

    def ask(self, statements):
        """Run statements of the form of the recording; return the server's messages."""
        pipeline = uuid.uuid4()
        self.messages.clear()
        self.done.clear()
        self._server.create(pipeline)
        self._send(PSRPMessageType.CreatePipeline, pipeline, create_pipeline(statements))
        assert self.done.wait(60)
        self._server.close(pipeline)
        return list(self.messages)

    def _send(self, kind, pipeline, xml):
        head = struct.pack("<II", 2, kind) + POOL.bytes_le + pipeline.bytes_le
        self._sent += 1
        data = head + xml.encode()
        self._server.feed(HEADER.pack(self._sent, 0, 3, len(data)) + data)

    def output_of(self, pipeline_id):
        assert isinstance(pipeline_id, uuid.UUID)
        return self.put

    def put(self, head, body):
        for _, message in self._reader.feed(head + body):
            (kind,) = struct.unpack_from("<I", message, 4)
            self.messages.append((kind, message[40:].decode("utf-8", "surrogatepass")))

    def finish(self, _pipeline_id):
        self.done.set()

    def report_refusal(self, _pipeline_id, problem):
        raise AssertionError(problem)

    def report_loss(self, problem):
        raise AssertionError(problem)


_CAPABILITY = (
    '<Obj RefId="0"><MS><Version N="protocolversion">2.3</Version><Version N="PSVersion">2.0</Version>'
    '<Version N="SerializationVersion">1.1.0.1</Version></MS></Obj>'
)
_HOST = (
    '<Obj RefId="3" N="HostInfo"><MS><B N="_isHostNull">true</B><B N="_isHostUINull">true</B>'
    '<B N="_isHostRawUINull">true</B><B N="_useRunspaceHost">true</B></MS></Obj>'
)
_INIT = (
    '<Obj RefId="0"><MS><I32 N="MinRunspaces">1</I32><I32 N="MaxRunspaces">1</I32>'
    '<Obj RefId="1" N="PSThreadOptions"><I32>0</I32></Obj><Obj RefId="2" N="ApartmentState"><I32>2</I32></Obj>'
    f'{_HOST}<Nil N="ApplicationArguments" /></MS></Obj>'
)
_OPENING = (
    (PSRPMessageType.SessionCapability, _CAPABILITY),
    (PSRPMessageType.InitRunspacePool, _INIT),
)
_MERGE = "".join(
    f'<Obj RefId="8{number}" N="{name}"><ToString>None</ToString><I32>0</I32></Obj>'
    for number, name in enumerate(
        ("MergeMyResult", "MergeToResult", "MergePreviousResults", "MergeError")
    )
)


def create_pipeline(statements):
    """Return the message that asks for these statements, with all invocation data as pypsrp asks for it."""
    lists = ["".join(_command(*command) for command in statement) for statement in statements]
    first = f'<Obj RefId="5" N="Cmds"><LST>{lists[0]}</LST></Obj>'
    extra = "".join(
        f'<Obj RefId="9"><MS><Obj N="Cmds" RefId="90"><LST>{item}</LST></Obj></MS></Obj>'
        for item in lists
    )
    extra = f'<Obj RefId="91" N="ExtraCmds"><LST>{extra}</LST></Obj>' * (len(lists) > 1)
    return (
        '<Obj RefId="0"><MS><B N="NoInput">true</B><Obj RefId="1" N="ApartmentState"><I32>2</I32></Obj>'
        '<Obj RefId="2" N="RemoteStreamOptions"><I32>15</I32></Obj><B N="AddToHistory">false</B>'
        f'{_HOST}<Obj RefId="4" N="PowerShell"><MS><B N="IsNested">false</B>{extra or _NO_EXTRA}{first}'
        '<Nil N="History" /><B N="RedirectShellErrorOutputPipe">false</B></MS></Obj>'
        '<B N="IsNested">false</B></MS></Obj>'
    )


_NO_EXTRA = '<Nil N="ExtraCmds" />'


def _command(name, arguments):
    given = "".join(
        f'<Obj RefId="7"><MS><S N="N">{key}</S>{_named(value)}</MS></Obj>'
        for key, value in arguments
    )
    return (
        f'<Obj RefId="6"><MS><S N="Cmd">{name}</S><B N="IsScript">false</B><Nil N="UseLocalScope" />'
        f'{_MERGE}<Obj RefId="70" N="Args"><LST>{given}</LST></Obj></MS></Obj>'
    )


def _named(xml):
    return re.sub(r"^<(\w+)", r'<\1 N="V"', xml)


# -- what a client reads


def read(xml):
    """Return a message as plain values, in which equal means that no client sees a difference."""
    if not xml:
        return None
    text = _RUN.sub(lambda match: match[1] * int(match[2]), xml).replace("&#xFFFE;", "_xFFFE_")
    return _Reader().read(ET.fromstring(text))  # noqa: S314  # our own files


_ASSEMBLY = re.compile(
    r", (?:System\.Private\.CoreLib|mscorlib), Version=[\d.]+, Culture=\w+, PublicKeyToken=\w+"
)


class _Reader:
    def __init__(self):
        self._types = {}
        self._objects = {}

    def read(self, element):
        if element.tag == "Ref":
            return self._objects[element.get("RefId")]
        if element.tag != "Obj":
            return (element.tag, element.text or "")
        parts = self._objects[element.get("RefId")] = {}
        for child in element:
            if child.tag == "TN":
                names = [_ASSEMBLY.sub("", item.text) for item in child]
                self._types[child.get("RefId")] = parts["types"] = names
            elif child.tag == "TNRef":
                parts["types"] = self._types[child.get("RefId")]
            elif child.tag in {"MS", "Props"}:
                members = {item.get("N"): self.read(item) for item in child}
                parts.setdefault("members", {}).update(members)
            elif child.tag == "DCT":
                parts["entries"] = [[self.read(item) for item in entry] for entry in child]
            elif child.tag in {"LST", "QUE", "STK", "IE"}:
                parts["items"] = [self.read(item) for item in child]
            elif child.tag == "ToString":
                parts["text"] = child.text or ""
            else:
                parts["value"] = self.read(child)
        return parts


def differences(ours, theirs, path=""):
    """Return what differs, by the path of members to it."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        found = []
        for key in sorted({*ours, *theirs}):
            inner = f"{path}/{key}" if key != "members" else path
            if key not in ours:
                found.append(f"{inner}: missing {str(theirs[key])[:200]}")
            elif key not in theirs:
                found.append(f"{inner}: added {str(ours[key])[:200]}")
            else:
                found += differences(ours[key], theirs[key], inner)
        return found
    return [] if ours == theirs else [f"{path}: {str(ours)[:300]} for {str(theirs)[:300]}"]


@pytest.fixture(scope="module")
def client():
    """A client of a simulated host that knows the commands of the recordings."""
    with pytest.MonkeyPatch.context() as patch:
        _, rows = signatures._table()
        for name, row in SIGNATURES.items():
            patch.setitem(rows, name, json.dumps(row))
        signatures._canonical_names.cache_clear()
        known = runspace.handlers_for
        patch.setattr(
            runspace, "handlers_for", lambda *given, **more: {**known(*given, **more), **HANDLERS}
        )
        yield Client()
    signatures._canonical_names.cache_clear()


_NOT_WRITTEN = "No simulated command writes such a value."
NOT_COMPARED = {
    "end-in-the-middle": "The command ends its process: test_stdio does that.",
    "error-throw": "No simulated command is a script with `throw`.",
    "many-objects": "Twenty times the object of one-command.",
    "raw-standard-output": "No simulated command writes to its process's output: test_stdio does.",
    "statements-first-missing-afterwards": "Asks what the conversation before it left.",
    "statements-middle-missing-afterwards": "Asks what the conversation before it left.",
    "read-host": "No simulated command reads from its client.",
    **{
        name: "Tells what arrived, in a record of the stand-in; test_wire compares that."
        for name in BY_NAME
        if name.startswith(("parameter-", "switch-null-cmdlet"))
    },
    **{
        name: _NOT_WRITTEN
        for name in BY_NAME
        if name.startswith("output-") and name.removeprefix("output-") not in SCALARS
    },
}
"""Conversations that are left out, with the reason."""

EXCEPTIONS = {
    r"/Exception/(Source|TargetSite|InnerException)$": "The inside of .NET, which no text is shown of.",
    r"/Exception/(ParameterName|ParameterType|TypeSpecified)$": "The text has them; the record of the simulator does not.",
    r"/InvocationInfo/Statement$": "PowerShell 7.4 and newer.",
    r"/CommandInfo_Definition$": "The source of a function, which the simulated commands have none of.",
    r"/ErrorDetails_ScriptStackTrace$": "The place in that source.",
    r"^PROGRESS_RECORD/(CurrentOperation|SecondsRemaining)$": "No simulated command tells them.",
    r"^PROGRESS_RECORD/StatusDescription: .* for \('S', 'Processing'\)": "A space in 5.1, as recorded there.",
    r"^APPLICATION_PRIVATE_DATA/": "The version table of 5.1, and how fast the virtual clock goes.",
    r"^PIPELINE_OUTPUT/(AdapterList|Address|Bytes|IsDeleted|Empty|First|Flags|Large|Letter|Link|Mixed|Money|NoGuid|"
    r"Nothing|Numbers|Plain|Ratio|Single|Small|States|Table|Texts|Version)\b": _NOT_WRITTEN,
    r"^ERROR_RECORD/ErrorCategory_\w+: .*(Acty|Rea|TN|TT)\b": "Words of its own that Write-Error gave the record.",
    r"^ERROR_RECORD/ErrorDetails_(Message|RecommendedAction)$": "The same.",
    r"^PIPELINE_OUTPUT/ProcessorCount: \('I64'": "Int64 in Hyper-V's class, Int32 in the stand-in.",
    r"^PIPELINE_OUTPUT/NetworkAdapters/types": "Lists are Object[]: their element type is read by nobody.",
}
"""What still differs, by kind of message and path, with the reason."""

ASKS_FIRST = {"confirm", "whatif"}
"""Stand-ins that wrote what they were given before they asked; a simulated command asks first."""

_SPECIAL_DOUBLES = (
    # 7 has other words than 5.1 for the same errors.
    (
        r"as a name of a cmdlet, function, script file, or executable program\._x000A_",
        "as the name of a cmdlet, function, script file, or operable program. ",
    ),
    (r"The input string '[^']*' was not in a correct", "Input string was not in a correct"),
    # The sentence of a question is the command's own.
    ("Set the VM", "Set-WireVM"),
    # The text of an exception goes on with that of its inner one.
    (r"_x000A_ ---&gt; [^<]*", ""),
)


def messages_of(said, *, outputs=True):
    """Return kinds and contents of the messages that are compared, in the order that they come in."""
    found, ended = [], []
    for kind, xml in said:
        text = xml
        for pattern, word in _SPECIAL_DOUBLES:
            text = re.sub(pattern, word, text)
        if kind == "PROGRESS_RECORD" and "<ToString>Completed<" in text:
            # A simulated command's activity ends with the command; "Preparing modules" is what 5.1
            # says at the first command of a session.
            ended += [(kind, read(text))] if "Preparing modules" not in text else []
        elif kind == "PIPELINE_STATE":
            found += [*ended, (kind, read(text))]
        elif kind != "INFORMATION_RECORD" and (outputs or kind != "PIPELINE_OUTPUT"):
            found.append((kind, read(text)))
    return found


def unexplained(kind, ours, theirs):
    """Return the differences of two messages that no exception explains."""
    found = [f"{kind}{difference}" for difference in differences(ours, theirs)]
    return [
        item
        for item in found
        if not any(re.search(pattern, item.partition(": ")[0]) for pattern in EXCEPTIONS)
        and not any(re.search(pattern, item) for pattern in EXCEPTIONS if ": " in pattern)
    ]


def test_a_session_opens_as_with_a_real_server(client):
    ours = [(KINDS[kind], xml) for kind, xml in client.opening]
    assert [kind for kind, _ in ours] == [kind for kind, _ in OPENING["said"]]
    for (kind, xml), (_, recorded) in zip(ours, OPENING["said"], strict=True):
        assert unexplained(kind, read(xml), read(recorded)) == []


@pytest.mark.parametrize("name", sorted(BY_NAME.keys() - NOT_COMPARED.keys()))
def test_a_client_notices_no_difference(client, name):
    for pipeline in BY_NAME[name]["pipelines"]:
        said = [(KINDS[kind], xml) for kind, xml in client.ask(pipeline["asked"])]
        outputs = name not in ASKS_FIRST
        ours = messages_of(said, outputs=outputs)
        theirs = messages_of(pipeline["said"], outputs=outputs)
        assert [kind for kind, _ in ours] == [kind for kind, _ in theirs]
        for (kind, mine), (_, recorded) in zip(ours, theirs, strict=True):
            assert unexplained(kind, mine, recorded) == []


def test_every_conversation_is_compared_or_says_why_not():
    assert NOT_COMPARED.keys() <= BY_NAME.keys()
    assert len(BY_NAME.keys() - NOT_COMPARED.keys()) > 30
