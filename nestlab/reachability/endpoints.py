"""Endpoints of a trace: a VM by its name or machine path, the host, the internet, an IP address."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import AddressValueError, IPv4Address

from nestlab.errors import UnknownEndpoint
from nestlab.model.machine_path import HOST, path_text
from nestlab.reachability.network import Network

INTERNET_ADDRESS = IPv4Address("1.1.1.1")
"""Represents the internet: a public address that answers echo requests."""


@dataclass(frozen=True)
class TraceEndpoint:
    """One end of a trace.

    `stack` is the number of the machine's stack, `address` the address that was named.
    """

    text: str
    stack: int | None = None
    address: int | None = None
    internet: bool = False


def resolve(network: Network, text: str) -> TraceEndpoint:
    """Return the endpoint that a text names in a network.

    Raises:
        UnknownEndpoint: it names no machine, or several.
    """
    word = text.strip()
    if word.casefold() == "internet":
        return TraceEndpoint("internet", address=int(INTERNET_ADDRESS), internet=True)
    stacks = {
        stack.machine: number
        for number, stack in enumerate(network.stacks)
        if stack.kind == "machine"
    }
    if word.casefold() == "host":
        return TraceEndpoint("host", stack=stacks.get(HOST))
    try:
        address = IPv4Address(word)
    except AddressValueError:
        return _machine(stacks, word)
    tables = network.tables
    owners = {
        place.stack
        for place in tables.owners.get(int(address), ())
        if tables.interface(place).lease is None
    }
    return TraceEndpoint(
        word, stack=next(iter(owners)) if len(owners) == 1 else None, address=int(address)
    )


def _machine(stacks: dict[tuple[str, ...], int], word: str) -> TraceEndpoint:
    wanted = word.casefold()
    whole = [path for path in stacks if path and path_text(path).casefold() == wanted]
    named = [path for path in stacks if path and path[-1].casefold() == wanted]
    # A machine path always takes precedence: that of a VM on the host is its name, even if a VM
    # inside another one has the same name.
    found = whole or named
    if len(found) == 1:
        return TraceEndpoint(path_text(found[0]), stack=stacks[found[0]])
    if found:
        paths = ", ".join(path_text(path) for path in found)
        msg = f"{word} is the name of {len(found)} machines."
        raise UnknownEndpoint(msg, hint=f"Name one by its machine path: {paths}.")
    names = (
        [path_text(path) for path in stacks] + [path[-1] for path in stacks if path] + ["internet"]
    )
    close = get_close_matches(word, names, n=1)
    hint = (
        f"Did you mean {close[0]}?"
        if close
        else "An endpoint is a VM name, a machine path, host, internet or an IP address."
    )
    msg = f"There is no machine {word!r}."
    raise UnknownEndpoint(msg, hint=hint)
