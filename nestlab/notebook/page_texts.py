"""The texts of the widgets' JavaScript, which Python passes to the page in the chosen language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import anywidget
import traitlets

from nestlab.texts import SOURCE_LANGUAGE, language, mark, translate

REPORT = (
    mark("error"),
    mark("warning"),
    mark("note"),
    mark("OK"),
    mark("Copied ✓"),
    mark("Copy the fix"),
    mark("Copy the fix for {subject}: {message}"),
    mark("on {machine}:"),
    mark("read"),
    mark("rule"),
    mark("source"),
    mark("meaning"),
    mark("evidence"),
    mark("no findings"),
)
STEPS = (
    mark("waiting"),
    mark("running"),
    mark("done"),
    mark("failed"),
    mark("unchanged"),
    mark("skipped"),
    mark("stopped"),
    mark("waited"),
    mark("stops the VM"),
    mark("restarts the VM"),
    mark("may cut the connection"),
    mark("deletes data"),
    mark("recreates the VM"),
    mark("the machine on which the cmdlets run"),
    mark("PowerShell ({count} cmdlets)"),
    mark("undo:"),
    mark("Copied ✓"),
    mark("Copy the steps that are left as a script"),
)
VMS = (
    mark("state"),
    mark("extensions"),
    mark("blockers"),
    mark("memory"),
    mark("processors"),
    mark("version"),
    mark("MAC spoofing"),
    mark("{vm} ({id}) cannot be chosen: {reason}"),
    mark("Choose {vm}"),
    mark("VM"),
    mark("VMs of this host"),
    mark("There are no VMs to show."),
)
STATUS = (mark("Progress"),)
DOCUMENT = (
    mark("{bytes} bytes"),
    mark("Download {file}"),
    mark("Preview of the picture"),
)
DESIGNER_TEMPLATES = {
    "nat": mark("NAT: a nested host, and VMs behind its NAT"),
    "bridged": mark("Bridged: VMs in a nested host, on the physical network"),
    "two-node-cluster": mark("Cluster: two nested hosts, with heartbeat and storage networks"),
    "domain": mark("Domain: a domain controller and a client"),
    "router": mark("Router: a VM between two networks, with NAT to the outside"),
    "vlan-trunk": mark("VLAN trunk: VMs of two VLANs in a nested host, and a router"),
    "three-levels": mark("Three levels: a VM in a nested host in a nested host"),
}
"""The templates of the designer by name, each with what it is."""
DESIGNER = (
    *DESIGNER_TEMPLATES.values(),
    mark("Topology designer"),
    mark("Undo"),
    mark("Revert the last edit (Ctrl+Z)"),
    mark("Redo"),
    mark("Redo the last undone edit (Ctrl+Y)"),
    mark("Add VM"),
    mark("Add a VM to the selected machine (V)"),
    mark("Add nested host"),
    mark("Add a nested host to the selected machine (H)"),
    mark("Add switch"),
    mark("Add a switch to the selected machine (S)"),
    mark("Add adapter"),
    mark("Add a network adapter to the selected VM (A)"),
    mark("Make nested host"),
    mark("Make the selected VM a nested host, with extensions, memory and processors (N)"),
    mark("Add VM inside"),
    mark("Add a VM inside the selected VM, which becomes a nested host (I)"),
    mark("Bridge"),
    mark("Bridge VMs inside to the network outside: External switch, MAC spoofing (B)"),
    mark("Put behind NAT"),
    mark("Put the VMs of the selected host, the VM or the switch behind a NAT (T)"),
    mark("Duplicate"),
    mark("Copy what is selected, with fresh names and addresses (Ctrl+D)"),
    mark("Link"),
    mark("Link the selected VM or adapter to a switch (L)"),
    mark("Delete"),
    mark("Delete what is selected (Delete)"),
    mark("Arrange"),
    mark("Lay out all VMs automatically"),
    mark("Zoom out (−)"),
    mark("Zoom in (+)"),
    mark("Zoom out"),
    mark("Zoom in"),
    mark("Fit"),
    mark("Show the whole picture (0)"),
    mark("Full screen"),
    mark("Fill the screen, or leave that (F)"),
    mark("Find (/)"),
    mark("Find a part by name or address"),
    mark("Find a part (/); Enter goes to the next one"),
    mark("Parts found: {count}. Enter goes to them."),
    mark("{number} of {count}: {name}"),
    mark("Parts selected: {count}"),
    mark("Actions"),
    mark("Template…"),
    mark("Fill an empty topology from a template"),
    mark("planned"),
    mark("running"),
    mark("done"),
    mark("failed"),
    mark("drifted"),
    mark("States"),
    mark("File"),
    mark("Show the file beside the canvas, to read and to edit"),
    mark("Text of the file"),
    mark("line {line}: {text}"),
    mark("✓ The picture matches this text."),
    mark("The picture shows the last text without errors. Correct these:"),
    mark("{state}: {count}"),
    mark("Zoom to selection"),
    mark("Fold or unfold"),
    mark("Fold the selected nested host, or unfold it; for the host, all on it (E)"),
    mark("Copy"),
    mark("Cut"),
    mark("Paste"),
    mark("Parts copied: {count}. Choose where to, and press Ctrl+V."),
    mark("Parts to be moved: {count}. Choose a host and press Ctrl+V."),
    mark("There is nothing to paste: copy a part first."),
    mark("Findings"),
    mark("✓ No findings."),
    mark("Properties"),
    mark("Host and topology"),
    mark("No properties."),
    mark("(not connected)"),
    mark("(none)"),
    mark("Topology canvas"),
    mark("Choose a VM or an adapter first, then link it to a switch."),
    mark("Choose a switch: click it, or use the arrow keys and press Enter. Escape cancels."),
    mark("next part"),
    mark("nearest part in that direction"),
    mark("Shift + arrows"),
    mark("move the VM"),
    mark("its properties"),
    mark("add a VM"),
    mark("add a nested host"),
    mark("add a switch"),
    mark("add an adapter"),
    mark("make the VM a nested host"),
    mark("add a VM inside it"),
    mark("bridge it: External switch inside, MAC spoofing"),
    mark("put it behind a NAT"),
    mark("duplicate, with fresh names and addresses"),
    mark("link: then choose a switch, Enter"),
    mark("Enter"),
    mark("Del"),
    mark("delete"),
    mark("undo, redo"),
    mark("Ctrl + arrows, Ctrl+A"),
    mark("select several; with the mouse Shift and click, or a box"),
    mark("copy, and paste into the host that is selected"),
    mark("move VMs to another host; with the mouse, drag them there"),
    mark("find a part by name or address"),
    mark("menu of the part; with the mouse, the right button"),
    mark("zoom, fit; with the mouse the wheel, and drag the ground to scroll"),
    mark("zoom to what is selected"),
    mark("fold the nested host, or unfold it; on the host, all of them"),
    mark("full screen"),
    mark("cancel"),
    mark("Keys"),
)


class TranslatedWidget(anywidget.AnyWidget):
    """A widget whose JavaScript shows texts, in the language in which the widget was created."""

    PAGE_TEXTS: ClassVar[tuple[str, ...]] = ()
    """The texts of its JavaScript, in English."""

    texts = traitlets.Dict().tag(sync=True)

    @traitlets.default("texts")
    def _texts(self) -> Mapping[str, str]:
        if language() == SOURCE_LANGUAGE:
            return {}  # its JavaScript has them
        return {text: translate(text) for text in self.PAGE_TEXTS}
