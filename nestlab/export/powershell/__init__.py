"""A script of a topology, for those who have PowerShell and no Python."""

from nestlab.export.powershell.script import ScriptFiles, script_files

__all__ = ["ScriptFiles", "script_files"]
