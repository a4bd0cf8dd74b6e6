"""``nestlab simulate``: a simulated host behind WinRM on this computer, or on standard streams."""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from nestlab.cli.command import Subcommand
from nestlab.cli.console import Console
from nestlab.errors import UsageError
from nestlab.texts import tr

if TYPE_CHECKING:
    from nestlab.simulator.endpoint.winrm import Endpoint
    from nestlab.simulator.host import SimulatedHost
    from nestlab.simulator.powershell.session_state import Configuration

_LARGEST_PORT = 65535

GUEST_PASSWORD = "NESTLAB_GUEST_PASSWORD"  # noqa: S105  # the name of a variable
"""The environment variable with the guests' password for ``--stdio``, which cannot print one."""


def _port(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) > _LARGEST_PORT:
        message = tr("{text!r} is not a port (0 to {largest})", text=text, largest=_LARGEST_PORT)
        raise argparse.ArgumentTypeError(message)
    return int(text)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--list",
        action="store_true",
        help=tr("list the scenarios, and the folder of their files, which can be copied"),
    )
    parser.add_argument(
        "--scenario",
        metavar="SCENARIO",
        help=tr(
            "which host to simulate: a name, or the path of a scenario file (default: ws2022-intel, or that of the state file)"
        ),
    )
    parser.add_argument(
        "--stdio",
        action="store_true",
        help=tr("serve one client on standard input and output, as powershell.exe -s does"),
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=_port,
        default=0,
        help=tr("port on 127.0.0.1 (default: any free one)"),
    )
    parser.add_argument(
        "--tls", action="store_true", help=tr("HTTPS, with a certificate made for this run")
    )
    parser.add_argument(
        "--state",
        metavar="FILE",
        type=Path,
        help=tr("keep the host's state in this file; created if it does not exist"),
    )
    parser.add_argument(
        "--configuration",
        metavar="FOLDER",
        type=Path,
        help=tr(
            "also offer the session configuration in this folder, which `nestlab export --to jea` has written; with --stdio, the only one"
        ),
    )
    parser.add_argument(
        "--fault",
        metavar="KIND:CMDLET:NTH",
        action="append",
        default=[],
        help=tr("inject a fault, for example drop:New-VMSwitch:1; repeatable"),
    )


def _list(console: Console) -> int:
    from nestlab.simulator.scenarios import FOLDER, scenario_descriptions  # noqa: PLC0415  # keeps --help quick

    described = scenario_descriptions()
    if console.as_json:
        console.document(
            {
                "folder": str(FOLDER),
                "scenarios": [
                    {"name": name, "description": text} for name, text in described.items()
                ],
            }
        )
    else:
        console.table((tr("scenario"), tr("shows")), described.items())
        console.line(
            tr(
                "Their files: {folder}. Copy one, change it, and use it as --scenario ./my-host.json or --host sim:./my-host.json.",
                folder=FOLDER,
            )
        )
    return 0


def _run(options: argparse.Namespace, console: Console) -> int:
    if options.list:
        return _list(console)
    if options.stdio:
        return _run_stdio(options)
    return _run_winrm(options, console)


def _host(options: argparse.Namespace) -> SimulatedHost:
    from nestlab.simulator.faults import Fault  # noqa: PLC0415  # keeps --help quick
    from nestlab.simulator.host import SimulatedHost  # noqa: PLC0415  # keeps --help quick
    from nestlab.simulator.scenarios import DEFAULT  # noqa: PLC0415

    faults = [Fault.parse(text) for text in options.fault]
    if options.state:
        known = options.scenario or (None if options.state.exists() else DEFAULT)
        host = SimulatedHost.load(options.state, scenario=known)
    else:
        host = SimulatedHost.from_scenario(options.scenario or DEFAULT)
    host.inject_faults(*faults)
    return host


def _run_stdio(options: argparse.Namespace) -> int:
    if options.tls or options.port:
        message = tr(
            "--stdio serves standard input and output, and cannot be combined with --port or --tls."
        )
        raise UsageError(message)
    # Garbage collection would take a tenth of the startup time, and would free no imported module.
    gc.disable()
    from nestlab.simulator.endpoint.stdio import serve_stdio  # noqa: PLC0415  # keeps --help quick
    from nestlab.simulator.powershell.session_state import DEFAULT_CONFIGURATION  # noqa: PLC0415

    password = os.environ.get(GUEST_PASSWORD) or os.urandom(24).hex()
    with _sigterm_as_interrupt():
        host = _host(options)
        gc.freeze()
        gc.enable()
        (configuration,) = _configurations(options) or (DEFAULT_CONFIGURATION,)
        serve_stdio(host, guest_password=password, configuration=configuration)
    return 0


