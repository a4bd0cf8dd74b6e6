"""The parser, the list of subcommands, and the handling of errors."""

from __future__ import annotations

import argparse
import errno
import importlib
import os
import sys
from collections.abc import Iterable, Mapping, Sequence

from nestlab import __version__
from nestlab.cli import notebook_options
from nestlab.cli.command import Subcommand, examples_text
from nestlab.cli.console import Console
from nestlab.cli.language_option import add_language
from nestlab.cli.parser import Parser
from nestlab.enumerations import all_of
from nestlab.errors import NestlabError
from nestlab.texts import language, mark, set_language, tr, translate
from nestlab.texts.command_line import language_option, without_language

_COMMANDS: Mapping[str, tuple[str, str]] = {
    **{
        name: (name, "COMMAND")
        for name in ("check", "validate", "draw", "trace", "nesting", "explain", "plan", "apply")
    },
    "verify": ("verify", "COMMAND"),
    "undo": ("undo", "COMMAND"),
    "journals": ("undo", "JOURNALS"),
    "reset": ("reset", "COMMAND"),
    "destroy": ("destroy", "COMMAND"),
    "drift": ("drift", "COMMAND"),
    "capture": ("capture", "COMMAND"),
    "adopt": ("adopt", "COMMAND"),
    "export": ("export", "COMMAND"),
    "import": ("import_lab", "COMMAND"),
    "workshop": ("workshop", "COMMAND"),
    "simulate": ("simulate", "COMMAND"),
    "notebooks": ("copy_notebooks", "COMMAND"),
    "lite": ("lite.command", "COMMAND"),
    "doctor": ("doctor.command", "COMMAND"),
    "test": ("testing", "COMMAND"),
}
"""The module and the constant of each subcommand, in the order of the help."""

INTERRUPTED = 130
_DISK_FULL = (errno.ENOSPC, errno.EFBIG)
BROKEN_PIPE = 141  # what a shell reports for a program ended by SIGPIPE

DESCRIPTION = mark("""\
nestlab: nested Hyper-V labs, in notebooks and on the command line.

Without a command it opens JupyterLab on the notebooks, with a simulated host ready.""")

EXAMPLES = (
    mark("nestlab                                         open the notebooks"),
    mark("nestlab validate lab.yml                        check the topology file"),
    mark(
        "nestlab trace lab.yml web1 internet             whether web1 reaches the internet, and if not, why"
    ),
    mark("nestlab draw lab.yml -o lab.svg                 draw it"),
    mark("nestlab plan lab.yml                            what would change on the host, and why"),
    mark("nestlab apply lab.yml --step                    apply it, one step at a time"),
    mark("nestlab check --host winrms://hv01.contoso.com  what that host supports"),
    "",
    mark(
        "HOST is sim:SCENARIO, local: (this machine), winrms://NAME, winrm://NAME or ssh://USER@NAME; without --host it is the simulated host ws2022-intel."
    ),
    mark("A simulated host is new in each command; sim:SCENARIO?state=FILE keeps it in a file."),
    mark(
        "Exit codes: 0 success; 1 findings, a failed step, a started guest without a heartbeat, or not reachable;"
    ),
    mark(
        "            2 invalid usage, unreadable input, or credentials that are missing or cannot be used;"
    ),
    mark("            3 host not reachable or access denied; 130 interrupted."),
)


