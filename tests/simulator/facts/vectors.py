"""The vectors: one for each known fact about Hyper-V, as data, and what it means that a host obeys one.

`docs/simulated-host.md` says what the abbreviated sources are (REF, DOC, W32, ...).
"""

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import yaml

from nestlab.errors import CmdletError, NestlabError
from nestlab.model import EnumValue
from nestlab.simulator.behaviour.powershell_direct import guest_user
from nestlab.simulator.endpoint.psrp.statements import CONFIGURATIONS
from nestlab.simulator.powershell.call import Call, CollectingSink, PowerShellError
from nestlab.simulator.runspace import Runspace
from nestlab.simulator.scenarios import load_scenario
from nestlab.transport.simulated import SimulatedSession
from tests.simulator.facts.typed import typed

FOLDER = Path(__file__).parents[2] / "cases" / "simulator"
HYPER_V = "Microsoft.HyperV.PowerShell.Commands."
SURE = {"documented", "observed", "source", "inferred", "conflict"}
STRICT = {"errors", "direct", "remoting", "nesting", "versions"}
"""Tables in which a refusal says its text, category and id; what of these no source shows is under `guessed`."""
_HYPER_V_IDS = "InvalidParameter|ObjectNotFound|AccessDenied|InvalidState|NotSupported|ObjectInUse|OutOfMemory|OperationFailed|Unspecified"
_EXCEPTIONS = (  # of which type is the exception of an error, by its fully qualified id
    (
        r"(Ambiguous|Cannot|Missing|Named|Parameter)\w+,",
        "System.Management.Automation.ParameterBinding",
    ),
    (
        rf"({_HYPER_V_IDS}),Microsoft\.(HyperV|Vhd)\.PowerShell\.",
        "Microsoft.HyperV.PowerShell.VirtualizationException",
    ),
    (r"(Windows System Error|HRESULT) \w+,", "Microsoft.Management.Infrastructure.CimException"),
    (r"CmdletizationQuery_", "Microsoft.PowerShell.Cmdletization.Cim.CimJobException"),
    (r"Microsoft\.Dism\.Commands\.", "System.Runtime.InteropServices.COMException"),
)
_ENUM = re.compile(r"(\w+) \((\d+)\)")
_PYTHON_TYPES = {"Guid": UUID, "String": str, "Boolean": bool, "Int64": int, "TimeSpan": timedelta}


@dataclass(frozen=True)
class Vector:
    """One fact: the host it is about, what was done before, what is done, and what comes of it."""

    name: str
    row: str
    source: str
    sure: str
    when: str = ""
    scenario: str = "ws2022-intel"
    over: dict = field(default_factory=dict)  # keys of a scenario file, laid over that scenario
    world: dict = field(default_factory=dict)  # dotted attribute of the world -> value
    given: tuple = ()
    refused: dict = field(default_factory=dict)
    warns: str = ""
    gives: list | None = None
    then: tuple = ()
    switch: str = ""  # of an inference or a conflict: the quirk that turns it
    configuration: str = "Microsoft.PowerShell"  # the session configuration of the session
    test: str = ""  # where it is tested, when by no cmdlet: a test below tests/
    guessed: tuple = ()  # of what is sure otherwise: the parts that no source shows

    def __post_init__(self):
        assert self.sure in SURE, self.name
        assert self.test or self.refused or self.warns or self.gives is not None, (
            f"{self.name} expects nothing"
        )
        assert bool(self.test) != bool(self.when), f"{self.name} is tested here or elsewhere"
        assert set(self.refused) <= {"text", "category", "id", "target"}, self.name
        if self.refused and self.name.partition("/")[0] in STRICT:
            assert {"text", "category", "id"} <= set(self.refused), (
                f"{self.name} does not say all of its error"
            )
            assert len(self.refused["text"].replace("...", "")) > 10, f"{self.name} takes any text"
            assert set(self.guessed) <= set(self.refused), (
                f"{self.name} guesses what it does not say"
            )


def all_vectors():
    for path in sorted(FOLDER.glob("*.yml")):
        for name, data in yaml.safe_load(path.read_text(encoding="utf-8")).items():
            yield Vector(f"{path.stem}/{name}", **data)


def prepare(host, vector):
    """Bring a simulated host into the state that a vector begins with."""
    world = _scenario(vector)
    with host.exclusively():
        clock = host.clock
        world.clock.time_scale = clock.time_scale
        host._world = world
    for path, value in vector.world.items():
        *parents, last = path.split(".")
        target = world
        for parent in parents:
            target = getattr(target, parent)
        assert hasattr(target, last), path
        setattr(target, last, value)
    session = SimulatedSession(Runspace(host), "sim:prepared")
    for line in _flat(vector.given):
        if line.startswith("wait "):
            session.wait(float(line.removeprefix("wait ")))
        else:
            run(session, line)
    run(
        session, "Get-Service"
    )  # what the time that passed brings about is there before anybody looks


