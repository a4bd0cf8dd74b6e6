"""A subcommand of the command line, and the arguments that several share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

from nestlab.cli.console import Console
from nestlab.cli.parser import GivenOnce, Parser
from nestlab.constants import DEFAULT_HOST
from nestlab.dataclass import dataclass
from nestlab.model import Size
from nestlab.texts import tr, translate


@dataclass(frozen=True)
class Subcommand:
    """A subcommand: its help, its arguments, and the function that runs it.

    ``run`` gets the parsed arguments and the console, and returns the exit code.
    """

    name: str
    summary: str
    run: Callable[[argparse.Namespace, Console], int]
    add_arguments: Callable[[argparse.ArgumentParser], None]
    description: str = ""
    examples: tuple[str, ...] = ()

    def add_to(self, subparsers: argparse._SubParsersAction[Parser], shared: Parser) -> None:
        """Add the command to the parser."""
        parser = subparsers.add_parser(
            self.name,
            help=translate(self.summary),
            description=translate(self.description or self.summary),
            epilog=examples_text(self.examples),
            parents=[shared],
        )
        self.add_arguments(parser)
        parser.set_defaults(run=self.run)


def examples_text(examples: tuple[str, ...]) -> str:
    """Return the examples as the text that ends a help page, in the chosen language."""
    lines = (f"  {translate(example)}" for example in examples)
    return "\n".join([tr("examples:"), *lines]) if examples else ""


def add_topology(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Add the TOPOLOGY argument."""
    text = tr("topology file (YAML)")
    if optional:
        parser.add_argument("topology", metavar="TOPOLOGY", type=Path, nargs="?", help=text)
    else:
        parser.add_argument("topology", metavar="TOPOLOGY", type=Path, help=text)


def add_journal(parser: argparse.ArgumentParser) -> None:
    """Add ``--journal``: the file that records a run."""
    text = tr(
        "file that records the earlier values for undo (default: a new file, which `nestlab undo` finds; the variable NESTLAB_JOURNALS sets another folder)"
    )
    parser.add_argument("--journal", metavar="FILE", type=output_file, help=text)


def add_host(
    parser: argparse.ArgumentParser,
    *,
    default: str | None = DEFAULT_HOST,
    default_text: str = DEFAULT_HOST,
) -> None:
    """Add ``--host`` and the options of a session to a real host."""
    group = parser.add_argument_group(tr("host"))
    group.add_argument(
        "--host",
        action=GivenOnce,
        metavar="HOST",
        default=default,
        help=tr(
            "sim:SCENARIO for a simulated host (add ?state=FILE to keep its state), local: for this machine, winrms://NAME, winrm://NAME or ssh://USER@NAME for another one; default: {default_text}",
            default_text=default_text,
        ),
    )
    add_connection(group)


def add_connection(group: argparse._ArgumentGroup) -> None:
    """Add the options of a session to a real host."""
    group.add_argument(
        "--username",
        action=GivenOnce,
        metavar="USER",
        help=tr("account on a real host; the password is looked up in the keyring, or asked for"),
    )
    group.add_argument(
        "--auth",
        action=GivenOnce,
        default="negotiate",
        help=tr("authentication method of a real host (default: %(default)s)"),
    )
    group.add_argument(
        "--proxy",
        action=GivenOnce,
        metavar="URL",
        help=tr(
            "HTTP proxy to a WinRM host, http://HOST:PORT; without it no proxy is used, and HTTPS_PROXY is ignored"
        ),
    )
    group.add_argument(
        "--configuration-name",
        action=GivenOnce,
        metavar="NAME",
        help=tr(
            "PowerShell session configuration (JEA endpoint) of a host over WinRM; over ssh, the subsystem or command in the address selects the endpoint, and this option only says that it is a JEA endpoint, where guests are reached through a function of its role"
        ),
    )


def add_removal_options(parser: argparse.ArgumentParser) -> None:
    """Add the options for what a plan does only on request, such as removing and recreating."""
    parser.add_argument(
        "--prune",
        action="store_true",
        help=tr(
            "also remove objects that the topology owns on the host and its file no longer names"
        ),
    )
    parser.add_argument(
        "--recreate",
        metavar="VM",
        action="append",
        default=[],
        help=tr(
            "remove this VM with its disks and create it again if a setting cannot change in place, or its guest does not answer (name or machine path; repeatable)"
        ),
    )
    add_disconnect_others(parser)
    add_delete_others(parser)


def add_disconnect_others(parser: argparse.ArgumentParser) -> None:
    """Add ``--disconnect-others``."""
    parser.add_argument(
        "--disconnect-others",
        action="store_true",
        help=tr(
            "remove switches even where VMs that are not part of the topology are connected to them, and the host's own adapters on switches of the topology that another user may have added"
        ),
    )


def add_delete_others(parser: argparse.ArgumentParser) -> None:
    """Add ``--delete-others``."""
    parser.add_argument(
        "--delete-others",
        action="store_true",
        help=tr(
            "remove nested hosts even where VMs that are not part of the topology are inside, which are deleted with them"
        ),
    )


def positive(text: str) -> int:
    """Read a number of at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        message = tr("{text!r} is not a whole number of at least 1", text=text)
        raise argparse.ArgumentTypeError(message)
    return number


def memory(text: str) -> Size:
    """Parse an amount of memory greater than 0."""
    try:
        size = Size.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if size <= 0:
        message = tr("{text!r} is not an amount of memory greater than 0", text=text)
        raise argparse.ArgumentTypeError(message)
    return size


def output_file(text: str) -> Path:
    """Return the path of a file to write.

    ``-`` is refused: other programs interpret it as standard output; here it would be a file name.
    """
    if text == "-":
        message = tr(
            "'-' is not accepted, since nothing is written to standard output; give the name of a file"
        )
        raise argparse.ArgumentTypeError(message)
    return Path(text)
