"""How the questions are put to the simulator, and how its answers and the engine's are compared."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from nestlab.model import ErrorRecord, SwitchParameter
from nestlab.simulator.powershell.action_preferences import report
from nestlab.simulator.powershell.binding.bound import Bound, BoundArguments
from nestlab.simulator.powershell.binding.parameters import Signature
from nestlab.simulator.powershell.binding.signatures import make_signature, signature
from nestlab.simulator.powershell.call import Call, CollectingSink, PowerShellError
from nestlab.simulator.powershell.pipeline_processor import run_call
from nestlab.simulator.powershell.session_state import SessionState
from nestlab.simulator.powershell.values.wildcard import escape, has_wildcard, matches
from tests.simulator.engine.notation import (
    CUSTOM,
    as_record,
    data_of,
    plain_numbers,
    questions,
    value_of,
)

# What .NET says since version 5 and later, and what the .NET Framework of Windows PowerShell 5.1
# says in its place.
_WORDING = (
    (
        re.compile(r"The input string '[^']*' was not in a correct format\."),
        "Input string was not in a correct format.",
    ),
    (re.compile(r" ?\(Parameter '[^']*'\)"), ""),
    (
        re.compile(r"input \('[^']*'\) must be a non-negative value\.\s*Actual value was -?\d+\."),
        "Version's parameters must be greater than or equal to zero.",
    ),
    (re.compile(r"Invalid pattern '(.*)' at offset \d+\. ", re.DOTALL), r'parsing "\1" - '),
    (re.compile(r"Quantifier '.' following nothing"), "Quantifier {x,y} following nothing"),
    (re.compile(r"Nested quantifier '(.*)'"), r"Nested quantifier \1"),
    (re.compile(r"String '[^']*' was not recognized"), "String was not recognized"),
    (re.compile(r"The string '[^']*' was not recognized"), "The string was not recognized"),
    (re.compile(r"unknown word starting at index '(\d+)'"), r"unknown word starting at index \1"),
    (re.compile(r"The TimeSpan string '[^']*' could not"), "The TimeSpan could not"),
    (
        re.compile(r"Unrecognized Guid format\."),
        "Guid should contain 32 digits with 4 dashes (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx).",
    ),
    (re.compile(r"Inquire,Ignore,Suspend,Break"), "Inquire,Ignore,Suspend"),
    (re.compile(r"try again:\s+"), "try again: "),
    (
        re.compile(
            r" One or more parameters issued cannot be used together or an insufficient number of parameters were provided\."
        ),
        "",
    ),
    (re.compile(r" The host was attempting to request confirmation.*", re.DOTALL), ""),
)


def words(text: str) -> str:
    """Return a message in the words of 5.1, without blanks at its end."""
    for pattern, replacement in _WORDING:
        text = pattern.sub(replacement, text)
    return text.rstrip()


@cache
def made_up() -> dict[str, Signature]:
    """Return the commands that stand for one rule each."""
    return {row["name"]: make_signature(row["name"], row) for row in questions("commands")}


def command(name: str) -> Signature:
    """Return a command by its name."""
    known = made_up().get(name) or signature(name)
    assert known is not None, name
    return known


def error_data(record: ErrorRecord, *, ends: bool) -> dict:
    """Write an error as the files have it."""
    data = {
        "id": record.fully_qualified_error_id,
        "category": record.category,
        "ends": ends,
        "text": words(record.message),
    }
    return data | ({"target": record.target} if record.target else {})


class _Errors:
    """A sink for the errors of a pipeline."""

    def __init__(self) -> None:
        self.data: list[dict] = []

    def error(self, record: ErrorRecord) -> None:
        self.data.append(error_data(record, ends=False))


def binding(row: dict) -> dict:
    """Bind a call, and the objects that come; return sets, values and errors."""
    call = Call(row["command"], tuple((name, value_of(value)) for name, value in row["call"]))
    binds: list[list] = []
    errors = _Errors()
    try:
        arguments = BoundArguments(call, command(row["command"]), piped="pipe" in row)
        for item in row.get("pipe", [None]):
            try:
                bound = (
                    arguments.without_object()
                    if "pipe" not in row
                    else arguments.bind_object(as_record(value_of(item)))
                )
                binds.append([bound.parameter_set, _bound_data(bound)])
            except PowerShellError as error:
                report(error, arguments.without_object().error_action, errors)
    except PowerShellError as error:
        errors.data.append(error_data(error.record, ends=True))
    return {"binds": binds, "errors": errors.data}


def _bound_data(bound: Bound) -> dict:
    return {name: plain_numbers(data_of(bound[name])) for name in bound}


def statement(row: dict) -> dict:
    """Bind a call as a script has it: whether an error ended the script was not written down."""
    answer = binding(row)
    for error in answer["errors"]:
        del error["ends"]
    return answer


def expected_binding(row: dict) -> dict:
    """Return what the engine said, as far as the simulator keeps it."""
    binds = [
        [name, {key: plain_numbers(_engine_value(value)) for key, value in values.items()}]
        for name, values, *_ in row["binds"]
    ]
    return {
        "binds": binds,
        "errors": [{**error, "text": words(error["text"])} for error in row["errors"]],
    }


def _engine_value(pair: list) -> object:
    """From [word, value] to the notation."""
    word, *content = pair
    match word:
        case "null":
            return None
        case "list":
            return [_engine_value(item) for item in content[0]]
        case "enum":
            return {"enum": [content[0], None]}
        case "table":
            return {
                "table": [[_engine_value(key), _engine_value(item)] for key, item in content[0]]
            }
    kind = _ENGINE_KINDS.get(word)
    return content[0] if kind is None else {kind: content[0]}


_ENGINE_KINDS = {
    "int": "Int64",
    "double": "Double",
    "switch": "Switch",
    "timespan": "TimeSpan",
    "guid": "Guid",
    "datetime": "datetime",
    "obj": "obj",
}


def same_binding(actual: object, wanted: object) -> bool:
    """Compare what is bound: enums by name, objects by class and text, times by their text."""
    if isinstance(wanted, dict) and isinstance(actual, dict):
        if "enum" in wanted and "enum" in actual:
            return wanted["enum"][0] == actual["enum"][0]
        if "datetime" in wanted and "DateTime" in actual:
            return (
                data_of(value_of({"DateTime": wanted["datetime"]}))["DateTime"][0]
                == actual["DateTime"][0]
            )
        if "obj" in wanted:
            return "object" in actual or "vm" in actual or "credential" in actual
        return wanted.keys() == actual.keys() and all(
            same_binding(actual[key], wanted[key]) for key in wanted
        )
    if isinstance(wanted, dict) and "obj" in wanted:
        return isinstance(actual, str | int | list | bool)  # an object around a plain value
    if isinstance(wanted, list) and isinstance(actual, list):
        return len(wanted) == len(actual) and all(
            same_binding(one, other) for one, other in zip(actual, wanted, strict=True)
        )
    return type(actual) is type(wanted) and actual == wanted


def conversion(row: dict) -> dict:
    """Give a value to the parameter V of a type; return its value, or how it is refused."""
    kind = {"Switch": "SwitchParameter"}.get(row["type"], row["type"])
    data: dict = {"type": kind}
    if kind in {"OnOffState", "VMState", "VMSwitchType"}:
        data["net"] = f"Microsoft.HyperV.PowerShell.{kind}"
    made = {
        "module": "Test",
        "type": "Function" if row["by"] == "function" else "Cmdlet",
        "sets": ["__AllParameterSets"],
        "default": None,
    }
    stand_in = make_signature("Test-Conversion", {**made, "output": "", "parameters": {"V": data}})
    try:
        bound = BoundArguments(
            Call("Test-Conversion", (("V", value_of(row["value"])),)), stand_in
        ).without_object()
    except PowerShellError as error:
        reason = words(error.record.message)
        for beginning in (
            "Cannot bind parameter 'V'. ",
            "Cannot process argument transformation on parameter 'V'. ",
        ):
            reason = reason.removeprefix(beginning)
        return {
            "refused": error.record.error_id,
            "category": error.record.category,
            "reason": reason,
        }
    return {"gives": plain_numbers(data_of(bound["V"]))}


def expected_conversion(row: dict) -> dict:
    """Return what the engine made of the value."""
    if "gives" in row:
        return {"gives": plain_numbers(row["gives"])}
    return {"refused": row["refused"], "category": row["category"], "reason": words(row["reason"])}


@dataclass(frozen=True)
class _Target:
    """A machine that has every command."""

    name: str = "HOST"

    def has_command(self, name: str, module: str, /) -> bool:
        return bool(name or module)


_FEED = make_signature(
    "Write-Them",
    {
        "module": "Test",
        "type": "Function",
        "sets": ["__AllParameterSets"],
        "default": None,
        "output": "",
        "parameters": {},
    },
)


class _Feeding(SessionState):
    """A session with a command more, which writes the objects of a question."""

    def find(self, name: str) -> Signature:
        return _FEED if name == "Write-Them" else super().find(name)


def run(commands: list, objects: list) -> tuple[list, list[ErrorRecord], ErrorRecord | None]:
    """Run commands over objects; return what comes out, the errors, and the error that ended it."""
    call: Call | None = None
    for name, parameters in reversed(commands):
        arguments = tuple(
            (item[0], value_of(item[1]) if len(item) > 1 else SwitchParameter.ON)
            for item in parameters
        )
        call = Call(name, arguments, call)

    def write(_machine: object, _bound: Bound, sink: object) -> None:
        for item in objects:
            sink.output(as_record(value_of(item)))

    sink = CollectingSink()
    ended = None
    try:
        run_call(Call("Write-Them", (), call), _Feeding(_Target(), {"Write-Them": write}), sink)
    except PowerShellError as error:
        ended = error.record
    return sink.records, sink.errors, ended


def comparison(row: dict) -> object:
    """Let an object pass Where-Object, or not."""
    if "value" in row:
        left, parameters = row["value"], [["Property", "P"]]
    else:
        left, parameters = row["left"], [["Property", "P"], ["Value", row["right"]]]
        parameters += [[row["operator"]]] if row["operator"] else []
    records, errors, ended = run(
        [["Where-Object", parameters]], [{"object": ["T"], "with": [["P", left]]}]
    )
    error = ended or next(iter(errors), None)
    if error is not None:
        return {
            "error": error.error_id,
            "terminating": ended is not None,
            "message": words(error.message),
        }
    return bool(records)


def expected_comparison(row: dict) -> object:
    """Return whether the engine let it pass, or its error."""
    answer = row["gives"]
    return {**answer, "message": words(answer["message"])} if isinstance(answer, dict) else answer


def wildcard(row: dict) -> object:
    """Ask about a pattern."""
    ask = row.get("ask")
    if ask == "has_wildcard":
        return has_wildcard(row["pattern"])
    if ask == "escape":
        return escape(row["pattern"])
    try:
        return matches(row["pattern"], row["text"], case_sensitive=row["case_sensitive"])
    except PowerShellError as error:
        return {"error": error.record.error_id}


def expected_wildcard(row: dict) -> object:
    """Return what the engine said of a pattern."""
    answer = row["gives"]
    return {"error": answer["error"]} if isinstance(answer, dict) and "error" in answer else answer


def objects(row: dict) -> dict:
    """Run object commands; return what comes out."""
    records, errors, ended = run(row["commands"], row["objects"])
    answer: dict = {"gives": [plain_numbers(_result(data_of(record))) for record in records]}
    if errors:
        answer["errors"] = [
            {"id": error.error_id, "message": words(error.message)} for error in errors
        ]
    if ended:
        answer["ends"] = {"id": ended.error_id, "message": words(ended.message)}
    return answer


def _result(data: object) -> object:
    """The standard deviation of a measurement is left out."""
    if isinstance(data, dict) and "object" in data:
        kind = data["object"][0].replace(
            f"Selected.{CUSTOM}", "Selected.T"
        )  # all custom objects are T in the questions
        return {
            "object": [kind],
            "with": [pair for pair in data["with"] if pair[0] != "StandardDeviation"],
        }
    return data


def expected_objects(row: dict) -> dict:
    """Return what came out of the engine."""
    answer: dict = {"gives": [plain_numbers(item) for item in row["gives"]]}
    if "errors" in row:
        answer["errors"] = [
            {"id": error["id"], "message": words(error["message"])} for error in row["errors"]
        ]
    if "ends" in row:
        answer["ends"] = {"id": row["ends"]["id"], "message": words(row["ends"]["message"])}
    return answer
