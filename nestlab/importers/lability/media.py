"""The media of Lability: images that the disks of VMs are based on."""

from __future__ import annotations

from nestlab.dataclass import dataclass
from nestlab.importers.draft import LabDraft, path_text, size_text
from nestlab.importers.source import Fields
from nestlab.model.plain import Plain
from nestlab.texts import tr

_MASTER_DISKS = r"C:\Lability\MasterVirtualHardDisks"
"""ParentVhdPath of Lability's HostDefaults.json, on the usual system drive."""
_EMPTY_DISK = 127 << 30  # New-EmptyDiskImage.ps1
DEFAULT_MEDIA = "2022_x64_Datacenter_EN_Eval"  # VMDefaults.json


@dataclass(frozen=True)
class Media:
    """An installation medium: generation, operating system and disk (as data) of its VMs."""

    generation: int
    os: str
    disk: dict[str, Plain]


class MediaCatalog:
    """Finds media by id: in the configuration data, or else Lability's built-in ones."""

    def __init__(self, lab: Fields, draft: LabDraft) -> None:
        self._draft = draft
        self._known: dict[str, Fields] = {}
        for table in lab.tables("Media"):
            fields = Fields(table, tr("a Media entry of NonNodeData.Lability"), lab.source)
            self._known[fields.text("Id").casefold()] = fields

    def media(self, name: str) -> Media:
        """Return the medium with an id; the built-in ones are Windows installations."""
        fields = self._known.get(name.casefold())
        if fields is None:
            generation = 1 if "_x86_" in name.casefold() else 2
            return self._with_image(name, f"{name}.vhdx", "windows", generation)
        custom = fields.inner("CustomData")
        generation = _generation(fields, custom)
        system = "linux" if fields.text("OperatingSystem").casefold() == "linux" else "windows"
        kind = fields.text("MediaType").casefold()
        if kind == "null":
            size = custom.size("DiskSize") or _EMPTY_DISK
            return Media(generation, "none", {"size": size_text(size)})
        file = fields.text("Filename") if kind == "vhd" else ""
        extension = ".vhd" if file.casefold().endswith(".vhd") else ".vhdx"
        return self._with_image(name, file or f"{name}{extension}", system, generation)

    def _with_image(self, name: str, file: str, system: str, generation: int) -> Media:
        path = path_text(rf"{_MASTER_DISKS}\{file}")
        data: dict[str, Plain] = {"path": path, "os": system}
        if system == "windows":
            data["prepared"] = False  # Lability applies install.wim, and answers for each VM
        if generation == 1:
            data["generation"] = 1
        return Media(generation, system, {"image": self._draft.image(name, data)})


def _generation(fields: Fields, custom: Fields) -> int:
    """Return the generation of VMs, as Get-LabVirtualMachineProperty.ps1 determines it."""
    stated = custom.whole("VmGeneration", lowest=1, highest=2)
    if stated is not None:
        return stated
    if fields.text("Filename").casefold().endswith(".vhd"):
        return 1
    style = custom.text("PartitionStyle").casefold()
    if style in ("mbr", "gpt"):
        return 1 if style == "mbr" else 2
    return 1 if fields.text("Architecture").casefold() == "x86" else 2
