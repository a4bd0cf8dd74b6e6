# ruff: noqa: EM101, EM102, TRY003  # each message is written where the problem is found
"""Lab.xml and Machines.xml of AutomatedLab as a draft of a topology file."""

from __future__ import annotations

from ipaddress import IPv4Address
from pathlib import PureWindowsPath

from nestlab.importers.automatedlab.machine import ImportedMachine
from nestlab.importers.automatedlab.networks import Networks
from nestlab.importers.automatedlab.values import Values
from nestlab.importers.draft import LabDraft
from nestlab.importers.names import topology_name
from nestlab.importers.source import Source
from nestlab.importers.xml_text import Element, read_xml
from nestlab.model.located import NotData

LAB_FILE, _MACHINE_FILE = "Lab.xml", "Machines.xml"
_HINT = "Give the Lab.xml that Export-LabDefinition writes, in its folder with Machines.xml."


def automatedlab_draft(source: Source) -> LabDraft:
    """Return the lab of Lab.xml; raises DefinitionFileError."""
    lab = _document(source)
    if lab.tag != "Lab":
        raise source.refused(
            f"is not a lab: it begins with <{lab.tag[:80]}>", line=lab.line, hint=_HINT
        )
    draft = LabDraft(topology_name(lab.value("Name"), "automatedlab"))
    machine_source, elements = _machines(source, lab)
    target = lab.child("Target")
    machines = [ImportedMachine(element, target, machine_source) for element in elements]
    built = [machine for machine in machines if not machine.why_not_built]
    networks = Networks(source, draft, _addresses(machine_source, elements))
    for network in lab.within("VirtualNetworks"):
        host = network.attributes.get("HostType", "HyperV")
        if host == "HyperV":
            networks.switch(network)
        else:
            draft.leave_out(f"network {network.attributes.get('Name', '')}", f"it is on {host}")
    draft.vms.extend(machine.item(networks, draft) for machine in built)
    for machine in machines:
        if machine.why_not_built:
            draft.leave_out(machine.name, machine.why_not_built)
    _leave_out(lab, draft)
    return draft


def _document(source: Source) -> Element:
    try:
        return read_xml(source.data())
    except NotData as error:
        raise source.not_data(error) from None


def _machines(source: Source, lab: Element) -> tuple[Source, list[Element]]:
    """Return the machines, and the file that has them: Lab.xml names it, by a path of its host."""
    own = [element for element in lab.within("Machines") if element.tag == "Machine"]
    if own:
        return source, own
    named = [element.attributes.get("Path", "") for element in lab.within("MachineDefinitionFiles")]
    file = PureWindowsPath(named[0]).name if named and named[0] else _MACHINE_FILE
    beside = Source(source.path.with_name(file or _MACHINE_FILE))
    if not beside.path.is_file():
        raise source.refused(f"{beside.path.name} is not beside it", hint=_HINT)
    root = _document(beside)
    machines = list(root.all("Machine"))
    if not machines:
        raise beside.refused("there are no machines in it", line=root.line, hint=_HINT)
    return beside, machines


def _addresses(source: Source, machines: list[Element]) -> set[IPv4Address]:
    values = Values(source, "a machine")
    return {
        own.ip
        for machine in machines
        for adapter in machine.within("NetworkAdapters")
        for own in values.interfaces(adapter, "Ipv4Address")
    }


def _leave_out(lab: Element, draft: LabDraft) -> None:
    for domain in lab.within("Domains"):
        name = domain.attributes.get("Name", "")
        draft.leave_out("the lab", f"the domain {name}: create it, and join the VMs to it")
    sources = lab.child("Sources")
    if sources is not None and sources.within("ISOs"):
        draft.leave_out("the lab", "its ISO files: nestlab attaches no DVD drives")
