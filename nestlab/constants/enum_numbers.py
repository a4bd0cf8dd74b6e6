"""The numbers of .NET enumerations of the Hyper-V module, which remoting may send for names."""

from __future__ import annotations

ON_OFF = {0: "On", 1: "Off"}
"""OnOffState (Microsoft.HyperV.PowerShell)."""
