"""The script of a topology and its data file: PowerShell for users without Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from nestlab.dataclass import dataclass
from nestlab.errors import UsageError
from nestlab.export.planned_run import PlannedRun
from nestlab.export.powershell.described_step import DescribedStep, described_steps
from nestlab.export.powershell.fields import FieldNames
from nestlab.export.powershell.modules import modules_of
from nestlab.export.powershell.script_help import script_help
from nestlab.export.powershell.script_texts import script_texts
from nestlab.export.powershell.source import (
    INDENT,
    block,
    comment,
    data_text,
    pipeline_text,
)
from nestlab.export.powershell.step_code import Absent, Query, Same, StepChange, StepCode
from nestlab.model import path_text
from nestlab.model.powershell_text import quoted
from nestlab.model.topology import Topology
from nestlab.texts import tr
from nestlab.version import __version__


@dataclass(frozen=True)
class ScriptFiles:
    """A script and its data file, as text."""

    script: str
    data: str


def script_files(
    topology: Topology, run: PlannedRun, script_file: str, data_file: str
) -> ScriptFiles:
    """Return the script that builds a topology, and its data.

    Args:
        topology: the lab.
        run: all steps that a run on an empty host took.
        script_file: the name of the script.
        data_file: the name of the data file, in the folder of the script.

    Raises:
        UsageError: a step cannot be in a script, or not all steps are known.
    """
    _require_steps(topology, run)
    steps = described_steps(topology, run)
    codes, tables = [], {}
    for number, described in enumerate(steps, start=1):
        key, names = f"Step{number:03}", FieldNames()
        codes.append(_step_code(key, described, names))
        tables[key] = described.data(names.values)
    accounts = sorted({name for step in steps for name in (*step.accounts, *step.text_accounts)})
    data = {
        "Topology": topology.name,
        "Accounts": accounts,
        "Texts": script_texts(),
        "Steps": tables,
    }
    parts = [
        script_help(topology, script_file, data_file, accounts),
        *(f"#Requires {line}" for line in ("-Version 5.1", *_required(run), "-RunAsAdministrator")),
        _PARAMETERS,
        _SETTINGS.replace("'DATA_FILE'", quoted(data_file)),
        _packaged_text("LabFunctions.ps1"),
        "$steps = @(\n" + "\n".join(codes) + "\n)",
        _packaged_text("LabSteps.ps1"),
    ]
    return ScriptFiles(_script(parts), _data_file(topology, data, steps))


def _require_steps(topology: Topology, run: PlannedRun) -> None:
    if run.refused.errors:
        first = run.refused.errors[0]
        message = tr(
            "The steps of {topology} cannot be planned: {subject}: {problem}",
            topology=topology.name,
            subject=first.subject,
            problem=first.message,
        )
        where_planned = tr(
            "The steps of a script are planned on a simulated host, which has the images, adapters and existing switches that the topology expects. `nestlab validate` lists all findings."
        )
        raise UsageError(message, hint=f"{first.hint} {where_planned}")
    if run.problem:
        message = tr(
            "Not all steps of {topology} are known: {problem}",
            topology=topology.name,
            problem=run.problem,
        )
        hint = tr(
            "A script has the steps that a run on the simulated host took: `nestlab apply` shows how far it gets."
        )
        raise UsageError(message, hint=hint)


def _script(parts: Sequence[str]) -> str:
    requires = [part for part in parts if part.startswith("#Requires")]
    help_, *rest = (part for part in parts if not part.startswith("#Requires"))
    attributes, *others = rest
    head = "\n".join([help_, *requires, attributes])
    return "\n\n".join([head, *others]) + "\n"


def _required(run: PlannedRun) -> Iterator[str]:
    on_host = [
        stage.name
        for step in run.steps
        if not step.runs_on
        for cmdlet in step.cmdlets
        for stage in cmdlet.stages
    ]
    yield f"-Modules {', '.join(modules_of(on_host))}"


_PARAMETERS = """\
[CmdletBinding(SupportsShouldProcess)]
[OutputType([pscustomobject])]
param(
    [hashtable] $GuestAccount = @{},

    [ValidateRange(1, 1440)]
    [int] $TimeoutMinutes = 30
)"""

_SETTINGS = """\
Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

