"""What could not be read is said to be not known: no verdict gets better by it, and nothing else takes its place."""

from dataclasses import dataclass

import pytest

import nestlab
from nestlab.model import ErrorRecord, Outcome, Record
from nestlab.observe import observe
from nestlab.rules import host_findings

_RANK = {"cannot-nest": 0, "nesting-not-known": 1, "can-nest": 2}
_NOT_KNOWN = ("not known", "could not be read", "does not answer this account")


@dataclass
class Without:
    """A session in front of another: one statement is refused, or one property of what it gives is not there."""

    inner: object
    line: str
    property: str = ""
    host, machine = "test", ()

    def run(self, *statements, **_options):
        outcomes = [self._one(statement) for statement in statements]
        records = tuple(record for outcome in outcomes for record in outcome.records)
        return Outcome(records, tuple(error for outcome in outcomes for error in outcome.errors))

    def _one(self, statement):
        if str(statement) != self.line:
            return self.inner.run(statement)
        if self.property:
            return Outcome(tuple(self._cut(record) for record in self.inner.run(statement)))
        if statement.parameters["ErrorAction"] == "SilentlyContinue":
            return Outcome()
        target = f"root/cimv2:{statement.parameters.get('ClassName', '')}"
        return Outcome(
            (),
            (
                ErrorRecord(
                    "Access is denied.",
                    "PermissionDenied",
                    f"AccessDenied,{statement.name}",
                    target,
                ),
            ),
        )

    def _cut(self, record):
        kept = {name: value for name, value in record.properties.items() if name != self.property}
        return Record(record.type_names, {**kept, self.property: None}, record.text)


class Listening(Without):
    """A session that keeps the lines of what it is asked."""

    def _one(self, statement):
        self.asked.append(statement)
        return self.inner.run(statement)


def asked_of(address):
    session = Listening(nestlab.connect(address), "")
    session.asked = []
    observe(session)
    return session.asked


ASKED = [
    pytest.param("sim:ws2022-intel", str(statement), id=str(statement))
    for statement in asked_of("sim:ws2022-intel")
]
# Properties that decide, of hosts whose verdict or whose VMs they decide about.
_OS, _COMPUTER, _PROCESSOR = (
    f"Get-CimInstance -ClassName 'Win32_{name}'"
    for name in ("OperatingSystem", "ComputerSystem", "Processor")
)
PROPERTIES = [
    ("sim:ws2022-intel", _OS, "BuildNumber", "build of Windows"),
    ("sim:ws2022-intel", _OS, "OperatingSystemSKU", "edition"),
    ("sim:ws2022-intel", _OS, "DataExecutionPrevention_Available", "data execution prevention"),
    ("sim:ws2022-intel", _COMPUTER, "TotalPhysicalMemory", "memory of the host"),
    ("sim:ws2022-intel", _COMPUTER, "HypervisorPresent", "whether the host has"),
    ("sim:no-role", _COMPUTER, "HypervisorPresent", None),
    ("sim:ws2022-intel", _PROCESSOR, "Manufacturer", "manufacturer"),
    ("sim:ws2022-intel", _PROCESSOR, "Architecture", "architecture"),
    ("sim:ws2022-intel", _PROCESSOR, "NumberOfLogicalProcessors", "logical processors"),
    ("sim:no-role", _PROCESSOR, "VirtualizationFirmwareEnabled", "turned on in the firmware"),
    ("sim:no-role", _PROCESSOR, "VMMonitorModeExtensions", "VM monitor mode"),
    ("sim:no-role", _PROCESSOR, "SecondLevelAddressTranslationExtensions", "second level"),
    ("sim:ws2022-intel", "Get-VMHost ", "MacAddressMinimum", "pool"),
    ("sim:ws2022-intel", "Get-VMHost ", "VirtualHardDiskPath", "disk space"),
    ("sim:ws2022-intel", "Get-VM ", "Version", "configuration version is not known"),
]


def findings(address, line="", without=""):
    return host_findings(observe(Without(nestlab.connect(address), line, without)))


def line_of(address, beginning):
    return next(line for line in map(str, asked_of(address)) if line.startswith(beginning))


@pytest.mark.parametrize(("address", "line"), ASKED)
def test_a_refused_question_makes_no_verdict_better_and_is_named(address, line):
    before, after = findings(address), findings(address, line)
    assert _RANK[after[0].code] <= _RANK[before[0].code]
    name, *_ = line.split()
    named = [item for item in after if any(words in item.message for words in _NOT_KNOWN)]
    assert any(name in f"{item.message} {item.evidence}" for item in named), [
        str(item) for item in named
    ]


@pytest.mark.parametrize(("address", "beginning", "name", "words"), PROPERTIES)
def test_a_missing_property_makes_no_verdict_better_and_is_named(address, beginning, name, words):
    before, after = findings(address), findings(address, line_of(address, beginning), name)
    assert _RANK[after[0].code] <= _RANK[before[0].code]
    named = [
        item
        for item in after
        if any(unknown in item.message for unknown in _NOT_KNOWN) and (words or "") in item.message
    ]
    assert named or words is None
    assert {item.code for item in after if item.severity == "error"} <= {
        "cannot-nest",
        *(item.code for item in before),
    }
