"""Texts on machines, switch bars and links: rows of words and badges, before placement."""

from __future__ import annotations

from nestlab.dataclass import dataclass
from nestlab.drawing.font_metrics import elide, text_width
from nestlab.drawing.palette import drawn_type
from nestlab.model.size import Size
from nestlab.model.topology import (
    VM,
    DhcpRange,
    NetworkAdapter,
    Switch,
    SwitchType,
    Topology,
    Uplink,
    VMState,
    short_vlan_text,
)
from nestlab.texts import tr, tr_count

NAME_WIDTH = 230  # a longer name is elided; Hyper-V allows 100 characters
BADGE_SIZE = 9.5
BADGE_HEIGHT = 15
GAP = 6
_BADGE_PAD = 6
_SHOWN_FORWARDS = 2
_SHOWN_VLANS = 4
_OS = {"windows": "Windows", "linux": "Linux"}


@dataclass(frozen=True)
class Word:
    """A piece of text, or a badge, with its width."""

    text: str
    size: float
    role: str
    bold: bool = False
    badge: bool = False

    @property
    def width(self) -> float:
        """Its width in pixels."""
        return text_width(self.text, self.size, bold=self.bold or self.badge) + (
            2 * _BADGE_PAD if self.badge else 0
        )


Row = tuple[Word, ...]


def row_width(row: Row) -> float:
    """Return the width of a row of words, in pixels."""
    return sum(word.width for word in row) + GAP * max(0, len(row) - 1)


def badge(text: str, role: str) -> Word:
    """Return a badge."""
    return Word(text, BADGE_SIZE, role, badge=True)


def _name(text: str, size: float, role: str) -> Word:
    return Word(elide(text, size, NAME_WIDTH, bold=True), size, role, bold=True)


def memory_text(size: Size) -> str:
    """Return a size as a short number with its usual unit.

    >>> memory_text(Size.parse("8GB")), memory_text(Size.parse("1536MB"))
    ('8 GB', '1.5 GB')
    """
    for unit, bytes_of_one in (("TB", 1 << 40), ("GB", 1 << 30), ("MB", 1 << 20)):
        if size >= bytes_of_one:
            return f"{round(int(size) / bytes_of_one, 2):g} {unit}"
    return f"{int(size)} B"


def machine_rows(machine: Topology | VM, level: int) -> list[Row]:
    """Return the header of a machine's box: its name and level, then its resources."""
    if isinstance(machine, Topology):
        forwards = (
            (badge(tr("routes between its adapters"), "quiet"),) if machine.forwarding else ()
        )
        return [(Word(tr("Hyper-V host"), 15, "name", bold=True), badge("L0", "level"), *forwards)]
    title = [_name(machine.name, 15 if machine.nested else 13, "name"), badge(f"L{level}", "level")]
    if machine.state is VMState.OFF:
        title.append(badge(tr("Off"), "quiet"))
    rows: list[Row] = [tuple(title), (Word(_resources(machine), 11, "muted"),)]
    badges = tuple(_machine_badges(machine))
    return [*rows, badges] if badges else rows


def folded_row(machine: Topology | VM) -> Row:
    """Return how much is inside a nested host that is drawn folded."""
    inside = [machine]
    for each in inside:
        inside += each.vms
    count = len(inside) - 1
    return (badge(tr_count("{count} VM inside", "{count} VMs inside", count), "level"),)


def _resources(vm: VM) -> str:
    memory = memory_text(vm.memory_startup)
    if vm.dynamic_memory:
        memory = (
            f"{memory_text(vm.dynamic_memory.minimum)}–{memory_text(vm.dynamic_memory.maximum)}"
        )
    parts = [memory, f"{vm.processor_count} vCPU"]
    if vm.disks:
        parts.append(tr_count("{count} data disk", "{count} data disks", len(vm.disks)))
    if vm.guest.os in _OS:
        parts.append(_OS[vm.guest.os])
    return " · ".join(parts)


def _machine_badges(vm: VM) -> list[Word]:
    badges = []
    if vm.exposes_extensions:
        badges.append(badge(tr("exposes virtualization extensions"), "extensions"))
    elif vm.nested:
        badges.append(badge(tr("extensions not exposed"), "error"))
    if vm.nat is not None:
        outside = elide(vm.nat.outside, BADGE_SIZE, 90)
        badges.append(badge(f"NAT {vm.nat.inside} → {outside}", "nat"))
    elif vm.forwarding:
        badges.append(badge(tr("routes"), "quiet"))
    if not vm.answers_ping:
        badges.append(badge(tr("drops pings"), "quiet"))
    return badges


