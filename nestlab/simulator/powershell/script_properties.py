"""Script properties, which PowerShell's type files (.types.ps1xml) add to objects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any


def _speed_text(bits: int | None) -> str:
    """Return a link speed in the notation of Get-NetAdapter.

    >>> _speed_text(10_000_000_000), _speed_text(2_500_000_000), _speed_text(0)
    ('10 Gbps', '2.5 Gbps', '0 bps')
    """
    for unit, size in (("Gbps", 10**9), ("Mbps", 10**6), ("Kbps", 10**3)):
        if bits and bits >= size:
            return f"{bits / size:g} {unit}"
    return f"{bits or 0} bps"


def _mac_text(address: str | None) -> str:
    digits = re.sub("[^0-9A-Fa-f]", "", address or "").upper()
    return "-".join(digits[i : i + 2] for i in range(0, len(digits), 2))


# Script properties of NetAdapter.Types.ps1xml: the columns of Get-NetAdapter.
SCRIPT_PROPERTIES: Mapping[str, Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "MSFT_NetAdapter": {
        "AdminStatus": lambda values: (
            values["InterfaceAdminStatus"] and str(values["InterfaceAdminStatus"])
        ),
        "LinkSpeed": lambda values: _speed_text(values["Speed"]),
        "MacAddress": lambda values: _mac_text(
            (values["NetworkAddresses"] or [values["PermanentAddress"]])[0]
        ),
        "MediaConnectionState": lambda values: (
            values["MediaConnectState"] and str(values["MediaConnectState"])
        ),
        "ifOperStatus": lambda values: (
            values["InterfaceOperationalStatus"] and str(values["InterfaceOperationalStatus"])
        ),
    }
}
