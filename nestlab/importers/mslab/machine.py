# ruff: noqa: EM101, EM102  # each message is written where the problem is found
"""A VM of MSLab's $LabConfig."""

from __future__ import annotations

from collections.abc import Iterator

from nestlab.importers.draft import (
    LINUX_CREDENTIAL,
    WINDOWS_CREDENTIAL,
    Item,
    LabDraft,
    path_text,
    size_text,
)
from nestlab.importers.mslab.adapters import (
    MANAGEMENT_ADAPTERS,
    additional_adapters,
    additional_networks,
    management_adapters,
    with_unique_names,
)
from nestlab.importers.mslab.lab_settings import LabSettings
from nestlab.importers.names import explicit_computer_name
from nestlab.importers.source import Fields
from nestlab.model.plain import Plain
from nestlab.model.size import Size
from nestlab.model.spelling import is_absolute
from nestlab.texts import mark, tr, translate

# The defaults of 3_Deploy.ps1 and of Hyper-V.
_STARTUP = Size(1 << 30)
_MINIMUM = Size(512 << 20)
MAXIMUM = Size(1 << 40)
_EMPTY_DISK = Size(127 << 30)
_PROCESSORS = 2
_PROCESSORS_FOR_MAX = 4
_DISKS_MAXIMUM = 256  # 4 controllers with 64 disks
_SHARED = ("shared", "replica")
_NOT_DONE = {
    "DSCMode": mark("nestlab applies no DSC configuration"),
    "DSCConfig": mark("nestlab applies no DSC configuration"),
    "AddToolsVHD": mark("nestlab attaches no tools disk: add it to disks"),
    "DisableTimeIC": mark("nestlab does not change integration services"),
    "EnableWinRM": mark("nestlab needs no WinRM in guests"),
    "DisableWCF": mark("not set by nestlab"),
    "CustomPowerShellCommands": mark("nestlab runs no scripts in guests"),
    "AdditionalLocalAdmin": mark("nestlab creates the account of the credential"),
    "LinuxDomainJoin": mark("nestlab joins no machines to domains"),
}
_NO_MENTION = ("Unattend", "SkipDjoin", "Win2012Djoin", "Configuration", "ManagementSubnetID")


