"""``nestlab import``: a lab definition of another tool as a topology file."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import nestlab
from nestlab.cli.command import Subcommand, output_file
from nestlab.cli.console import Console
from nestlab.cli.findings import print_findings
from nestlab.constants import IMPORT_TOOLS
from nestlab.errors import UsageError
from nestlab.texts import mark, tr, tr_count, translate

if TYPE_CHECKING:
    from nestlab.importers import ImportedLab


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "tool",
        metavar="TOOL",
        choices=IMPORT_TOOLS,
        help=tr("the tool that the definition is for: {tools}", tools=", ".join(IMPORT_TOOLS)),
    )
    parser.add_argument(
        "file",
        metavar="FILE",
        type=Path,
        nargs="?",
        help=tr(
            "the definition: a .psd1 file of Lability, the .json file that the export script of MSLab writes, or the Lab.xml of AutomatedLab"
        ),
    )
    parser.add_argument(
        "--script",
        action="store_true",
        help=tr("print the PowerShell script that exports a lab of MSLab"),
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=output_file,
        help=tr("the topology file to write (default: it is printed)"),
    )
    parser.add_argument("--force", action="store_true", help=tr("overwrite an existing file"))


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab.importers import import_lab  # noqa: PLC0415  # keeps --help quick

    if options.script:
        return _print_script(options, console)
    if options.file is None:
        message = tr("nestlab import {tool} needs a FILE.", tool=options.tool)
        raise UsageError(message, hint=translate(_WHERE_FROM[options.tool]))
    output: Path | None = options.output
    if output is not None and output.is_file() and not options.force:
        message = tr("{file} already exists and was not changed.", file=output)
        raise UsageError(message, hint=tr("Choose another file, or add --force to overwrite it."))
    imported = import_lab(options.file, options.tool)
    topology = imported.topology
    if output is not None:
        nestlab.save(topology, output)
        topology = nestlab.load(output)  # findings name the file and its lines
    findings = nestlab.validate(topology)
    if console.as_json:
        console.document(_document(imported, findings, output))
    elif output is None:
        console.line(imported.text.rstrip("\n"))
    else:
        console.line(tr("Wrote {file}: {count}.", file=output, count=_count(topology)))
    _report(imported, findings, console, with_findings=output is not None)
    return 0 if findings.ok else 1


_WHERE_FROM = {
    "lability": mark("Give the .psd1 file with the configuration data."),
    "mslab": mark(
        "`nestlab import mslab --script` prints the script that exports it: run that in the folder of LabConfig.ps1."
    ),
    "automatedlab": mark(
        "Give the Lab.xml that Export-LabDefinition writes, in its folder with Machines.xml."
    ),
}


def _print_script(options: argparse.Namespace, console: Console) -> int:
    from nestlab.importers import EXPORT_SCRIPT  # noqa: PLC0415  # keeps --help quick

    if options.tool != "mslab":
        message = tr("{tool} needs no export script.", tool=options.tool)
        raise UsageError(message, hint=translate(_WHERE_FROM[options.tool]))
    if console.as_json:
        console.document({"script": EXPORT_SCRIPT})
    console.line(EXPORT_SCRIPT.rstrip("\n"))
    return 0


def _document(
    imported: ImportedLab, findings: nestlab.Findings, output: Path | None
) -> dict[str, object]:
    return {
        "topology": imported.topology.to_dict(),
        "file": str(output) if output is not None else None,
        "left_out": [entry.to_dict() for entry in imported.left_out],
        **findings.to_dict(),
    }


def _report(
    imported: ImportedLab, findings: nestlab.Findings, console: Console, *, with_findings: bool
) -> None:
    """Print what is left out, and what `validate` finds.

    If the topology file is printed, its comments list what is left out, and only errors are
    reported.
    """
    if not with_findings:
        for finding in findings.errors:
            console.error_line(str(finding))
        return
    if imported.left_out and not console.as_json:
        console.line(tr("Not in the file, or in another form (comments in it list the same):"))
        for line in imported.left_out_lines:
            console.line(f"  {line}")
    if not console.as_json:
        console.line("nestlab validate:")  # not shown: a command
        print_findings(findings, console)


def _count(topology: nestlab.Topology) -> str:
    switches, vms = len(topology.switches), len(topology.vms)
    return ", ".join(
        (
            tr_count("{count} switch", "{count} switches", switches),
            tr_count("{count} VM", "{count} VMs", vms),
        )
    )


COMMAND = Subcommand(
    name="import",
    summary="write a lab definition of another tool as a topology file",
    description="Read a lab definition of another tool, and write it as a topology file: with defaults, counts and comments.\n"
    "Nothing of the definition is run, and no host is contacted. What the file does not have is listed, by object, on the screen and in its comments.\n"
    "lability: configuration data, a .psd1 file.\n"
    "mslab: the JSON that a script exports where LabConfig.ps1 is; --script prints that script.\n"
    "automatedlab: the Lab.xml that Export-LabDefinition writes, with Machines.xml beside it.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab import lability TestLab.psd1",
        "nestlab import lability TestLab.psd1 -o lab.yml",
        "nestlab import lability TestLab.psd1 -o lab.yml --force",
        "nestlab import mslab --script > Export-Lab.ps1",
        "nestlab import mslab LabConfig.json -o lab.yml",
        r"nestlab import automatedlab C:\ProgramData\AutomatedLab\Labs\Lab1\Lab.xml -o lab.yml",
    ),
)
