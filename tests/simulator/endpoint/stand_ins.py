"""The commands of the recorded conversations, as handlers of the simulated host.

The engine was given stand-ins too: cmdlets that write what a test needs. These write the same.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from uuid import UUID

from nestlab.model import ErrorRecord, Progress, Record
from nestlab.simulator.powershell.call import PowerShellError
from nestlab.simulator.powershell.should_process import cannot_prompt
from nestlab.simulator.powershell.values.object_types import enum_value

MODULE = "Microsoft.PowerShell.Utility"  # one that every machine has
NAME = UUID("6f0d3c52-0a3b-4c3e-9a39-0f8c1b7d6a01")
LONGEST = timedelta(days=10675199, hours=2, minutes=48, seconds=5, microseconds=477580)
CUSTOM = ("System.Management.Automation.PSCustomObject", "System.Object")


def row(kind="Function", impact="", **parameters):
    """Return a row of the table of signatures."""
    found = {
        "module": MODULE,
        "type": kind,
        "output": "None",
        "sets": ["__AllParameterSets"],
        "default": "__AllParameterSets",
        "parameters": parameters,
    }
    return found | ({"impact": impact} if impact else {})


SIGNATURES = {
    "Get-Mark": row(V={"type": "String", "in": "1"}),
    "Get-Scalar": row(Kind={"type": "String"}),
    "Get-Many": row(Count={"type": "Int32"}, Size={"type": "Int32"}),
    "Get-WireVM": row("Cmdlet", Name={"type": "String"}),
    "Set-WireVM": row(
        "Cmdlet", "Medium", Name={"type": "String[]"}, TurnOff={"type": "SwitchParameter"}
    )
    | {"class": "Wire.SetWireVM"},
    "Write-Streams": row(WithError={"type": "SwitchParameter"}),
    "Test-Mandatory": row(
        Name={"type": "String", "in": "!"},
        N={"type": "Int32", "range": [1, 5]},
    ),
    "Test-Throw": row(What={"type": "String"}),
}


def scalar(kind, value, text="", **notes):
    """Return a plain value as a record."""
    names = (f"System.{kind}", "System.ValueType", "System.Object")
    return Record(names, {"Value": value, **notes}, text or str(value))


STATE = enum_value("VMState", "Running")

SCALARS = {
    "big": scalar("Double", 1e20),
    "bool": scalar("Boolean", True),
    "bytes": scalar("Byte[]", b"\x01\x02\x03"),
    "guid": scalar("Guid", NAME),
    "inf": scalar("Double", math.inf),
    "local": scalar("DateTime", datetime(2026, 11, 28, 10, tzinfo=UTC)),
    "nan": scalar("Double", math.nan),
    "negzero": scalar("Double", -0.0),
    "note": scalar("String", "decorated", PSPath="C:\\x"),
    "pso": Record(
        CUSTOM,
        {
            "A": 1,
            "B": {"x": 1},
            "C": [1, 2],
            "D": Record(CUSTOM, {"E": Record(CUSTOM, {"F": 1}, "")}, ""),
            "S": "t",
            "N": None,
        },
    ),
    "selnum": scalar("String", "web1", State=STATE),
    "span": scalar("TimeSpan", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
    "string": scalar("String", "plain"),
    "text": scalar("String", "tab\t nl\n cr\r nul\0 x _x0041_ 😀 \ufffe"),
    "u64": scalar("UInt64", (1 << 64) - 1),
    "unspec": scalar("DateTime", datetime(2026, 11, 28, 10)),  # noqa: DTZ001  # without a kind
}


TYPES = (
    "Microsoft.HyperV.PowerShell.VirtualMachine",
    "Microsoft.HyperV.PowerShell.VirtualizationObject",
    "System.Object",
)


MARKS = []


def mark(machine, bound, sink):
    if "V" in bound:
        MARKS.append(str(bound["V"]))
    sink.output(scalar("String", MARKS[-1]))


def write_scalar(machine, bound, sink):
    sink.output(SCALARS[str(bound["Kind"])])


def many(machine, bound, sink):
    if "Size" in bound:
        sink.output(scalar("String", "x" * bound["Size"]))
    for number in range(bound.get("Count") or 0):
        sink.output(scalar("Int32", number))


def vm(machine, bound, sink):
    name = str(bound["Name"])
    adapters = [Record(("X",), {}, f"VMNetworkAdapter (Name = 'n{number}')") for number in (1, 2)]
    properties = {
        "Name": name,
        "Id": NAME,
        "State": STATE,
        "Uptime": timedelta(days=1, hours=2, minutes=3, seconds=4.5),
        "CreationTime": datetime(2026, 11, 28, 10, tzinfo=UTC),
        "MemoryStartup": 4 << 30,
        "ProcessorCount": 2,
        "DynamicMemoryEnabled": True,
        "Nesting": enum_value("OnOffState", "On"),
        "NetworkAdapters": adapters,
        "Notes": "line\r\nbreak \1 _x0041_ 😀",
        "ComputerName": "ENGINE",
    }
    sink.output(Record(TYPES, properties, f"VirtualMachine (Name = '{name}') [Id = '{NAME}']"))


def set_vm(machine, bound, sink):
    for name in ("Name", "WhatIf", "Confirm"):
        kind, text = (
            ("System.String[]", "[String:w]")
            if name == "Name"
            else (
                "System.Management.Automation.SwitchParameter",
                "True",
            )
        )
        if name in bound:
            sink.output(Record(CUSTOM, {"Name": name, "Type": kind, "Text": text}))
    if bound.confirm:
        raise cannot_prompt(bound)


def streams(machine, bound, sink):
    sink.output(scalar("String", "first"))
    sink.warning("careful")
    sink.verbose("talk")
    sink.progress(Progress("Act", "Stat", 42, activity_id=3))
    if bound.is_present("WithError"):
        exception = "Microsoft.PowerShell.Commands.WriteErrorException"
        sink.error(ErrorRecord("bad", "InvalidData", "MyId,Write-Streams", "tgt", exception))
    sink.output(scalar("String", "last"))


def throw(machine, bound, sink):
    what, kind = str(bound["What"]), "System.Management.Automation.RuntimeException"
    raise PowerShellError(ErrorRecord(what, "OperationStopped", what, what, kind))


HANDLERS = {
    "Get-Mark": mark,
    "Get-Scalar": write_scalar,
    "Get-Many": many,
    "Get-WireVM": vm,
    "Set-WireVM": set_vm,
    "Write-Streams": streams,
    "Test-Mandatory": mark,
    "Test-Throw": throw,
}