def _not_installed(error: ImportError) -> UsageError:
    return UsageError(
        tr("The endpoint needs {module}, which is not installed.", module=error.name or error),
        hint=tr(
            "`nestlab doctor` names what is missing. In a clone, `python -m nestlab simulate` installs it."
        ),
    )


@contextlib.contextmanager
def _sigterm_as_interrupt() -> Iterator[None]:
    """Let SIGTERM interrupt the block as Ctrl-C does."""
    previous = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, previous)


def _run_winrm(options: argparse.Namespace, console: Console) -> int:
    try:
        from nestlab.simulator.endpoint.winrm import serve  # noqa: PLC0415  # an optional dependency
    except ImportError as error:
        raise _not_installed(error) from error
    host, configurations = _host(options), _configurations(options)
    try:
        with (
            _sigterm_as_interrupt(),
            serve(
                host, port=options.port, tls=options.tls, configurations=configurations
            ) as endpoint,
        ):
            _print_endpoint(endpoint, console, configurations)
            _wait_for_interrupt()
    except OSError as error:
        message = tr(
            "Port {port} cannot be used: {reason}.",
            port=options.port,
            reason=error.strerror or error,
        )
        raise UsageError(message, hint=tr("Omit --port to use any free port.")) from error
    return 0


def _configurations(options: argparse.Namespace) -> tuple[Configuration, ...]:
    if options.configuration is None:
        return ()
    from nestlab.simulator.powershell.roles.session_configuration import load_configuration  # noqa: PLC0415

    return (load_configuration(options.configuration),)


def _print_endpoint(
    endpoint: Endpoint, console: Console, configurations: tuple[Configuration, ...]
) -> None:
    if console.as_json:
        console.event(endpoint.to_dict())
        return
    rows = [
        (tr("address"), endpoint.trusted_address),
        (tr("url"), endpoint.url),
        (tr("user"), endpoint.user),
        (tr("password"), endpoint.password),
    ]
    rows += [
        (tr("guests' user"), endpoint.guest_user),
        (tr("guests' password"), endpoint.guest_password),
    ]
    if endpoint.certificate:
        rows.append((tr("certificate authority"), endpoint.certificate))
    rows += [(tr("session configuration"), each.name) for each in configurations]
    console.table((tr("simulated host"), tr("value for this run")), rows)
    console.line(tr("Press Ctrl-C to stop it."))


def _wait_for_interrupt() -> None:
    never = threading.Event()
    while not never.wait(0.5):  # on Windows, Ctrl-C does not interrupt a wait without a timeout
        pass


COMMAND = Subcommand(
    name="simulate",
    summary="serve a simulated host to any client: behind WinRM on this computer, or on standard streams",
    description=(
        "Serve a simulated host over PowerShell remoting on 127.0.0.1, until Ctrl-C. Address, user and passwords are generated for this run\n"
        "and printed, with --json as one line: address (for --host),\n"
        "url (for other clients), user, password, certificate, guest_user, guest_password.\n\n"
        "With --stdio it serves one client on standard input and output, as PowerShell's server mode does: as a child\n"
        "process, or as the subsystem `powershell` of an SSH server. Set NESTLAB_GUEST_PASSWORD to choose the guests'\n"
        "administrator password; otherwise it is random and not shown.\n"
        "Sessions with the same --state file share a host.\n\n"
        "With --configuration it has an endpoint with the role of a topology, and refuses what the role does not allow:\n"
        "connect to it with --configuration-name NestLab.TOPOLOGY."
    ),
    add_arguments=_add_arguments,
    run=_run,
    examples=(
        "nestlab simulate",
        "nestlab simulate --list",
        "nestlab simulate --scenario ws2022-intel --tls --state host.json",
        "nestlab simulate --fault power-cut:New-VM:2",
        "nestlab simulate --configuration lab-role",
        "nestlab simulate --json",
        "nestlab simulate --stdio --state host.json",
    ),
)
