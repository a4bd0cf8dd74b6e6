"""The script with which a user of MSLab exports a lab."""

from __future__ import annotations

from typing import Final

EXPORT_SCRIPT: Final = """\
# Run this in the folder of LabConfig.ps1. The password of the lab is not exported.
. .\\LabConfig.ps1
$LabConfig.LabFolder = (Get-Location).Path
$LabConfig.Remove('AdminPassword')
$LabConfig | ConvertTo-Json -Depth 6 | Set-Content -Encoding UTF8 LabConfig.json
"""  # not shown
"""It runs LabConfig.ps1, as MSLab's scripts do. nestlab itself never runs the file."""
