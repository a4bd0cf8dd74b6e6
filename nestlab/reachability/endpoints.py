"""Endpoints of a trace: a VM by its name or machine path, the host, the internet, an IP address."""

from __future__ import annotations

from difflib import get_close_matches
from ipaddress import AddressValueError, IPv4Address

from nestlab.dataclass import dataclass
from nestlab.errors import UnknownEndpoint
from nestlab.model.machine_path import HOST, path_text
from nestlab.reachability.network import Network
from nestlab.reachability.tables import Tables
from nestlab.texts import tr

INTERNET_ADDRESS = IPv4Address("1.1.1.1")
"""Represents the internet: a public address that answers echo requests."""


@dataclass(frozen=True)
class TraceEndpoint:
    """One end of a trace.

    `stack` is the index of the machine's stack, `address` the address that was named.
    """

    text: str
    stack: int | None = None
    address: int | None = None
    internet: bool = False


def resolve(network: Network, text: str) -> TraceEndpoint:
    """Return the endpoint that a text names in a network.

    Raises:
        UnknownEndpoint: The text names no machine, or several.
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
        address = int(IPv4Address(word))
    except AddressValueError:
        return _machine(stacks, word)
    return TraceEndpoint(word, stack=_owner(network.tables, address), address=address)


def _owner(tables: Tables, address: int) -> int | None:
    """Return the only stack with an address; None if there is none, or several.

    Examples from DHCP scopes do not count.
    """
    refs = tables.owners.get(address, ())
    owners = {ref.stack for ref in refs if tables.interface(ref).dhcp_scope is None}
    return next(iter(owners)) if len(owners) == 1 else None


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
        msg = tr("{word} is the name of {number} machines.", word=word, number=len(found))
        raise UnknownEndpoint(msg, hint=tr("Name one by its machine path: {paths}.", paths=paths))
    msg = tr("There is no machine {name!r}.", name=word)
    raise UnknownEndpoint(msg, hint=_hint(stacks, word))


def _hint(stacks: dict[tuple[str, ...], int], word: str) -> str:
    names = [*map(path_text, stacks), *(path[-1] for path in stacks if path), "internet"]
    close = get_close_matches(word, names, n=1)
    if close:
        return tr("Did you mean {name}?", name=close[0])
    return tr("An endpoint is a VM name, a machine path, host, internet or an IP address.")
