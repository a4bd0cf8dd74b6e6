"""Which machine's section of a document a finding belongs to."""

from __future__ import annotations

from collections.abc import Mapping

from nestlab.model import HOST, Finding, Findings, MachinePath, path_text
from nestlab.model.origin import KeyPath
from nestlab.model.topology import VM, Topology


def findings_by_machine(
    topology: Topology, findings: Findings
) -> Mapping[MachinePath | None, tuple[Finding, ...]]:
    """Return the findings of each host and nested host; those of no section are under None.

    A finding about a VM is in the section of the machine that the VM runs on.
    """
    hosts = [path for path, _ in topology.hosts()]
    found: dict[MachinePath | None, list[Finding]] = {None: [], **{path: [] for path in hosts}}
    for finding in findings:
        place = _place(topology, finding)
        found[place if place in found else None].append(finding)
    return {place: tuple(items) for place, items in found.items()}


def _place(topology: Topology, finding: Finding) -> MachinePath | None:
    if finding.keys:
        return _machine_of_keys(topology, finding.keys)
    subject = finding.subject
    if subject == path_text(HOST):
        return HOST
    for path, machine in topology.machines():
        if path and subject == path_text(path):
            return path if isinstance(machine, VM) and machine.nested else path[:-1]
    return None


def _machine_of_keys(topology: Topology, keys: KeyPath) -> MachinePath | None:
    """Return the host that declares the value at these keys of the file; None if no host does."""
    path, machine = HOST, topology
    while True:
        match keys:
            case ("vms", int(position), "nested", *_) if position < len(machine.vms):
                vm = machine.vms[position]
                path, keys = (*path, vm.name), keys[3:]
                machine = vm  # type: ignore[assignment]  # both have switches and vms
            case ("vms" | "switches", *_):
                return path
            case ():
                return path
            case _:
                return None
