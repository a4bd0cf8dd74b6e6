"""The address of 169.254.0.0/16 that Windows gives an adapter that no DHCP server answers."""

from __future__ import annotations

import hashlib

from nestlab.simulator.state.networking import NetAdapter, NetIPAddress


def automatic_address(adapter: NetAdapter) -> NetIPAddress:
    """Return the automatic private address of an adapter: always the same, unlike any other's."""
    digest = hashlib.sha256(adapter.device_id.encode()).digest()
    return NetIPAddress(f"169.254.{digest[0] % 254 + 1}.{digest[1] % 254 + 1}", 16, "WellKnown")
