"""nestlab's client in front of a real PowerShell: recorded conversations, replayed message by message."""

from __future__ import annotations

import json
import math
import shlex
import sys
from datetime import UTC, datetime, timedelta
from urllib.parse import quote
from uuid import UUID

import pytest
from pypsrp.wsman import WSMan

import nestlab
from nestlab.errors import CmdletError, SessionBroken, StatementNotStarted
from nestlab.model import Cmdlet, EnumValue, Progress
from nestlab.transport.process import channel as process_channel
from nestlab.transport.process import local
from nestlab.transport.psrp import silence_watchdog
from nestlab.transport.winrm import channel
from tests.transport import replayed_over_stdio
from tests.transport.replayed import BY_NAME, asked_in, statements_of
from tests.transport.replayed_over_winrm import ReplayOverWinrm
from tests.transport.ssh_server import ssh_server  # noqa: F401

NAME = UUID("6f0d3c52-0a3b-4c3e-9a39-0f8c1b7d6a01")
LONGEST = timedelta(days=10675199, hours=2, minutes=48, seconds=5, microseconds=477580)

VALUES = {
    "output-big": ("System.Double", 1e20),
    "output-bool": ("System.Boolean", True),
    "output-bytes": ("System.Byte[]", b"\x01\x02\x03"),
    "output-char": ("System.Char", "a"),
    "output-date": ("System.DateTime", datetime.fromisoformat("2026-11-28")),
    "output-empty": ("System.Object[]", []),
    "output-enum": ("System.DayOfWeek", EnumValue("Monday", 1)),
    "output-guid": ("System.Guid", NAME),
    "output-hash": ("System.Collections.Hashtable", {"B": "x", "a": 1}),
    "output-inf": ("System.Double", math.inf),
    "output-local": ("System.DateTime", datetime(2026, 11, 28, 10, tzinfo=UTC)),
    "output-maxspan": ("System.TimeSpan", LONGEST),
    "output-minspan": ("System.TimeSpan", -LONGEST),
    "output-negzero": ("System.Double", 0.0),
    "output-note": ("System.String", "decorated"),
    "output-null": ("", None),
    "output-nulls": ("System.Object[]", [1, None, 2]),
    "output-ordered": ("System.Collections.Specialized.OrderedDictionary", {"b": 1, "a": 2}),
    "output-queue": ("System.Collections.Queue", [1, 2]),
    "output-selnum": ("System.String", "web1"),
    "output-span": ("System.TimeSpan", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
    "output-string": ("System.String", "plain"),
    "output-text": ("System.String", "tab\t nl\n cr\r nul\x00 x _x0041_ 😀 \ufffd"),
    "output-u64": ("System.UInt64", (1 << 64) - 1),
    "output-unspec": ("System.DateTime", datetime.fromisoformat("2026-11-28T10:00:00")),
    "output-uri": ("System.Uri", "http://localhost/a b"),
    "output-utc": ("System.DateTime", datetime(2026, 11, 28, 10, tzinfo=UTC)),
    "output-version": ("System.Version", "10.0.20348.1"),
    "many-fragments": ("System.String", "x" * 70_000),
    "mark-ran-on": ("System.String", "ran-on"),
    "open-pool": ("System.String", "x"),
    "raw-standard-output": ("System.String", "after"),
    "statements-first-missing-afterwards": ("System.String", "ran-on"),
    "statements-middle-missing-afterwards": ("System.String", "ran-too"),
}
"""One value each: its type, and what it is."""

PROPERTIES = {
    "output-date": {"DisplayHint": EnumValue("DateTime", 2)},
    "output-note": {"PSPath": "C:\\x"},
    "output-selnum": {"State": EnumValue("Running", 2)},
    "output-hashset": {"Value": ["a", "b"], "Count": 2},
    "output-measure": {"Count": 3, "Sum": 6.0},
    "output-notext": {"A": 1},
    "output-pso": {"A": 1, "B": {"x": 1}, "C": [1, 2], "D": {"E": {"F": 1}}, "S": "t", "N": None},
    "one-command": {
        "State": "Running",
        "MemoryStartup": 4 << 30,
        "Nesting": "On",
        "Texts": ["a", "b"],
        "Table": {"x": 1},
        "Version": "9.0",
    },
    "pipeline-of-three": {"Name": "web1", "State": EnumValue("Running", 2)},
}
"""Properties that the one record has, among others."""

TEXTS = {
    "output-dbnull": ("System.DBNull", ""),
    "output-errrec": ("System.Management.Automation.ErrorRecord", "x"),
    "output-exc": (
        "System.Exception",
        "System.Exception: msg\n ---> System.ArgumentException: inner\n   --- End of inner exception stack trace ---",
    ),
    "output-hashset": ("System.Collections.Generic.HashSet`1", ""),
    "output-ip": ("System.Net.IPAddress", "10.0.0.1"),
    "output-mac": ("System.Net.NetworkInformation.PhysicalAddress", "00155D000001"),
    "output-measure": (
        "Microsoft.PowerShell.Commands.GenericMeasureInfo",
        "Microsoft.PowerShell.Commands.GenericMeasureInfo",
    ),
    "output-notext": ("Microsoft.HyperV.PowerShell.NoText", "Microsoft.HyperV.PowerShell.NoText"),
    "output-pso": ("System.Management.Automation.PSCustomObject", ""),
    "one-command": (
        "Microsoft.HyperV.PowerShell.VirtualMachine",
        f"VirtualMachine (Name = 'web1') [Id = '{NAME}']",
    ),
    "pipeline-of-three": ("Selected.Microsoft.HyperV.PowerShell.VirtualMachine", ""),
}
"""Type and text of the one record."""

ARRIVED = {
    "parameter-boolean": ("Dynamic", "System.Boolean", "False"),
    "parameter-bytes": ("Bytes", "System.Byte[]", None),
    "parameter-date-naive": ("When", "System.DateTime", None),
    "parameter-double": ("Ratio", "System.Double", "1.5"),
    "parameter-enum": ("State", None, "Off"),
    "parameter-guid": ("Id", "System.Guid", str(NAME)),
    "parameter-int": ("Count", "System.Int32", "5"),
    "parameter-null": ("Notes", "null", None),
    "parameter-size": ("MemoryStartupBytes", "System.Int64", str(8 << 30)),
    "parameter-span": ("Wait", "System.TimeSpan", str(93605 * 10**7)),
    "parameter-table": ("Table", "System.Collections.Hashtable", None),
    "parameter-text": ("Notes", "System.String", None),
    "parameter-texts": ("Texts", "System.String[]", "[String:a,String:b]"),
    "parameter-uint64": ("U64", "System.UInt64", "5"),
    "switch-null-cmdlet": ("Force", "System.Management.Automation.SwitchParameter", "True"),
    "whatif": ("WhatIf", "System.Management.Automation.SwitchParameter", "True"),
}
"""The record of this name tells the .NET type and the text of what arrived."""

ERRORS = {
    "confirm": (
        "NotImplemented",
        "HostFunctionNotImplemented",
        "System.Management.Automation.Host.HostException",
    ),
    "error-conversion": ("InvalidData", "ParameterArgumentTransformationError", None),
    "error-missing-mandatory": ("InvalidArgument", "MissingMandatoryParameter", None),
    "error-not-found": (
        "ObjectNotFound",
        "CommandNotFoundException",
        "System.Management.Automation.CommandNotFoundException",
    ),
    "error-throw": ("OperationStopped", "broken", None),
    "error-unknown-parameter": ("InvalidArgument", "NamedParameterNotFound", None),
    "error-validation": ("InvalidData", "ParameterArgumentValidationError", None),
    "read-host": ("NotImplemented", "HostFunctionNotImplemented", None),
    "statements-middle-missing": ("ObjectNotFound", "CommandNotFoundException", None),
}
"""Category, error id and exception type of the error that ends it."""

STREAMS = (
    "error-silent",
    "streams",
    "switch-null-function",
    "switch-true-function",
    "statements-non-terminating",
)
OTHERS = {
    *STREAMS,
    "end-in-the-middle",
    "many-objects",
    "output-biglist",
    "output-nan",
    "statements-first-missing",
    "statements-ordinary",
}


class Asked:
    """What the client asked of a recorded server in a process of its own."""

    def __init__(self, log):
        self.log = log

    @property
    def asked(self):
        """What was asked, one pipeline after another."""
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [asked_in(json.loads(line)) for line in lines]


@pytest.fixture(params=["winrm", "local", "ssh"])
def replay(request, monkeypatch, tmp_path):
    """Start a recorded server, and return it and a session to it."""
    sessions = []

    def over_winrm(*names):
        server = ReplayOverWinrm(*names)

        class Replayed(WSMan):
            def __init__(self, *arguments, **options):
                super().__init__(*arguments, **options)
                self.transport = server

        monkeypatch.setattr(channel, "WSMan", Replayed)
        return server, nestlab.connect("winrm://replayed", username="ada", password="no matter")

    def over_stdio(*names):
        log = tmp_path / "asked"
        monkeypatch.setattr(local, "require_hyper_v_access", lambda _session: None)
        command = [sys.executable, replayed_over_stdio.__file__, str(log), *names]
        sessions.append(nestlab.connect("local:", command=command))
        return Asked(log), sessions[-1]

    def over_ssh(*names):
        log = tmp_path / "asked"
        server = request.getfixturevalue("ssh_server")
        server.use(monkeypatch)
        words = [sys.executable, replayed_over_stdio.__file__, str(log), *names]
        command = quote(shlex.join(words))
        sessions.append(nestlab.connect(f"{server.address}?command={command}"))
        return Asked(log), sessions[-1]

    yield {"winrm": over_winrm, "local": over_stdio, "ssh": over_ssh}[request.param]
    for session in sessions:
        session.close()


def run(replay, name, *more, **options):
    _, session = replay(name, *more)
    return session.run(*statements_of(name), **options)


def test_every_conversation_is_held_against_what_it_should_give():
    assert set(BY_NAME) == {*VALUES, *PROPERTIES, *TEXTS, *ARRIVED, *ERRORS, *OTHERS}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_arrives_with_its_type(replay, name):
    (record,) = run(replay, name)
    kind, value = VALUES[name]
    assert (record.type_name, record["Value"]) == (kind, value)
    assert type(record["Value"]) is type(value)


@pytest.mark.parametrize("name", PROPERTIES)
def test_properties_arrive_beside_it(replay, name):
    (record,) = run(replay, name)
    assert {key: record[key] for key in PROPERTIES[name]} == PROPERTIES[name]


@pytest.mark.parametrize("name", TEXTS)
def test_an_object_arrives_with_type_and_text(replay, name):
    (record,) = run(replay, name)
    kind, text = TEXTS[name]
    assert record.type_name.partition("[")[0] == kind
    assert record.text == text


@pytest.mark.parametrize("name", ARRIVED)
def test_a_parameter_goes_out_as_the_engine_took_it(replay, name):
    outcome = run(replay, name)
    parameter, kind, text = ARRIVED[name]
    (told,) = (record for record in outcome if record.get("Name") == parameter)
    assert kind is None or told["Type"] == kind
    assert text is None or told["Text"] == text
    assert (outcome.errors, outcome.warnings, outcome.verbose) == ((), (), ())


@pytest.mark.parametrize("name", ERRORS)
def test_an_error_is_the_engines_own(replay, name):
    with pytest.raises(CmdletError) as caught:
        run(replay, name)
    error = caught.value.record
    category, identity, kind = ERRORS[name]
    assert (error.category, error.error_id) == (category, identity)
    assert kind is None or error.exception_type == kind
    assert error.message


@pytest.mark.parametrize(
    ("name", "errors", "verbose"),
    [
        ("error-silent", 0, ()),
        ("streams", 0, ("talk",)),
        ("switch-null-function", 0, ()),
        ("switch-true-function", 1, ()),
    ],
)
def test_streams_arrive_and_the_end_of_an_activity_is_no_progress(replay, name, errors, verbose):
    told = []
    outcome = run(replay, name, on_progress=told.append)
    assert [record["Value"] for record in outcome] == ["first", "last"]
    assert (outcome.warnings, outcome.verbose) == (("careful",), verbose)
    assert [
        (error.error_id, error.category, error.message, error.target) for error in outcome.errors
    ] == [("MyId", "InvalidData", "bad", "TN")] * errors
    assert told == [Progress("Act", "Stat", 42, activity_id=3)]


def test_a_null_switch_of_a_function_was_off_so_nestlab_sends_none(replay):
    """`switch-null-function` has no error although its statement asked for one; `switch-true-function` has it."""
    server, session = replay("switch-true-function")
    session.run(
        Cmdlet(
            "Write-Streams",
            {"WithError": nestlab.model.SwitchParameter.ON, "ErrorAction": "Continue"},
        )
    )
    assert server.asked[0][0][0][1][1] == ("WithError", ("B", True))


def test_collections_and_what_is_no_number(replay):
    assert next(iter(run(replay, "output-biglist")))["Value"] == [1, 2]
    assert math.isnan(next(iter(run(replay, "output-nan")))["Value"])
    assert [record["Name"] for record in run(replay, "many-objects")] == [
        f"vm{number}" for number in range(20)
    ]


def test_a_character_that_no_xml_has_is_replaced_and_said(replay):
    outcome = run(replay, "output-text")
    assert [text for text in outcome.warnings if "Get-Scalar" in text and "\ufffd" in text] == list(
        outcome.warnings
    )
    assert len(outcome.warnings) == 1


def test_statements_that_share_a_pipeline_answer_in_order(replay):
    server, session = replay("statements-ordinary")
    outcome = session.run(*statements_of("statements-ordinary"))
    assert [record.text for record in outcome] == [
        "a",
        f"VirtualMachine (Name = 'web1') [Id = '{NAME}']",
        "a",
    ]
    assert len(server.asked) == 1


def test_a_group_whose_first_statement_fails_is_asked_again_and_nothing_is_lost(replay):
    """The engine says Completed, with one error and the second answer: the third is lost."""
    server, session = replay(
        "statements-first-missing", "output-string", "mark-ran-on", "error-not-found"
    )
    with pytest.raises(CmdletError, match="Get-Nonsense"):
        session.run(*statements_of("statements-first-missing"))
    assert [len(asked) for asked in server.asked] == [3, 1]
    outcome = (
        session.run(*statements_of("statements-first-missing")[1:2]),
        session.run(*statements_of("statements-first-missing")[2:]),
    )
    assert [record["Value"] for part in outcome for record in part] == ["plain", "ran-on"]


def test_an_error_that_ends_nothing_leaves_every_record(replay):
    outcome = run(replay, "statements-non-terminating")
    assert [record["Value"] for record in outcome] == ["b", "first", "last", "b"]
    assert [error.error_id for error in outcome.errors] == ["MyId"]


def test_a_server_that_ends_in_the_middle_is_a_broken_session(replay):
    with pytest.raises(SessionBroken, match="Invoke-Death"):
        run(replay, "end-in-the-middle")


def test_a_message_that_the_server_cannot_read_is_no_wait_without_end(replay, monkeypatch):
    monkeypatch.setattr(silence_watchdog, "UNANSWERED_SECONDS", 0.0)
    monkeypatch.setattr(process_channel, "RESPONSE_SECONDS", 1)
    _, session = replay("mark-ran-on")
    with pytest.raises(StatementNotStarted, match="Get-Unheard never started"):
        session.run(Cmdlet("Get-Unheard"))
    assert [record["Value"] for record in session.run(*statements_of("mark-ran-on"))] == ["ran-on"]