def _scenario(vector):
    if not vector.over:
        return load_scenario(vector.scenario)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "over.json"
        path.write_text(
            json.dumps({"based_on": vector.scenario, "description": vector.row, **vector.over}),
            encoding="utf-8",
        )
        return load_scenario(str(path))


def _flat(lines):
    for line in lines:
        if isinstance(line, str):
            yield line
        else:
            yield from _flat(line)


def run(session, line):
    path, cmdlet = typed(line)
    for name in path:
        session = session.guest(name, "lab-admin")
    return session.run(cmdlet)


def check(host, session, vector):
    """Do what the vector does, through a session, and compare what comes of it."""
    before = state(host)
    if vector.refused:
        error = _refusal(session, vector.when)
        if isinstance(error, CmdletError):
            record = error.record
        else:
            record = _way_in(host, vector)
            assert record.message in str(error)
        _compare_error(host, record, vector.refused)
        assert state(host) == before, "a refused cmdlet changed something"
        if vector.gives is not None:
            _compare_records(_continued(host, session, vector), vector.gives)
    else:
        outcome = run(session, vector.when)
        assert outcome.errors == ()
        assert (
            [vector.warns] == list(outcome.warnings)
            if vector.warns
            else not outcome.warnings or "restart" in outcome.warnings[0]
        )
        if vector.gives is not None:
            _compare_records(outcome.records, vector.gives)
    for step in vector.then:
        _compare_records(run(session, step["when"]).records, step["gives"])


def _continued(host, session, vector):
    """What a refused cmdlet writes beside its error, where errors end nothing."""
    outcome = run(session, f"{vector.when} -ErrorAction Continue")
    for record in outcome.errors:
        _compare_error(host, record, vector.refused)
    assert outcome.errors
    return outcome.records


def state(host):
    data = host.world.to_dict()
    data.pop("clock")
    return data


def _refusal(session, line):
    try:
        outcome = run(session, line)
    except NestlabError as error:
        return error
    raise AssertionError(f"{line} was not refused: {outcome}")


def says(expected, text):
    """Whether a text is the expected one; ``...`` stands for anything that the sources leave out."""
    return (
        re.fullmatch(
            ".*".join(re.escape(part) for part in expected.strip().split("...")), text, re.DOTALL
        )
        is not None
    )


def _way_in(host, vector):
    """The error of the way into a guest, which a session makes one of its own of."""
    path, cmdlet = typed(vector.when)
    runspace = runspace_of(host, vector)
    for name in path:
        runspace = runspace.guest(name, guest_user(runspace.host.machine), None)
    try:
        runspace.invoke([Call.from_cmdlet(cmdlet)], CollectingSink())
    except PowerShellError as error:
        return error.record
    raise AssertionError(f"{vector.when} reaches its guest")


def runspace_of(host, vector):
    """Return a runspace of the configuration that a vector asks for."""
    (configuration,) = (item for item in CONFIGURATIONS if item.name == vector.configuration)
    return Runspace(host, configuration=configuration)


def _compare_error(host, record, expected):
    text = expected["text"]
    for name in re.findall(r"\{id of ([^}]+)\}", text):
        vm = next(vm for vm in host.machine.hyper_v.vms if vm.name == name)
        text = text.replace(f"{{id of {name}}}", vm.id.upper())
    assert says(text, record.message), record.message
    if "id" in expected:
        assert record.fully_qualified_error_id == expected["id"].replace(",HV.", f",{HYPER_V}")
    if "category" in expected:
        assert record.category == expected["category"]
    if "target" in expected:
        assert record.target == expected["target"]
    for pattern, exception in _EXCEPTIONS:
        if re.match(pattern, record.fully_qualified_error_id):
            assert record.exception_type.startswith(exception)
            break


def _compare_records(records, expected):
    if isinstance(expected, int):
        assert len(records) == expected
        return
    assert len(records) == len(expected), [record.text for record in records]
    for record, properties in zip(records, expected, strict=True):
        for name, value in properties.items():
            assert name in record, f"there is no property {name}"
            assert fits(record[name], value), f"{name} is {record[name]!r}, not {value!r}"


def fits(actual, expected):
    """Whether a value is the expected one: ``Off (3)`` is an enum value with its number, ``<Guid>`` any value of a type."""
    if isinstance(expected, str) and expected.startswith("<") and expected.endswith(">"):
        return type(actual) is _PYTHON_TYPES[expected.strip("<>")]
    enum = _ENUM.fullmatch(expected) if isinstance(expected, str) else None
    if enum and isinstance(actual, EnumValue):
        return actual == EnumValue(enum[1], int(enum[2]))
    if enum and isinstance(actual, str):
        # Remoting writes an enum property as its name; the numbers are held by the table of types.
        return actual == enum[1] or actual == expected
    if isinstance(expected, list):
        return (
            isinstance(actual, list | tuple)
            and len(actual) == len(expected)
            and all(map(fits, actual, expected))
        )
    if isinstance(expected, str) and "..." in expected:
        return isinstance(actual, str) and says(expected, actual)
    return type(actual) is type(expected) and actual == expected
