"""The comment-based help of an exported script."""

from __future__ import annotations

from collections.abc import Sequence

from nestlab.export.handout import summary_text
from nestlab.export.powershell.source import INDENT, help_text
from nestlab.model.powershell_text import quoted
from nestlab.model.topology import VM, Topology
from nestlab.texts import mark, tr, translate
from nestlab.version import __version__

_DESCRIPTION = mark("""\
Each step is tested first, and left out where it is not needed: the script can run again, also
after it was interrupted. It changes and uses no switch, VM, adapter or disk file that it
did not create: all conflicts are listed before the first change.
Names, addresses, sizes and paths are in {file}.""")
_ACCOUNTS = mark("""\
Credentials of the guests, by their names in the lab. The script asks for those that
are missing. None is written to a file.""")

_MAC_ADDRESSES = mark("""\
Its Linux guests get the MAC addresses that are in {file}. Where the labs of two computers
share a network, each computer needs a script of its own: nestlab export --host writes it.""")


def script_help(
    topology: Topology, script_file: str, data_file: str, accounts: Sequence[str]
) -> str:
    """Return the help of a script; `accounts` are the accounts of guests that it asks for."""
    name, call = help_text(topology.name), _call(script_file)
    description = [help_text(topology.description)] if topology.description.strip() else []
    description += [
        help_text(summary_text(topology)),
        translate(_DESCRIPTION, file=help_text(data_file)),
    ]
    if _has_chosen_mac_addresses(topology):
        description.append(translate(_MAC_ADDRESSES, file=help_text(data_file)))
    parts = [
        (".SYNOPSIS", tr("Builds the lab {name} on this computer, which has Hyper-V.", name=name)),
        (".DESCRIPTION", *description),
        (".PARAMETER GuestAccount", translate(_ACCOUNTS)),
        (
            ".PARAMETER TimeoutMinutes",
            tr("How long a guest may take to answer after it was started."),
        ),
        (
            ".EXAMPLE",
            f"{call} -WhatIf",
            tr("Tests every step, and says what would be done. Nothing is changed."),
        ),
    ]
    if accounts:
        given = "; ".join(f"{quoted(account)} = $credential" for account in accounts)
        asks_for_none = tr("Asks for no credential: each is in a variable.")
        code = f"{call} -GuestAccount @{{ {help_text(given)} }}"
        parts.append((".EXAMPLE", code, asks_for_none))
    output = tr(
        "One object for each step: the machine, the step, and whether it was done or not needed."
    )
    parts += [
        (".OUTPUTS", output),
        (".NOTES", tr("Written by nestlab {version}.", version=__version__)),
    ]
    return "\n\n".join(map(_help_part, parts)).join(("<#\n", "\n#>"))


def _has_chosen_mac_addresses(topology: Topology) -> bool:
    """Whether a seed disk needs MAC addresses that the file leaves open (`with_static_macs`)."""
    seeded = [vm for _, vm in topology.machines() if isinstance(vm, VM) and vm.has_seed]
    return any(not adapter.mac_address for vm in seeded for adapter in vm.network_adapters)


def _help_part(part: tuple[str, ...]) -> str:
    """Return a keyword of comment-based help with its paragraphs."""
    keyword, *paragraphs = part
    indented = ("\n".join(f"{INDENT}{line}" for line in text.split("\n")) for text in paragraphs)
    return f"{keyword}\n" + "\n\n".join(indented)


def _call(script_file: str) -> str:
    """Return how the script is called from its folder."""
    plain = script_file.replace(".", "").replace("-", "").replace("_", "")
    if plain.isascii() and plain.isalnum():
        return f".\\{script_file}"
    return help_text(f"& {quoted(f'.{chr(92)}{script_file}')}")