class LabVM:
    """One entry of `VMs`."""

    def __init__(self, fields: Fields, settings: LabSettings) -> None:
        self._fields, self._settings = fields, settings
        self._name = fields.text("VMName")
        if not self._name.strip():
            raise fields.source.refused(
                tr("a VM has no VMName"),
                line=fields.table.line,
                hint=tr("Give the VM a VMName, and export the lab again."),
            )
        self.parent = fields.text("ParentVHD")
        self.has_additional_networks = bool(fields.flag("AdditionalNetworks"))
        self._kind = fields.text("Configuration").casefold() or "simple"
        self._nested = bool(fields.flag("NestedVirt"))

    def item(self, draft: LabDraft, number: int) -> Item:
        """Return the VM; `number` is its host address on additional networks."""
        fields = self._fields
        name = draft.vm_name(f"{self._settings.prefix}{self._name}")
        generation = fields.whole("Generation", lowest=1, highest=2) or 2
        os = "linux" if self._kind == "linux" else "windows"
        disk = self._disk(draft, os, generation)
        data: dict[str, Plain] = {
            "name": name,
            **({"generation": 1} if generation == 1 else {}),
            "processor_count": self._processors(name, draft),
            **self._memory(),
            **self._version(),
            "disk": disk,
            **self._data_disks(name, draft),
            **self._dvd_drives(name, draft),
            **({"guest": self._guest(name, os)} if "image" in disk else {}),
            "network_adapters": self._adapters(name, draft, number),
            **self._firmware(generation, os),
        }
        if self._nested:
            data["expose_virtualization_extensions"] = True
        self._leave_out(name, draft)
        return Item(data)

    def _disk(self, draft: LabDraft, os: str, generation: int) -> dict[str, Plain]:
        if not self.parent.strip():
            return {"size": size_text(_EMPTY_DISK)}
        return {"image": image_of(draft, self._settings, self.parent, os, generation)}

    def _processors(self, name: str, draft: LabDraft) -> int:
        if str(self._fields.raw("VMProcessorCount")).casefold() == "max":
            draft.leave_out(
                name,
                tr(
                    "VMProcessorCount Max, as many as the host has: {number} is used instead",
                    number=_PROCESSORS_FOR_MAX,
                ),
            )
            return _PROCESSORS_FOR_MAX
        return self._fields.whole("VMProcessorCount", lowest=1, highest=2048) or _PROCESSORS

    def _memory(self) -> dict[str, Plain]:
        """Return the memory: dynamic, unless the VM is nested or StaticMemory is set."""
        startup = self._fields.size("MemoryStartupBytes") or _STARTUP
        minimum = self._fields.size("MemoryMinimumBytes") or min(_MINIMUM, startup)
        static = self._fields.flag("StaticMemory")
        found: dict[str, Plain] = {"memory_startup": size_text(startup)}
        if self._nested or static or (self._kind == "linux" and static is not False):
            return found
        limits: Plain = {"minimum": size_text(min(minimum, startup)), "maximum": size_text(MAXIMUM)}
        return {**found, "dynamic_memory": limits}

    def _version(self) -> dict[str, Plain]:
        text = self._fields.text("VMVersion")
        if text and not all(part.isdecimal() for part in text.split(".", 1)):
            raise self._fields.wrong("VMVersion", tr("a configuration version such as 10.0"))
        return {"version": text if "." in text else f"{text}.0"} if text else {}

    def _data_disks(self, name: str, draft: LabDraft) -> dict[str, Plain]:
        """Return the disks of the configuration S2D; disks that VMs share are left out."""
        disks = [
            {"size": size_text(size)} for kind in ("SSD", "HDD") for size in self._disks_of(kind)
        ]
        if self._kind in _SHARED:
            self._fields.use("ReplicaHDDSize", "ReplicaLogSize")
            disk_set = self._fields.text("VMSet")
            draft.leave_out(
                name, tr("the disks that the VMs of the set {name!r} share", name=disk_set)
            )
            return {}
        self._fields.use("VMSet")
        return {"disks": disks} if disks and self._kind == "s2d" else {}

    def _dvd_drives(self, name: str, draft: LabDraft) -> dict[str, Plain]:
        """Return the DVD drive with the ISO file, if its path is known."""
        path = self._fields.text("AttachISO")
        if path and not is_absolute(path):
            draft.leave_out(
                name, tr("the ISO file {path}: add its full path to dvd_drives", path=path)
            )
            return {}
        return {"dvd_drives": [{"path": path_text(path)}]} if path else {}

    def _disks_of(self, kind: str) -> list[Size]:
        number = self._fields.whole(f"{kind}Number", highest=_DISKS_MAXIMUM) or 0
        size = self._fields.size(f"{kind}Size") if number else None
        self._fields.use(f"{kind}Size")
        if number and size is None:
            raise self._fields.wrong(f"{kind}Size", tr("a number of bytes, such as 4TB"))
        return [size] * number if size is not None else []

    def _guest(self, vm: str, os: str) -> dict[str, Plain]:
        if os == "linux":
            return {"os": os, "credential": LINUX_CREDENTIAL}
        computer = explicit_computer_name(self._name, vm)
        name: dict[str, Plain] = {"computer_name": computer} if computer else {}
        return {"os": os, "credential": WINDOWS_CREDENTIAL, **name}

    def _adapters(self, vm: str, draft: LabDraft, number: int) -> list[dict[str, Plain]]:
        stated = self._fields.whole("MGMTNICs")
        management = MANAGEMENT_ADAPTERS if stated is None else max(stated, 1)
        if self._kind == "linux":
            management = 1
        networks = (
            additional_networks(self._settings, number) if self.has_additional_networks else []
        )
        return with_unique_names(
            [
                *management_adapters(self._settings, management),
                *networks,
                *additional_adapters(self._fields, vm, draft),
            ]
        )

    def _firmware(self, generation: int, os: str) -> dict[str, Plain]:
        if generation == 1:
            self._fields.use("vTPM", "VirtualTPM", "SecureBoot")
            return {}
        found: dict[str, Plain] = {}
        secure_boot = self._fields.text("SecureBoot").casefold()
        if secure_boot == "linux":
            found["secure_boot"] = "MicrosoftUEFICertificateAuthority"
        elif (
            secure_boot == "disabled"
            or self._settings.secure_boot_off
            or (os == "linux" and not secure_boot)
        ):
            found["secure_boot"] = False
        if self._fields.flag("vTPM") or self._fields.flag("VirtualTPM"):
            found["tpm"] = True
        return found

    def _leave_out(self, name: str, draft: LabDraft) -> None:
        reasons: dict[str, list[str]] = {}
        for key, why in _NOT_DONE.items():
            if self._fields.raw(key):
                reasons.setdefault(why, []).append(key)
        for why, keys in reasons.items():
            draft.leave_out_keys(name, keys, translate(why))
        self._fields.use(*_NO_MENTION)
        draft.leave_out_keys(name, self._unused())

    def _unused(self) -> Iterator[str]:
        return (key for key in self._fields.unused() if self._fields.raw(key) is not False)


def image_of(draft: LabDraft, settings: LabSettings, file: str, os: str, generation: int) -> str:
    """Return the name of the image of a parent disk; a new image is added to the draft."""
    name = file.rpartition(".")[0] or file
    data: dict[str, Plain] = {"path": path_text(rf"{settings.disk_folder}\{file}"), "os": os}
    if os == "windows":
        data["prepared"] = False  # 2_CreateParentDisks.ps1 applies install.wim
    if generation == 1:
        data["generation"] = 1
    return draft.image(name, data)
