"""A PowerShell script that builds a topology without Python."""

from nestlab.export.powershell.script import ScriptFiles, script_files

__all__ = ["ScriptFiles", "script_files"]
