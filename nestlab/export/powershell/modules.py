"""Which module each command is in, for ``#Requires -Modules``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_MODULES: Mapping[str, tuple[str, ...]] = {
    "NetNat": ("NetNat",),
    "NetTCPIP": ("NetIP", "NetRoute"),
    "DnsClient": ("DnsClient",),
    "NetAdapter": ("NetAdapter",),
    "NetSecurity": ("NetFirewall",),
}
"""The modules in ``#Requires``, with the prefixes of their nouns.

DhcpServer is not one of them: it comes with the role, which a step installs.
"""


def modules_of(commands: Iterable[str]) -> list[str]:
    """Return the modules that commands need, Hyper-V first, without PowerShell's own modules.

    >>> modules_of(["New-VM", "New-NetNat", "New-NetIPAddress", "Rename-Computer"])
    ['Hyper-V', 'NetNat', 'NetTCPIP']
    """
    nouns = {command.rpartition("-")[2] for command in commands}
    found = {
        module
        for module, prefixes in _MODULES.items()
        if any(noun.startswith(prefixes) for noun in nouns)
    }
    return ["Hyper-V", *sorted(found)]
