"""Test-Path for files and folders."""

from __future__ import annotations

from nestlab.simulator.behaviour import folders
from nestlab.simulator.cmdlets.registry import cmdlet
from nestlab.simulator.powershell.binding.bound import Bound
from nestlab.simulator.powershell.call import Sink
from nestlab.simulator.powershell.objects import scalar_record
from nestlab.simulator.powershell.values.wildcard import has_wildcard, matches
from nestlab.simulator.state.machine import Machine


@cmdlet("Test-Path")
def check_path(machine: Machine, bound: Bound, sink: Sink) -> None:
    """Test-Path."""
    literal = "LiteralPath" in bound
    kind = bound.text("PathType", "Any")
    for item in bound.values("Path", "LiteralPath"):
        path = str(item)
        if not literal and has_wildcard(path):
            exists = any(matches(path, file.path) for file in machine.files.values())
        else:
            is_file = folders.file_exists(machine, path)
            is_folder = folders.folder_exists(machine, path)
            exists = {"Leaf": is_file, "Container": is_folder}.get(kind, is_file or is_folder)
        sink.output(scalar_record(exists))
