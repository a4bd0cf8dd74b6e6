"""The options of ``nestlab`` without a subcommand."""

from __future__ import annotations

import argparse

from nestlab.texts import tr

LOOPBACK = "127.0.0.1"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``nestlab`` without a subcommand."""
    group = parser.add_argument_group(tr("notebooks"))
    group.add_argument(
        "--no-browser", action="store_true", help=tr("start the server only and print its address")
    )
    add_port(group)
    group.add_argument(
        "--ip",
        metavar="ADDRESS",
        default=LOOPBACK,
        help=tr(
            "address that the server listens on (default: {address}, this computer only; in a container 0.0.0.0)",
            address=LOOPBACK,
        ),
    )
    group.add_argument(
        "--app", action="store_true", help=tr("show one notebook at a time, without the side bars")
    )


def add_port(group: argparse._ArgumentGroup) -> None:
    """Add the option for the port of a server."""
    group.add_argument(
        "--port",
        type=int,
        metavar="PORT",
        help=tr("port of the server (default: the first free one from 8888)"),
    )
