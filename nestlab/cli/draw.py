"""``nestlab draw``: a picture of a topology."""

from __future__ import annotations

import argparse

import nestlab
from nestlab.cli.command import Subcommand, add_topology, output_file
from nestlab.cli.console import Console
from nestlab.texts import mark, tr


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_topology(parser)
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        type=output_file,
        required=True,
        help=tr(
            "the file to write; its extension chooses the format: svg, png, pdf, mmd (Mermaid), drawio or dot"
        ),
    )


def _run(options: argparse.Namespace, console: Console) -> int:
    from nestlab import drawing  # noqa: PLC0415  # keeps --help quick

    topology = nestlab.load(options.topology)
    drawing.save(topology, options.output)
    if console.as_json:
        console.document({"topology": topology.name, "file": str(options.output)})
    console.line(tr("Wrote {file}", file=options.output))
    if options.output.suffix.lower() == ".mmd":
        for notice in drawing.mermaid_notices(options.output.read_text(encoding="utf-8")):
            console.line(notice)
    return 0


COMMAND = Subcommand(
    name="draw",
    summary="draw a topology: svg, png, pdf, Mermaid, draw.io or dot",
    description="Draw a topology as nested boxes. The file's extension chooses the format. A topology with errors can be drawn as well.",
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab draw lab.yml -o lab.svg",
        mark("nestlab draw lab.yml -o lab.mmd      for Markdown pages"),
    ),
)