def bar_row(switch: Switch, *, missing_adapter: bool = False) -> Row:
    """Return the texts of a switch bar."""
    kind = drawn_type(switch)
    type_text = tr("type not known") if switch.kind == "Unknown" else switch.kind_text
    words = [
        _name(switch.name, 12, f"switch-bar-{kind}"),
        Word(type_text, 11, f"switch-bar-{kind}"),
    ]
    if switch.existing:
        words.append(badge(tr("existing"), "quiet"))
    if switch.ip_address:
        words.append(Word(str(switch.ip_address), 11, f"switch-bar-{kind}"))
    for extra in switch.additional_adapters:
        words.append(Word(str(extra.ip_address or extra.alias), 11, f"switch-bar-{kind}"))
        if extra.vlan:
            words.append(badge(short_vlan_text(extra.vlan, limit=_SHOWN_VLANS), "vlan"))
    words += _switch_badges(switch)
    if missing_adapter:
        words.append(
            badge(
                tr(
                    "no adapter {adapter}", adapter=elide(switch.net_adapter or "", BADGE_SIZE, 120)
                ),
                "error",
            )
        )
    return tuple(words)


def _switch_badges(switch: Switch) -> list[Word]:
    """Return the badges of a switch's settings."""
    words = []
    if switch.vlan:
        words.append(badge(short_vlan_text(switch.vlan, limit=_SHOWN_VLANS), "vlan"))
    if switch.nat:
        whole = switch.ip_address and switch.nat == switch.ip_address.network
        words.append(badge("NAT" if whole else f"NAT {switch.nat}", "nat"))
    if switch.switch_type is SwitchType.EXTERNAL and not switch.allow_management_os:
        words.append(badge(tr("VMs only"), "quiet"))
    if switch.dhcp:
        words.append(badge(f"DHCP {_range_text(switch.dhcp)}", "quiet"))
    words += _port_forward_badges(switch)
    if switch.is_team:
        words.append(badge(tr("team of {count}", count=len(switch.net_adapters)), "quiet"))
    return words


def _range_text(dhcp: DhcpRange) -> str:
    """Return a range of addresses, its end shortened to the last number where only that differs."""
    first, last = str(dhcp.first), str(dhcp.last)
    network, _, number = last.rpartition(".")
    return f"{first}–{number if first.startswith(f'{network}.') else last}"


def _port_forward_badges(switch: Switch) -> list[Word]:
    shown = switch.port_forwards[:_SHOWN_FORWARDS]
    more = len(switch.port_forwards) - len(shown)
    texts = [f"{f.protocol} {f.external_port} → {f.to_address}:{f.to_port}" for f in shown]
    texts += [tr_count("+{count} port forward", "+{count} port forwards", more)] if more else []
    return [badge(text, "nat") for text in texts]


def short_bar_row(switch: Switch) -> Row:
    """Return the texts of a switch bar that is repeated above a further row of VMs."""
    return (
        Word(
            elide(switch.name, 9.5, 110, bold=True),
            9.5,
            f"switch-bar-{drawn_type(switch)}",
            bold=True,
        ),
    )


def adapter_rows(adapter: NetworkAdapter, *, has_switch: bool) -> list[Row]:
    """Return the texts beside the link of an adapter: address, name, VLAN, MAC spoofing."""
    rows: list[Row] = []
    if adapter.ip_address:
        rows.append((Word(str(adapter.ip_address), 11, "address"),))
    elif adapter.dhcp:
        rows.append((Word("DHCP", 11, "address"),))
    if adapter.name != "Network Adapter" or not rows:  # not shown: what Windows calls it
        rows.append((Word(elide(adapter.name, 10, 130), 10, "muted"),))
    if adapter.switch and adapter.connected and not has_switch:
        rows.append(
            (
                badge(
                    tr("no switch {switch}", switch=elide(adapter.switch, BADGE_SIZE, 90)), "error"
                ),
            )
        )
    elif not has_switch:
        rows.append((badge(tr("not connected"), "quiet"),))
    if adapter.vlan:
        rows.append((badge(short_vlan_text(adapter.vlan, limit=_SHOWN_VLANS), "vlan"),))
    if adapter.dhcp_server:
        rows.append((badge(f"DHCP {_range_text(adapter.dhcp_server)}", "quiet"),))
    if adapter.mac_address_spoofing:
        rows.append((badge(tr("MAC spoofing"), "spoofing"),))
    return rows


def network_rows(net_adapter: str, uplink: Uplink | None) -> list[Row]:
    """Return the texts of the physical network behind one of the host's adapters."""
    rows: list[Row] = [(Word(elide(net_adapter, 12, 160, bold=True), 12, "outside", bold=True),)]
    if uplink is None:
        return [*rows, (Word(tr("physical network"), 10, "outside"),)]
    if uplink.network:
        rows.append((Word(str(uplink.network), 10, "outside"),))
    if uplink.gateway:
        rows.append((Word(tr("gateway {address}", address=uplink.gateway), 10, "outside"),))
    if uplink.ip_address:
        rows.append((Word(tr("host {address}", address=uplink.ip_address), 10, "outside"),))
    return rows
