# ruff: noqa: EM101  # each message is written where the problem is found
"""Lability configuration data as a draft of a topology file."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from nestlab.importers.draft import (
    LINUX_CREDENTIAL,
    WINDOWS_CREDENTIAL,
    Item,
    LabDraft,
    one_line,
)
from nestlab.importers.lability.adapters import DEFAULT_SWITCH, NodeAdapters
from nestlab.importers.lability.machine import NodeSettings
from nestlab.importers.lability.media import DEFAULT_MEDIA, MediaCatalog
from nestlab.importers.lability.nodes import Node, read_nodes
from nestlab.importers.names import explicit_computer_name, topology_name, valid_name
from nestlab.importers.source import Fields, Source
from nestlab.model.located import DataSyntaxError
from nestlab.model.plain import Plain
from nestlab.model.powershell_data import read_data
from nestlab.model.spelling import same_name
from nestlab.texts import mark, tr, translate

_CREDENTIALS = {"windows": WINDOWS_CREDENTIAL, "linux": LINUX_CREDENTIAL}
_ROLES = ("Role", "Roles")
_USUAL_FILES = ("vmconfigurationdata", "configurationdata")  # of PS-AutoLab-Env, and of DSC
_NOT_OF_VMS = mark("for the DSC configuration of the guests, which nestlab does not apply")
_NOT_COPIED = mark("nestlab copies no modules and files into guests")


def lability_draft(source: Source) -> LabDraft:
    """Return the lab of a .psd1 file; raises DefinitionFileError."""
    try:
        table = read_data(source.text(), keep_variables=True)
    except DataSyntaxError as error:
        raise source.syntax_error(error) from None
    configuration = Fields(table, tr("the configuration data"), source)
    lab = configuration.inner("NonNodeData").inner("Lability")
    return _LabilityLab(source, lab, read_nodes(configuration, source)).draft()


class _LabilityLab:
    def __init__(self, source: Source, lab: Fields, nodes: list[Node]) -> None:
        self._source, self._lab, self._nodes = source, lab, nodes
        self._prefix = lab.text("EnvironmentPrefix")
        self._suffix = lab.text("EnvironmentSuffix")
        lab.use("Network", "Media")
        name = lab.text("EnvironmentName") or self._prefix or _file_name(source)
        self._draft = LabDraft(topology_name(name, "lability-lab"))
        self._media = MediaCatalog(lab, self._draft)
        self._switches: dict[str, str] = {}  # names in the file, by folded names in Lability

    def draft(self) -> LabDraft:
        for node in self._nodes:
            names = node.fields.texts(node.key("SwitchName")) or [DEFAULT_SWITCH]
            for name in names:
                if name.casefold() not in self._switches:
                    self._draft.switches.append(self._switch(name))
        self._draft.vms.extend(map(self._vm, self._nodes))
        self._leave_out_shared()
        return self._draft

    # -- switches

    def _switch(self, name: str) -> Item:
        """Return the switch of a name, as Resolve-LabSwitch.ps1 finds it."""
        defined = [
            Fields(table, tr("switch {switch}", switch=name), self._source)
            for table in self._lab.tables("Network")
            if same_name(str(table.named("Name") or ""), name)
        ]
        if defined:
            return self._defined_switch(name, defined[0])
        if same_name(name, DEFAULT_SWITCH):
            self._switches[name.casefold()] = self._draft.switch_name(DEFAULT_SWITCH)
            return Item({"name": DEFAULT_SWITCH, "existing": True})
        comment = tr(
            "Lability uses a switch of this name that exists already; for that, write existing: true instead of the type"
        )
        data = self._named(name, f"{self._prefix}{name}{self._suffix}")
        return Item({**data, "switch_type": "Internal", **self._nat(name)}, (comment,))

    def _named(self, name: str, full_name: str) -> dict[str, Plain]:
        found = self._draft.switch_name(full_name)
        self._switches[name.casefold()] = found
        return {"name": found}

    def _defined_switch(self, name: str, fields: Fields) -> Item:
        kinds = {kind.casefold(): kind for kind in ("Internal", "External", "Private")}
        kind = kinds.get(fields.text("Type").casefold())
        if kind is None:
            raise fields.wrong("Type", tr("Internal, External or Private"))
        data = {**self._named(name, name), "switch_type": kind}
        if kind == "External":
            adapter = fields.text("NetAdapterName")
            if not adapter.strip():
                raise fields.wrong(
                    "NetAdapterName", tr("the name of a network adapter of the host")
                )
            data["net_adapter"] = valid_name(adapter, "Ethernet")
            data["allow_management_os"] = bool(fields.flag("AllowManagementOS"))
        fields.use("Name", "NetAdapterName", "AllowManagementOS", "Ensure")
        self._draft.leave_out_keys(tr("switch {switch}", switch=data["name"]), fields.unused())
        return Item({**data, **(self._nat(name) if kind == "Internal" else {})})

    def _nat(self, switch: str) -> dict[str, Plain]:
        """Return the address and the NAT of a switch, as PS-AutoLab-Env declares them.

        There, IPNetwork of a node is the network of a NAT of the host, and DefaultGateway the
        address of the host on the switch.
        """
        for node in self._nodes:
            names = node.fields.texts(node.key("SwitchName"))[:1]
            network = node.fields.text("IPNetwork")
            gateway = node.fields.texts("DefaultGateway")[:1]
            if not (names and network and gateway and same_name(names[0], switch)):
                continue
            try:
                found, address = IPv4Network(network), IPv4Address(gateway[0])
            except ValueError:
                raise node.fields.wrong("IPNetwork", tr("a network such as 10.0.0.0/24")) from None
            if address in found:
                return {"ip_address": f"{address}/{found.prefixlen}", "nat": str(found)}
        return {}

    # -- VMs

    def _vm(self, node: Node) -> Item:
        media = self._media.media(node.fields.text(node.key("Media")) or DEFAULT_MEDIA)
        name = self._draft.vm_name(self._display_name(node))
        settings = NodeSettings(node, name, self._draft)
        adapters = NodeAdapters(node, name, self._draft, self._switches).adapters(media.os)
        data: dict[str, Plain] = {
            "name": name,
            **({"generation": 1} if media.generation == 1 else {}),
            **settings.processors_and_memory(),
            "disk": media.disk,
            **settings.data_disks(),
            **settings.dvd_drives(),
            **({} if media.os == "none" else {"guest": self._guest(node, name, media.os)}),
            "network_adapters": adapters,
            **settings.firmware(media.generation),
            **settings.automatic_checkpoints(),
        }
        settings.leave_out()
        comments = tuple(self._comments(node))
        unused = [key for key in node.unused(own=True) if key not in _ROLES]
        self._draft.leave_out_keys(name, unused, translate(_NOT_OF_VMS))
        return Item(data, comments)

    def _display_name(self, node: Node) -> str:
        """Return the name of a VM: with prefix and suffix (Resolve-LabEnvironmentName.ps1)."""
        name = f"{self._prefix}{node.name}{self._suffix}"
        return name.partition(".")[0] if node.fields.flag(node.key("UseNetBIOSName")) else name

    def _guest(self, node: Node, vm: str, os: str) -> dict[str, Plain]:
        guest: dict[str, Plain] = {"os": os, "credential": _CREDENTIALS[os]}
        computer = explicit_computer_name(node.name.partition(".")[0], vm)
        if os == "windows" and computer:
            guest["computer_name"] = computer
        return {**guest, **NodeSettings(node, vm, self._draft).regional_settings(os)}

    def _comments(self, node: Node) -> Iterator[str]:
        roles = [role for key in _ROLES if node.fields.has(key) for role in node.fields.texts(key)]
        if roles:
            yield one_line(tr("Role: {names}", names=", ".join(roles)))
        message = node.fields.raw(node.key("WarningMessage"))
        if isinstance(message, str) and message.strip():
            yield one_line(message)

    # -- what is left out

    def _leave_out_shared(self) -> None:
        unused = [set(node.unused(own=False)) for node in self._nodes]
        shared = [
            key
            for key in dict.fromkeys(key for node in self._nodes for key in node.unused(own=False))
            if key not in _ROLES
            and all(
                key in keys or node.is_own(key)
                for node, keys in zip(self._nodes, unused, strict=True)
            )
        ]
        self._draft.leave_out_keys(tr("every node"), shared, translate(_NOT_OF_VMS))
        self._draft.leave_out_keys(tr("the lab"), self._lab.unused(), translate(_NOT_COPIED))


def _file_name(source: Source) -> str:
    """Return the name of the file, or of its folder if the file has one of the usual names."""
    is_usual = source.path.stem.casefold() in _USUAL_FILES
    return (source.path.resolve().parent.name if is_usual else "") or source.path.stem
