"""What a seed disk makes its Linux guest do for others, read from the step that writes the disk.

These are the commands of `user_data` for forwarding, NAT and DHCP. A journal has them, so that they
are known when the file no longer has the VM.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Network
from pathlib import PureWindowsPath

from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet
from nestlab.model.spelling import plain_mac

_FORWARDS = ("sysctl", "-w", "net.ipv4.ip_forward=1")
_NAT = ("nft", "add", "rule")
_SERVES = ("mkdir", "-p")  # the folder of a scope, named after the id of its adapter


@dataclass(frozen=True)
class SeedServices:
    """The services of a guest: prefixes that it translates, MAC addresses that it serves DHCP on.

    With `forwards`, it passes packets on between its adapters.
    """

    translates: tuple[IPv4Network, ...] = ()
    serves: tuple[str, ...] = ()
    forwards: bool = False


def seed_services(cmdlets: Iterable[Cmdlet]) -> SeedServices:
    """Return the services that the files which a step writes to a seed disk set up."""
    files = dict(_written(cmdlets))
    commands = [*_commands(files.get("user-data", []))]
    macs = dict(_macs(files.get("network-config", [])))
    ids = (each[2].rpartition("-netplan-")[2].partition(".")[0] for each in _of(commands, _SERVES))
    return SeedServices(
        tuple(IPv4Network(each[each.index("saddr") + 1]) for each in _of(commands, _NAT)),
        tuple(macs[each] for each in dict.fromkeys(ids) if each in macs),
        _FORWARDS in commands,
    )


def _of(commands: Iterable[tuple[str, ...]], start: tuple[str, ...]) -> list[tuple[str, ...]]:
    return [each for each in commands if each[: len(start)] == start]


def _written(cmdlets: Iterable[Cmdlet]) -> Iterator[tuple[str, list[str]]]:
    """Yield the files that cmdlets write, by name, without lines that have secrets."""
    for cmdlet in cmdlets:
        lines = cmdlet.parameters.get("Value")
        if cmdlet.name == "Set-Content" and isinstance(lines, (list, tuple)):
            name = PureWindowsPath(str(cmdlet.parameters["LiteralPath"])).name
            yield name, [line for line in lines if isinstance(line, str)]


def _commands(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield the commands of a list in YAML, each a list of words on lines of their own."""
    words: list[str] = []
    for line in (*lines, "- - "):
        if line.startswith("- - "):
            yield tuple(words)
            words = []
        if line.startswith(("- - ", "  - ")):
            words.append(line[4:].strip("'\""))


def _macs(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the id of each adapter in network-config, with its MAC address."""
    found = ""
    for key, _, value in (line.strip().partition(":") for line in lines):
        if key.startswith("nic") and not value:
            found = key
        elif key == "macaddress":
            yield found, plain_mac(value.strip(" '\""))
