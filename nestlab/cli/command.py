"""A subcommand of the command line, and the arguments that several share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NoReturn

from nestlab.cli.console import Console
from nestlab.constants import DEFAULT_HOST
from nestlab.dataclass import dataclass
from nestlab.model import Size
from nestlab.pattern import pattern

_NO_SUCH_CHOICE = pattern(r"invalid choice: '(?P<given>[^']*)' \(choose from (?P<known>.*)\)")


class Parser(argparse.ArgumentParser):
    """A parser that suggests a similar choice, and accepts options and arguments in any order."""

    _parsing_intermixed = False

    def parse_known_args(  # type: ignore[override]  # the stubs distinguish types of namespaces; here all are alike
        self, args: Sequence[str] | None = None, namespace: Any = None
    ) -> tuple[Any, list[str]]:
        """Parse arguments and options in any order, as in `nesting enable --yes HV1`."""
        if self._parsing_intermixed or self._subparsers is not None:
            return super().parse_known_args(args, namespace)
        # parse_known_intermixed_args calls this method, for the options and for the arguments.
        self._parsing_intermixed = True
        try:
            return self.parse_known_intermixed_args(args, namespace)
        finally:
            self._parsing_intermixed = False

    def error(self, message: str) -> NoReturn:
        """Print the error, and exit with code 2."""
        found = _NO_SUCH_CHOICE.search(message)
        if found is None:
            super().error(message)
        from difflib import get_close_matches  # noqa: PLC0415  # only a wrong word needs it

        known = found["known"].replace("'", "").split(", ")
        near = get_close_matches(found["given"], known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"Choices: {', '.join(known)}."
        problem = "unknown command" if message.startswith("argument COMMAND") else "invalid value"
        self.exit(
            2,
            f"{self.prog}: {problem} {found['given']!r}. {hint}\n  `{self.prog} --help` lists the commands and options.\n",
        )


class GivenOnce(argparse.Action):
    """Stores the value of an option that may be given once: the last of two would count."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Store the value; ends with code 2 where the option was given before."""
        given = namespace.__dict__.setdefault("options_given", set())
        if self.dest in given:
            before = getattr(namespace, self.dest)
            parser.error(
                f"argument {option_string}: given twice, {before!r} and {values!r}; give one"
            )
        given.add(self.dest)
        setattr(namespace, self.dest, values)


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
            help=self.summary,
            description=self.description or self.summary,
            epilog=examples_text(self.examples),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            parents=[shared],
            allow_abbrev=False,
        )
        self.add_arguments(parser)
        parser.set_defaults(run=self.run)


def examples_text(examples: tuple[str, ...]) -> str:
    """Return examples as text for the end of a help page."""
    return "\n".join(["examples:", *(f"  {example}" for example in examples)]) if examples else ""


def add_topology(parser: argparse.ArgumentParser, *, optional: bool = False) -> None:
    """Add the TOPOLOGY argument."""
    text = "topology file (YAML)"
    if optional:
        parser.add_argument("topology", metavar="TOPOLOGY", type=Path, nargs="?", help=text)
    else:
        parser.add_argument("topology", metavar="TOPOLOGY", type=Path, help=text)


def add_journal(parser: argparse.ArgumentParser) -> None:
    """Add ``--journal``: the file that records a run."""
    text = "file that records the earlier values for undo (default: a new file, which `nestlab undo` finds; the variable NESTLAB_JOURNALS sets another folder)"
    parser.add_argument("--journal", metavar="FILE", type=output_file, help=text)


def add_host(
    parser: argparse.ArgumentParser,
    *,
    default: str | None = DEFAULT_HOST,
    default_text: str = DEFAULT_HOST,
) -> None:
    """Add ``--host`` and the options of a session to a real host."""
    group = parser.add_argument_group("host")
    group.add_argument(
        "--host",
        action=GivenOnce,
        metavar="HOST",
        default=default,
        help="sim:SCENARIO for a simulated host (add ?state=FILE to keep its state), local: for this machine, winrms://NAME, winrm://NAME or ssh://USER@NAME for another one; "
        f"default: {default_text}",
    )
    group.add_argument(
        "--username",
        action=GivenOnce,
        metavar="USER",
        help="account on a real host; the password is looked up in the keyring, or asked for",
    )
    group.add_argument(
        "--auth",
        action=GivenOnce,
        default="negotiate",
        help="authentication method of a real host (default: %(default)s)",
    )
    group.add_argument(
        "--proxy",
        action=GivenOnce,
        metavar="URL",
        help="HTTP proxy to a WinRM host, http://HOST:PORT; without it no proxy is used, and HTTPS_PROXY is ignored",
    )
    group.add_argument(
        "--configuration-name",
        action=GivenOnce,
        metavar="NAME",
        help="PowerShell session configuration (JEA endpoint) of a host over WinRM; over ssh, the subsystem or command of the address selects it, and this option says only that guests are reached through the function of its role",
    )


def add_removal_options(parser: argparse.ArgumentParser) -> None:
    """Add what a plan does only on request: remove, recreate, disconnect and delete others."""
    parser.add_argument(
        "--prune",
        action="store_true",
        help="also remove objects that the topology owns on the host and its file no longer names",
    )
    parser.add_argument(
        "--recreate",
        metavar="VM",
        action="append",
        default=[],
        help="remove this VM with its disks and create it again if a setting cannot change in place, or its guest does not answer (name or machine path; repeatable)",
    )
    add_disconnect_others(parser)
    add_delete_others(parser)


def add_disconnect_others(parser: argparse.ArgumentParser) -> None:
    """Add ``--disconnect-others``."""
    parser.add_argument(
        "--disconnect-others",
        action="store_true",
        help="remove switches even where VMs that are not part of the topology are connected to them, and the host's own adapters on switches of the topology that another user may have added",
    )


def add_delete_others(parser: argparse.ArgumentParser) -> None:
    """Add ``--delete-others``."""
    parser.add_argument(
        "--delete-others",
        action="store_true",
        help="remove nested hosts even where VMs that are not part of the topology are inside, which are deleted with them",
    )


def positive(text: str) -> int:
    """Read a number of at least 1."""
    try:
        number = int(text)
    except ValueError:
        number = 0
    if number < 1:
        message = f"{text!r} is not a whole number of at least 1"
        raise argparse.ArgumentTypeError(message)
    return number


def memory(text: str) -> Size:
    """Parse an amount of memory greater than 0."""
    try:
        size = Size.parse(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if size <= 0:
        message = f"{text!r} is not an amount of memory greater than 0"
        raise argparse.ArgumentTypeError(message)
    return size


def output_file(text: str) -> Path:
    """Return the path of a file to write.

    ``-`` is refused: other programs take it as standard output, here it would be a file.
    """
    if text == "-":
        message = "'-' is not accepted, since nothing is written to standard output; give the name of a file"
        raise argparse.ArgumentTypeError(message)
    return Path(text)