def run(argv: Sequence[str] | None = None) -> int:
    """Parse and run the command; report an error as a message and an exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    chosen = language_option(arguments)
    if not chosen:
        return _run(arguments)
    before = language()
    set_language(chosen)
    try:
        return _run(arguments)
    finally:
        set_language(before)


def _run(arguments: list[str]) -> int:
    try:
        options = build_parser(without_language(arguments)[:1]).parse_args(arguments)
    except SystemExit as end:  # argparse has printed its message or its help
        return end.code if isinstance(end.code, int) else 2
    except KeyboardInterrupt:  # while the modules of the command are imported
        Console(as_json=False).error_line(tr("\nnestlab: interrupted"))
        return INTERRUPTED
    debug = getattr(options, "debug", False) or bool(os.environ.get("NESTLAB_DEBUG"))
    console = Console(as_json=getattr(options, "json", False))
    try:
        code: int = options.run(options, console)
    except KeyboardInterrupt:
        console.error_line(tr("\nnestlab: interrupted"))
        return INTERRUPTED
    except BrokenPipeError:  # `nestlab plan … | head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except Exception as error:  # noqa: BLE001  # the outermost handler
        return _report(error, console, debug=debug)
    return code


def _report(error: Exception, console: Console, *, debug: bool) -> int:
    if debug:
        import traceback  # noqa: PLC0415  # rarely needed

        console.error_line("".join(traceback.format_exception(error)))
    if isinstance(error, NestlabError):
        console.error_line(f"nestlab: {error}")
        return error.exit_code
    if isinstance(error, OSError):
        console.error_line(f"nestlab: {_os_error_text(error)}")
        return 2
    console.error_line(
        tr("nestlab: unexpected error: {name}: {error}", name=type(error).__name__, error=error)
    )
    if not debug:
        console.error_line(
            tr(
                "  This is a bug in nestlab. Run the same command with --debug and report the output."
            )
        )
    return 1


def _os_error_text(error: OSError) -> str:
    """Return the message of an OSError: the path if known, the system's error, what to check."""
    what = error.strerror or str(error) or type(error).__name__
    names = [str(name) for name in (error.filename, error.filename2) if name]
    if names:
        return tr(
            "{files}: {what}.\n  Check the path, and your permission to read and write there.",
            files=all_of(names),
            what=what,
        )
    if error.errno in _DISK_FULL:
        return tr(
            "{what}.\n  Free space on the disk that the command writes to, then run it again; existing files were kept.",
            what=what,
        )
    return tr(
        "the operating system reported: {what}.\n  Check the disks, permissions and network of this machine; --debug shows where it happened.",
        what=what,
    )


def commands(names: Iterable[str] = _COMMANDS) -> tuple[Subcommand, ...]:
    """Return the subcommands with these names; without names, all of them."""
    found: list[Subcommand] = []
    for name in names:
        module, attribute = _COMMANDS[name]
        found.append(getattr(importlib.import_module(f"nestlab.cli.{module}"), attribute))
    return tuple(found)


def build_parser(arguments: Sequence[str] = ()) -> argparse.ArgumentParser:
    """Return the parser of the whole command line.

    Where the first argument is a subcommand, the other subcommands are left out: `nestlab simulate
    --stdio` starts for each session, and need not import what applies a topology.
    """
    shared = Parser(add_help=False)
    shared.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help=tr("print JSON")
    )
    shared.add_argument(
        "--debug",
        action="store_true",
        default=argparse.SUPPRESS,
        help=tr("show the traceback of an unexpected error"),
    )
    add_language(shared)
    parser = Parser(
        prog="nestlab",
        description=translate(DESCRIPTION),
        epilog=examples_text(EXAMPLES),
        parents=[shared],
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"nestlab {__version__}",
        help=tr("show program's version number and exit"),
    )
    notebook_options.add_arguments(parser)
    parser.set_defaults(run=_open_notebooks)
    # Without `prog`, argparse would format the usage of all options for it.
    subparsers = parser.add_subparsers(title=tr("commands"), metavar="COMMAND", prog="nestlab")
    for command in commands(
        arguments[:1] if arguments and arguments[0] in _COMMANDS else _COMMANDS
    ):
        command.add_to(subparsers, shared)
    return parser


def _open_notebooks(options: argparse.Namespace, console: Console) -> int:
    from nestlab.cli import notebooks  # noqa: PLC0415  # no other command needs it

    return notebooks.run(options, console)
