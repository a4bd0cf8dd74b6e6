"""The $LabConfig of MSLab as a draft of a topology file."""

from __future__ import annotations

from pathlib import PureWindowsPath

from nestlab.importers.draft import Item, LabDraft
from nestlab.importers.json_text import read_json
from nestlab.importers.mslab.domain_controller import DomainController
from nestlab.importers.mslab.lab_settings import LabSettings
from nestlab.importers.mslab.machine import LabVM
from nestlab.importers.names import topology_name, valid_name
from nestlab.importers.source import Fields, Source
from nestlab.model.located import DataSyntaxError, Table
from nestlab.model.plain import Plain
from nestlab.texts import mark, tr, translate

_NOT_A_LAB = mark("Export $LabConfig with the script that `nestlab import mslab --script` prints.")
_NOT_OF_VMS = mark(
    "for the domain, the installation and the scripts of MSLab, which nestlab does not do"
)
_USED = (
    "VMs",
    "AdminPassword",
    "DomainAdminName",
    "TelemetryLevel",
    "TelemetryNickname",
    "AutoClosePSWindows",
    "AutoCleanUp",
)
"""Keys that describe neither machines nor networks, and are not listed as left out."""


def mslab_draft(source: Source) -> LabDraft:
    """Return the lab of an exported $LabConfig; raises DefinitionFileError."""
    if source.path.suffix.casefold() == ".ps1":
        raise source.refused(tr("is a script, and is not run"), hint=translate(_NOT_A_LAB))
    try:
        table = read_json(source.text())
    except DataSyntaxError as error:
        raise source.syntax_error(error) from None
    if not isinstance(table, Table) or not table.has("VMs"):
        raise source.refused(tr("there are no VMs in it"), line=1, hint=translate(_NOT_A_LAB))
    return _LabConfig(Fields(table, "$LabConfig", source)).draft()


class _LabConfig:
    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        fields.use(*_USED)
        self._settings = LabSettings(fields)
        folder = PureWindowsPath(self._settings.folder).name
        name = self._settings.prefix or folder or fields.source.path.stem
        self._draft = LabDraft(topology_name(name, "mslab"))

    def draft(self) -> LabDraft:
        draft, settings = self._draft, self._settings
        tables = self._fields.tables("VMs")
        vms = [
            LabVM(Fields(table, _place(table), self._fields.source), settings) for table in tables
        ]
        draft.switches.extend(self._switches())
        controller = DomainController(settings, draft)
        draft.vms.append(controller.item([vm.parent for vm in vms]))
        # 3_Deploy.ps1 counts the VMs with additional networks: the number is their host address.
        number = 1 + int(settings.networks_in_controller)
        for vm in vms:
            draft.vms.append(vm.item(draft, number))
            number += int(vm.has_additional_networks)
        self._leave_out()
        return draft

    def _switches(self) -> list[Item]:
        settings = self._settings
        name = self._draft.switch_name(settings.full_switch_name)
        data: dict[str, Plain] = {"name": name, "switch_type": "Private"}
        if settings.switch_adapters:
            data["switch_type"] = "External"
            adapters: list[Plain] = [
                valid_name(text, "Ethernet") for text in settings.switch_adapters
            ]
            data["net_adapter"] = adapters
            data["allow_management_os"] = False
        found = [Item(data)]
        if settings.internet:
            comment = tr(
                "MSLab uses this switch, or else an External one, for the internet access of DC"
            )
            found.append(Item({"name": settings.internet_switch, "existing": True}, (comment,)))
        known = {str(item.data["name"]).casefold() for item in found}
        for other in settings.other_switches(self._fields.tables("VMs")):
            other_name = valid_name(other, "Switch")
            if other_name.casefold() not in known:
                known.add(other_name.casefold())
                found.append(Item({"name": other_name, "existing": True}))
        return found

    def _leave_out(self) -> None:
        draft = self._draft
        draft.leave_out(
            tr("the lab"),
            tr(
                "the domain {domain}: create it in DC, and join the VMs to it",
                domain=self._settings.domain,
            ),
        )
        draft.leave_out_keys(tr("the lab"), self._fields.unused(), translate(_NOT_OF_VMS))


def _place(table: Table) -> str:
    name = table.named("VMName")
    return f"VM {name}" if name else tr("VM without VMName")
