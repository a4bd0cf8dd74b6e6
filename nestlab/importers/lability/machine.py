"""The settings of a VM in Lability configuration data: processors, memory, disks, firmware."""

from __future__ import annotations

from typing import Any

from nestlab.importers.draft import LabDraft, path_text, size_text
from nestlab.importers.lability.nodes import Node
from nestlab.importers.source import Fields
from nestlab.model.plain import Plain
from nestlab.model.size import Size
from nestlab.texts import mark, tr, translate
from nestlab.topology_file.key_types import InvalidValue, Scalar
from nestlab.topology_file.keys.image_keys import LANGUAGE, TIME_ZONE

# VMDefaults.json of Lability.
_STARTUP = Size(2 << 30)
_MINIMUM = Size(512 << 20)
_MAXIMUM = Size(1 << 40)
_NOT_DONE = {
    "BootOrder": mark("nestlab starts VMs as soon as what they need is there"),
    "BootDelay": mark("nestlab starts VMs as soon as what they need is there"),
    "GuestIntegrationServices": mark("nestlab does not change integration services"),
    "CustomBootStrap": mark("nestlab runs no scripts in guests"),
    "Resource": mark("nestlab copies no files into guests"),
    "Module": mark("nestlab copies no modules into guests"),
    "RegisteredOwner": mark("not set by nestlab"),
    "RegisteredOrganization": mark("not set by nestlab"),
    "InputLocale": mark("nestlab derives the keyboard from guest.language"),
    "SystemLocale": mark("nestlab derives it from guest.language"),
    "UserLocale": mark("nestlab derives it from guest.language"),
    "ClientCertificatePath": mark("nestlab copies no certificates into guests"),
    "RootCertificatePath": mark("nestlab copies no certificates into guests"),
    "MaxEnvelopeSizeKb": mark("not set by nestlab"),
    "CustomBootstrapOrder": mark("nestlab runs no scripts in guests"),
}
"""Settings of Lability that nestlab has no key for, and what it does instead."""


