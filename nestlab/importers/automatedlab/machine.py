"""Machines of AutomatedLab as VMs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from nestlab.enumerations import all_of
from nestlab.importers.automatedlab.adapters import network_adapters
from nestlab.importers.automatedlab.networks import Networks, resource_name
from nestlab.importers.automatedlab.values import Values, dictionary, is_true
from nestlab.importers.draft import (
    LINUX_CREDENTIAL,
    WINDOWS_CREDENTIAL,
    Item,
    LabDraft,
    one_line,
    path_text,
    size_text,
)
from nestlab.importers.names import explicit_computer_name, image_name
from nestlab.importers.source import Source
from nestlab.importers.xml_text import Element
from nestlab.model.plain import Plain
from nestlab.model.size import Size
from nestlab.pattern import pattern
from nestlab.texts import tr, tr_count
from nestlab.topology_file.key_types import InvalidValue
from nestlab.topology_file.keys.image_keys import LANGUAGE, TIME_ZONE

_LEAST_MEMORY = 32 << 20  # a smaller number is a weight: the machine's share of the host's memory
_SHARE = Size(2 << 30)
_MINIMUM, _MAXIMUM = Size(512 << 20), Size(1 << 40)  # the defaults of Hyper-V
_MAXIMUM_GB = 1 << 16
_USUAL_FOLDER = r"C:\AutomatedLab-VMs"
# The defaults of New-LWHypervVM.ps1.
_START, _STOP = "Nothing", "ShutDown"
_SECONDS = pattern(r"[1-9][0-9]{0,8}")
_HYPER_V, _ROUTING = "HyperV", "Routing"


class ImportedMachine:
    """The VM of one `Machine` element."""

    def __init__(self, element: Element, target: Element | None, source: Source) -> None:
        self._element = element
        self._target = target  # where the lab has its disks, and how large they are
        self.name = element.value("Name")
        if not self.name:
            raise source.refused(
                tr("a machine has no Name"),
                line=element.line,
                hint=tr("Export the lab again with Export-LabDefinition."),
            )
        self._values = Values(source, tr("machine {name}", name=self.name))
        self._properties = dictionary(element, "HypervProperties")
        roles = (role.attributes.get("Name", "") for role in element.within("Roles"))
        self._roles = [role for role in roles if role]
        self._system = self._element.child("OperatingSystem") or Element(
            "OperatingSystem", element.line
        )
        name = self._system.value("OperatingSystemName")
        self._system_name = name or "Windows Server"  # not shown
        # OperatingSystem.cs: the name decides.
        self._os = "windows" if "Windows" in self._system_name or "Hyper-V" in name else "linux"

    @property
    def why_not_built(self) -> str:
        """Why the machine is not built on Hyper-V, as text; empty if it is."""
        host = self._element.value("HostType")
        if host not in ("", "HyperV"):
            return tr("it is on {host}, not on Hyper-V", host=host)
        return (
            tr("SkipDeployment: it is not built")
            if is_true(self._element.value("SkipDeployment"))
            else ""
        )

    def item(self, networks: Networks, draft: LabDraft) -> Item:
        """Return the VM."""
        element = self._element
        name = draft.vm_name(resource_name(element))
        generation = 1 if element.value("VmGeneration") == "1" else 2
        processors = self._values.whole(element, "Processors", highest=2048)
        data: dict[str, Plain] = {
            "name": name,
            **({"generation": 1} if generation == 1 else {}),
            "processor_count": processors or 1,
            **self._memory(name, draft),
            **self._automatic_actions(),
            "disk": {"image": self._image(name, draft, generation)},
            **self._data_disks(name, draft),
            "guest": self._guest(name, draft),
            "network_adapters": network_adapters(element, name, self._values, networks, draft),
            **(self._firmware() if generation != 1 else {}),
            **({"forwarding": True} if _ROUTING in self._roles else {}),
            **({"nested": {}} if _HYPER_V in self._roles else {}),
        }
        self._leave_out(name, draft)
        return Item(data, tuple(self._comments()))

    def _memory(self, name: str, draft: LabDraft) -> dict[str, Plain]:
        startup = self._values.whole(self._element, "Memory")
        if startup < _LEAST_MEMORY:
            draft.leave_out(
                name, tr("its share of the host's memory: {size} is used instead", size=_SHARE)
            )
            startup = _SHARE
        minimum = self._values.whole(self._element, "MinMemory")
        maximum = self._values.whole(self._element, "MaxMemory")
        found: dict[str, Plain] = {"memory_startup": size_text(startup)}
        if not minimum and not maximum:
            return found
        if _HYPER_V in self._roles:
            draft.leave_out(name, tr("dynamic memory: nested hosts have static memory"))
            return found
        limits = {
            "minimum": size_text(min(minimum or _MINIMUM, startup)),
            "maximum": size_text(max(maximum or _MAXIMUM, startup)),
        }
        return {**found, "dynamic_memory": limits}

    def _automatic_actions(self) -> dict[str, Plain]:
        start = _word(
            self._properties, "automaticstartaction", ("Nothing", "StartIfRunning", "Start")
        )
        stop = _word(self._properties, "automaticstopaction", ("TurnOff", "Save", "ShutDown"))
        delay = self._properties.get("automaticstartdelay", "")
        return {
            "automatic_start_action": start or _START,
            **({"automatic_start_delay": int(delay)} if _SECONDS.fullmatch(delay) else {}),
            "automatic_stop_action": stop or _STOP,
        }

    def _image(self, name: str, draft: LabDraft, generation: int) -> str:
        """Return the name of the machine's image, as New-LabBaseImages.ps1 names its file."""
        path = self._element.value("ReferenceDiskPath") or self._system.value("BaseDiskPath")
        if self._os == "linux":
            path = path or rf"{_USUAL_FOLDER}\{image_name(self._system_name)}.vhdx"
            what = tr(
                "the installation of {system} from an ISO file: prepare an image with cloud-init",
                system=self._system_name,
            )
            draft.leave_out(name, what)
        data: dict[str, Plain] = {"path": path_text(path or self._base_disk()), "os": self._os}
        if self._os == "windows":
            data["prepared"] = False
        if generation == 1:
            data["generation"] = 1
        label = self._system_name if generation != 1 else f"{self._system_name}-generation-1"
        return draft.image(label if not self._element.value("ReferenceDiskPath") else path, data)

    def _base_disk(self) -> str:
        target = self._target if self._target is not None else Element("Target", self._element.line)
        folder = target.attributes.get("Path", "") or _USUAL_FOLDER
        size = target.value("ReferenceDiskSizeInGB") or "50"
        version = self._system.child("Version")
        parts = (
            (version.value(part) for part in ("Major", "Minor", "Build", "Revision"))
            if version
            else ()
        )
        numbers = ".".join(part for part in parts if part.isdecimal())
        system = self._system_name.replace(" ", "")
        x86 = "_x86" if self._system.value("Architecture") == "x86" else ""
        return rf"{folder}\BASE_{system}{x86}_{numbers}_{size}.vhdx"

    def _data_disks(self, name: str, draft: LabDraft) -> dict[str, Plain]:
        disks: list[Plain] = []
        for disk in self._element.within("Disks"):
            size = self._values.whole(disk, "DiskSize", highest=_MAXIMUM_GB)
            path = disk.value("Path")
            if size:
                disks.append({"size": f"{size}GB"})
            elif path:
                disks.append({"path": path_text(path)})
            if disk.value("Label") or disk.value("DriveLetter").strip("0"):
                draft.leave_out(name, tr("labels, drive letters and partitions of its disks"))
        return {"disks": disks} if disks else {}

    def _guest(self, vm: str, draft: LabDraft) -> dict[str, Plain]:
        if self._os == "linux":
            name = {"computer_name": self.name} if explicit_computer_name(self.name, vm) else {}
            return {"os": "linux", "credential": LINUX_CREDENTIAL, "cloud_init": True, **name}
        computer = explicit_computer_name(self.name, vm)
        guest: dict[str, Any] = {"os": "windows", "credential": WINDOWS_CREDENTIAL}
        if computer:
            guest["computer_name"] = computer
        settings = (("UserLocale", "language", LANGUAGE), ("TimeZone", "time_zone", TIME_ZONE))
        for tag, key, kind in settings:
            text = self._element.value(tag)
            if not text or text.casefold() == "en-us":
                continue
            try:
                guest[key] = str(kind.parse(text))
            except InvalidValue as error:
                draft.leave_out(
                    vm, tr("{key} {value!r}: it {problem}", key=tag, value=text, problem=error)
                )
        return guest

    def _firmware(self) -> dict[str, Plain]:
        """Return Secure Boot, which AutomatedLab switches off unless asked, and the TPM."""
        found: dict[str, Plain] = {}
        if not self._properties.get("enablesecureboot"):
            found["secure_boot"] = False
        else:
            templates = ("MicrosoftWindows", "MicrosoftUEFICertificateAuthority")
            template = _word(self._properties, "secureboottemplate", templates)
            found |= {"secure_boot": template} if template else {}
        return {
            **found,
            **({"tpm": True} if is_true(self._properties.get("enabletpm", "")) else {}),
        }

    def _comments(self) -> Iterator[str]:
        if self._roles:
            yield one_line(tr("Roles: {names}", names=", ".join(self._roles)))
        domain = self._element.value("DomainName")
        if domain:
            yield one_line(tr("Domain: {domain}", domain=domain))

    def _leave_out(self, name: str, draft: LabDraft) -> None:
        others = [role for role in self._roles if role not in (_HYPER_V, _ROUTING)]
        if others:
            what = tr_count(
                "the role {roles}: install it in the guest",
                "the roles {roles}: install them in the guest",
                len(others),
                roles=all_of(others),
            )
            draft.leave_out(name, what)
        if _ROUTING in self._roles:
            draft.leave_out(
                name, tr("NAT of the role Routing: the VM routes, and does not translate")
            )
        if any(True for _ in self._element.all("PostInstallation")) or self._element.within(
            "PreInstallationActivity"
        ):
            draft.leave_out(name, tr("installation activities: nestlab runs no scripts in guests"))
        if self._element.within("LinuxPackageGroup"):
            draft.leave_out(name, tr("packages: nestlab installs none"))


def _word(properties: Mapping[str, str], key: str, words: tuple[str, ...]) -> str:
    """Return the property as one of these words; empty if it is none of them."""
    known = {word.casefold(): word for word in words}
    return known.get(properties.get(key, "").casefold(), "")
