"""Enumerations of the Hyper-V module, of which remoting may send the numbers."""

from __future__ import annotations

ON_OFF = {0: "On", 1: "Off"}
"""OnOffState (Microsoft.HyperV.PowerShell)."""