class NodeSettings:
    """Reads the settings of one node, and records what the file does not have."""

    def __init__(self, node: Node, vm: str, draft: LabDraft) -> None:
        self._node, self._vm, self._draft = node, vm, draft

    def _size(self, setting: str) -> Size | None:
        return self._node.fields.size(self._node.key(setting))

    def processors_and_memory(self) -> dict[str, Plain]:
        """Return processors and memory, with Lability's defaults."""
        processors = self._node.fields.whole(
            self._node.key("ProcessorCount"), lowest=1, highest=2048
        )
        startup = self._size("StartupMemory") or _STARTUP
        minimum, maximum = self._size("MinimumMemory"), self._size("MaximumMemory")
        found: dict[str, Plain] = {"processor_count": processors or 1}
        options = self._node.fields.inner(self._node.key("ProcessorOption"))
        nested = options.flag("ExposeVirtualizationExtensions")
        self._draft.leave_out_keys(self._vm, (f"ProcessorOption.{key}" for key in options.unused()))
        if minimum is None and maximum is None:
            self._draft.leave_out(
                tr("the lab"),
                tr(
                    "dynamic memory from {minimum} to {maximum}, Lability's default: the memory of VMs is static without dynamic_memory",
                    minimum=_MINIMUM,
                    maximum=_MAXIMUM,
                ),
            )
            found["memory_startup"] = size_text(startup)
        else:
            found |= self._memory(
                startup, minimum or _MINIMUM, maximum or _MAXIMUM, nested=bool(nested)
            )
        if nested:
            found["expose_virtualization_extensions"] = True
        return found

    def _memory(
        self, startup: Size, minimum: Size, maximum: Size, *, nested: bool
    ) -> dict[str, Plain]:
        within = Size(max(minimum, min(startup, max(minimum, maximum))))
        if within != startup:
            self._draft.leave_out(
                self._vm,
                tr(
                    "a startup memory of {size}: it must be between minimum and maximum",
                    size=startup,
                ),
            )
        if nested:
            self._draft.leave_out(
                self._vm,
                tr("dynamic memory: VMs that expose virtualization extensions have static memory"),
            )
        found: dict[str, Plain] = {"memory_startup": size_text(within)}
        if not nested and minimum < maximum:
            found["dynamic_memory"] = {"minimum": size_text(minimum), "maximum": size_text(maximum)}
        return found

    def data_disks(self) -> dict[str, Plain]:
        """Return the data disks: new ones of a size, and existing ones (HardDiskDrive)."""
        fields = self._node.fields
        tables = fields.tables(self._node.key("HardDiskDrive"))
        disks = [
            self._disk(Fields(table, tr("a disk of {vm}", vm=self._vm), fields.source))
            for table in tables
        ]
        return {"disks": disks} if disks else {}

    def _disk(self, fields: Fields) -> dict[str, Plain]:
        path = fields.text("VhdPath")
        size = fields.size("MaximumSizeBytes")
        if not path.strip() and size is None:
            raise fields.source.refused(
                tr("{where} has neither VhdPath nor MaximumSizeBytes", where=fields.where),
                line=fields.table.line,
                hint=tr("Give the disk one of the two, and import the file again."),
            )
        fields.use("Generation")
        self._draft.leave_out_keys(self._vm, (f"HardDiskDrive.{key}" for key in fields.unused()))
        if not path.strip():
            return {"size": size_text(size or 0)}
        if "%" in path:
            what = tr(
                "the path {path}: its environment variables are not replaced; write their values",
                path=path,
            )
            self._draft.leave_out(self._vm, what)
        return {"path": path_text(path)}

    def dvd_drives(self) -> dict[str, Plain]:
        """Return the DVD drives, on places that Hyper-V has for them."""
        fields = self._node.fields
        tables = fields.tables(self._node.key("DvdDrive"))
        drives = [
            self._dvd_drive(Fields(table, tr("a DVD drive of {vm}", vm=self._vm), fields.source))
            for table in tables
        ]
        return {"dvd_drives": drives} if drives else {}

    def _dvd_drive(self, fields: Fields) -> dict[str, Plain]:
        path = fields.text("Path")
        fields.use("ControllerNumber", "ControllerLocation")
        self._draft.leave_out_keys(self._vm, (f"DvdDrive.{key}" for key in fields.unused()))
        return {"path": path_text(path)} if path.strip() else {}

    def firmware(self, generation: int) -> dict[str, Plain]:
        """Return Secure Boot if it is off; Lability's default is on."""
        secure_boot = self._node.fields.flag(self._node.key("SecureBoot"))
        return {"secure_boot": False} if secure_boot is False and generation != 1 else {}

    def automatic_checkpoints(self) -> dict[str, Plain]:
        """Return automatic checkpoints if they are on; Lability's default is off."""
        is_on = self._node.fields.flag(self._node.key("AutomaticCheckpoints"))
        return {"automatic_checkpoints_enabled": True} if is_on else {}

    def regional_settings(self, os: str) -> dict[str, Plain]:
        """Return the stated language and time zone of a Windows guest."""
        found: dict[str, Plain] = {}
        for setting, key, kind in (
            ("UILanguage", "language", LANGUAGE),
            ("TimeZone", "time_zone", TIME_ZONE),
        ):
            text = self._node.fields.text(self._node.key(setting))
            if text and os == "windows":
                found |= self._parsed(setting, key, kind, text)
        return found

    def _parsed(self, setting: str, key: str, kind: Scalar, text: str) -> dict[str, Any]:
        try:
            return {key: str(kind.parse(text))}
        except InvalidValue as error:
            self._draft.leave_out(
                self._vm,
                tr("{key} {value!r}: it {problem}", key=setting, value=text, problem=error),
            )
            return {}

    def leave_out(self) -> None:
        """Record the settings that nestlab has no keys for."""
        reasons: dict[str, list[str]] = {}
        for setting, why in _NOT_DONE.items():
            if self._node.has(setting):
                reasons.setdefault(why, []).append(setting)
        for why, settings in reasons.items():
            self._draft.leave_out_keys(self._vm, settings, translate(why))
