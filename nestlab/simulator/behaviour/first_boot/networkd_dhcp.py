"""The DHCP server of systemd-networkd in a Linux guest, from drop-in files that bootcmd writes.

Based on systemd.network(5): the settings of an adapter are those of the file that netplan writes
for its id, and of the drop-in files in the folder of its name; systemd-networkd reads them when it
starts. The pool is counted from the address of the network; an adapter without an address serves
nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

from nestlab.simulator.state.machine import Machine
from nestlab.simulator.state.networking import DhcpScope, ScopeReservation

_DROP_IN = re.compile(
    r"(/(?:run|etc)/systemd/network/10-netplan-(?P<id>.+)\.network\.d)/[^/]+\.conf"
)
_READS_AGAIN = ("restart", "try-restart", "reload-or-restart", "try-reload-or-restart")


def set_dhcp_scopes(
    guest: Machine, config: Mapping[str, Any], commands: Sequence[Sequence[str]]
) -> None:
    """Set the scopes that a guest serves after `commands` of bootcmd; `config`: network-config."""
    ethernets = config.get("network", config).get("ethernets", {})
    files, folders, read = dict[str, list[str]](), set[str](), dict[str, list[str]]()
    for words in commands:
        match list(words):
            case ["mkdir", "-p", folder]:
                folders.add(folder)
            case ["sh", "-c", script]:
                files.update(_written(script, folders))
            case ["systemctl", *options, unit] if unit.removesuffix(".service") == (
                "systemd-networkd"
            ):
                read = dict(files) if any(word in _READS_AGAIN for word in options) else read
    found = ((ethernets.get(adapter, {}), lines) for adapter, lines in read.items())
    guest.dhcp_scopes = [scope for entry, lines in found if (scope := _scope(entry, lines))]


def _written(script: str, folders: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Yield the adapter and the lines of a drop-in file that a script writes, if it can."""
    import shlex  # noqa: PLC0415  # only a first boot needs it

    match shlex.split(script):
        case ["printf", "%s\\n", *lines, ">", path]:
            found = _DROP_IN.fullmatch(path)
            if found and found[1] in folders:
                yield found["id"], lines


def _scope(entry: Mapping[str, Any], lines: Sequence[str]) -> DhcpScope | None:
    sections = list(_sections(lines))
    network = _values(sections, "Network")
    addresses = [IPv4Interface(text) for text in entry.get("addresses", ())]
    if network.get("DHCPServer") != "yes" or not addresses:
        return None
    address, given = addresses[0], _values(sections, "DHCPServer")
    start = int(address.network.network_address) + int(given.get("PoolOffset", 0))
    end = start + int(given.get("PoolSize", 0)) - 1
    return DhcpScope(
        scope_id=str(address.network.network_address),
        name="systemd-networkd",
        start=str(IPv4Address(start)),
        end=str(IPv4Address(end)),
        subnet_mask=str(address.netmask),
        router=_option(given, "Router", [str(address.ip)]),
        dns_servers=_option(given, "DNS", []),
        reservations=[
            ScopeReservation(values["Address"], values["MACAddress"].replace(":", "-"))
            for name, values in sections
            if name == "DHCPServerStaticLease"
        ],
    )


def _option(given: Mapping[str, str], name: str, default: list[str]) -> list[str]:
    """Return the values of an option that is sent by default: those set, or the default ones."""
    if given.get(f"Emit{name}", "yes") != "yes":
        return []
    return given[name].split() if name in given else default


def _sections(lines: Sequence[str]) -> Iterator[tuple[str, dict[str, str]]]:
    values: dict[str, str] = {}
    for line in lines:
        if line.startswith("["):
            values = {}
            yield line.strip("[]"), values
        else:
            key, _, value = line.partition("=")
            values[key] = value


def _values(sections: Sequence[tuple[str, dict[str, str]]], name: str) -> dict[str, str]:
    return {key: value for n, values in sections if n == name for key, value in values.items()}
