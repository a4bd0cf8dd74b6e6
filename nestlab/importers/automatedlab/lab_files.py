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
from nestlab.model.located import DataSyntaxError
from nestlab.texts import mark, tr, translate

LAB_FILE, _MACHINE_FILE = "Lab.xml", "Machines.xml"
_HINT = mark("Give the Lab.xml that Export-LabDefinition writes, in its folder with Machines.xml.")


def automatedlab_draft(source: Source) -> LabDraft:
    """Return the lab of Lab.xml; raises DefinitionFileError."""
    lab = _document(source)
    if lab.tag != "Lab":
        raise source.refused(
            tr("is not a lab: it begins with <{tag}>", tag=lab.tag[:80]),
            line=lab.line,
            hint=translate(_HINT),
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
            draft.leave_out(
                tr("network {network}", network=network.attributes.get("Name", "")),
                tr("it is on {host}", host=host),
            )
    draft.vms.extend(machine.item(networks, draft) for machine in built)
    for machine in machines:
        if machine.why_not_built:
            draft.leave_out(machine.name, machine.why_not_built)
    _leave_out(lab, draft)
    return draft


def _document(source: Source) -> Element:
    try:
        return read_xml(source.data())
    except DataSyntaxError as error:
        raise source.syntax_error(error) from None


def _machines(source: Source, lab: Element) -> tuple[Source, list[Element]]:
    """Return the machines, and their file: Lab.xml has its path on the exporting host."""
    elements = [element for element in lab.within("Machines") if element.tag == "Machine"]
    if elements:
        return source, elements
    named = [element.attributes.get("Path", "") for element in lab.within("MachineDefinitionFiles")]
    file = PureWindowsPath(named[0]).name if named and named[0] else _MACHINE_FILE
    beside = Source(source.path.with_name(file or _MACHINE_FILE))
    if not beside.path.is_file():
        raise source.refused(
            tr("{file} is not beside it", file=beside.path.name), hint=translate(_HINT)
        )
    root = _document(beside)
    machines = list(root.all("Machine"))
    if not machines:
        raise beside.refused(
            tr("there are no machines in it"), line=root.line, hint=translate(_HINT)
        )
    return beside, machines


def _addresses(source: Source, machines: list[Element]) -> set[IPv4Address]:
    values = Values(source, tr("a machine"))
    return {
        interface.ip
        for machine in machines
        for adapter in machine.within("NetworkAdapters")
        for interface in values.interfaces(adapter, "Ipv4Address")
    }


def _leave_out(lab: Element, draft: LabDraft) -> None:
    for domain in lab.within("Domains"):
        name = domain.attributes.get("Name", "")
        draft.leave_out(
            tr("the lab"), tr("the domain {domain}: create it, and join the VMs to it", domain=name)
        )
    sources = lab.child("Sources")
    if sources is not None and sources.within("ISOs"):
        draft.leave_out(
            tr("the lab"),
            tr("its ISO files: nestlab installs nothing from them; add them to dvd_drives"),
        )