# Import-PowerShellDataFile refuses files of more than 5,000 values; this reads the same language.
$lab = Import-LocalizedData -BaseDirectory $PSScriptRoot -FileName 'DATA_FILE'"""


@cache
def _packaged_text(name: str) -> str:
    text = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return text.replace("\r\n", "\n").rstrip()


def _step_code(key: str, described: DescribedStep, names: FieldNames) -> str:
    code, one, two = described.code, INDENT, INDENT * 2
    entries = [f"Step = {quoted(key)}"]
    if code.conflicts:
        blocks = [block(_queries(each.queries, names), depth=3) for each in code.conflicts]
        listed = "".join(f"{INDENT * 3}{text}\n" for text in blocks)
        entries.append(f"Conflicts = @(\n{listed}{two})")
    entries.append(f"Test = {block(_queries(code.test, names), depth=2)}")
    changes = _change_lines(code, names)
    entries.append(f"Change = {block(changes, depth=2)}")
    flags = {
        "OnHost": code.on_host,
        "Restarts": code.restarts,
        "Stops": code.stops,
        "TestedLater": code.tested_later,
    }
    entries += [f"{name} = $true" for name, given in flags.items() if given]
    step = described.step
    return "\n".join(
        [
            one + comment(f"{path_text(step.machine)}: {step.title}"),
            one + comment(f"Why: {step.why}"),
            one + "@{",
            *(two + entry for entry in entries),
            one + "}",
        ]
    )


def _queries(queries: Sequence[Query], names: FieldNames) -> list[str]:
    texts = [_query(query, names) for query in queries]
    return [f"{text} -and" for text in texts[:-1]] + texts[-1:]


def _query(query: Query, names: FieldNames) -> str:
    if isinstance(query, Absent):
        return f"(-not ({pipeline_text(query.pipeline, names)}))"
    if not isinstance(query, Same):
        return f"[bool] ({pipeline_text(query, names)})"
    wanted = f"$Data.{names.name(query.wanted)}"
    found = (
        f"{pipeline_text(query.pipeline, names)} | Select-Object -ExpandProperty {query.property}"
    )
    return f"((@({found}) -join ' ') -eq (@({wanted}) -join ' '))"


def _change_lines(code: StepCode, names: FieldNames) -> list[str]:
    lines = [[*_change(change, names)] for change in code.changes]
    if not code.cleanup:
        return [line for change in lines for line in change]
    cleanup = [pipeline_text(cmdlet, names, changes=True) for cmdlet in code.cleanup]
    inner = [line for change in lines[code.before_cleanup :] for line in change]
    return [
        *(line for change in lines[: code.before_cleanup] for line in change),
        "try {",
        *_indented(inner),
        "} finally {",
        *_indented(cleanup),
        "}",
    ]


def _indented(lines: Sequence[str]) -> Iterator[str]:
    return (INDENT + line for text in lines for line in text.split("\n"))


def _change(change: StepChange, names: FieldNames) -> Iterator[str]:
    text = pipeline_text(change.cmdlet, names, changes=True)
    if not change.unless:
        yield text
        return
    unless = " -and ".join(_query(query, names) for query in change.unless)
    yield f"if (-not ({unless})) {{"
    yield from _indented([text])
    yield "}"


def _data_file(topology: Topology, data: Mapping[str, Any], steps: Sequence[DescribedStep]) -> str:
    tables = []
    for (key, table), described in zip(data["Steps"].items(), steps, strict=True):
        place = comment(f"{path_text(described.step.machine)}: {described.step.title}")
        tables.append(f"{INDENT * 2}{place}\n{INDENT * 2}{key} = {data_text(table, 2)}")
    return "\n".join(
        [
            comment(f"Data of the lab {topology.name}, written by nestlab {__version__}."),
            "@{",
            f"{INDENT}Topology = {quoted(topology.name)}",
            "",
            f"{INDENT}# Names of credentials, which the script asks for. Never write a password here.",
            f"{INDENT}Accounts = {data_text(data['Accounts'])}",
            "",
            f"{INDENT}# What the script says while it runs.",
            f"{INDENT}Texts = {data_text(data['Texts'], 1)}",
            "",
            f"{INDENT}Steps = @{{",
            "\n\n".join(tables),
            f"{INDENT}}}",
            "}",
            "",
        ]
    )
