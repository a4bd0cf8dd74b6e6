"""The colors of the pictures, light and dark: one table for all formats and the designer."""

from __future__ import annotations

from typing import Literal

from nestlab.dataclass import dataclass
from nestlab.errors import UsageError
from nestlab.model.topology import Switch
from nestlab.texts import tr

Theme = Literal["light", "dark"]
ANNOTATION_ROLES = ("missing", "differs", "left-over", "not-known")
FONTS = '"Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif'  # not shown


@dataclass(frozen=True)
class Palette:
    """Fill and line colors by role. Text contrast is at least 4.5 to 1."""

    background: str
    levels: tuple[
        tuple[str, str], ...
    ]  # fill and edge of hosts at L0, L1, L2 ...; deeper ones repeat the last two
    vm: tuple[str, str]
    network: tuple[str, str]
    bars: dict[str, tuple[str, str]]  # fill and edge by switch type
    lines: dict[str, str]  # by switch type, and the kinds nat, wire, disconnected
    texts: dict[str, str]
    badges: dict[str, tuple[str, str]]  # background and text
    trace: str
    drop: str

    def host(self, level: int) -> tuple[str, str]:
        """Return fill and edge of a host or nested host at a level."""
        return self.levels[self.level_index(level)]

    def level_index(self, level: int) -> int:
        """Return the index in `levels` of a level: deeper levels repeat the last two."""
        last = len(self.levels) - 1
        return level if level <= last else last - (level - last) % 2

    def line(self, kind: str, switch_type: str) -> str:
        """Return the color of a line: by kind for NAT, wires and disconnected adapters.

        Other lines have the color of their switch type.
        """
        return self.lines[kind if kind in self.lines else switch_type]


LIGHT = Palette(
    background="#ffffff",
    levels=(("#f4f6f9", "#c3ccd7"), ("#e7eef6", "#9db4cf"), ("#f6f1fb", "#bfaed6"), ("#edf5f0", "#a3c4b0")),
    vm=("#ffffff", "#aab7c6"),
    network=("#ffffff", "#8b98a8"),
    bars={"External": ("#cdebe3", "#2a8a74"), "Internal": ("#d3e5f8", "#3d7ab8"), "Private": ("#e5ddf3", "#8265b5")},
    lines={"External": "#2a8a74", "Internal": "#3d7ab8", "Private": "#8265b5", "nat": "#b1721b", "wire": "#8b98a8", "disconnected": "#8b98a8"},
    texts={
        "title": "#1b2733", "subtitle": "#536273", "name": "#1b2733", "muted": "#536273", "address": "#24435f", "outside": "#33414f",
        "switch-bar-External": "#0d4f41", "switch-bar-Internal": "#173f69", "switch-bar-Private": "#44306f",
    },
    badges={
        "level": ("#33485d", "#ffffff"), "nat": ("#fbe5c0", "#6b4300"), "extensions": ("#d6ecd2", "#1d5422"),
        "spoofing": ("#fadce4", "#8c1540"), "vlan": ("#dcdff8", "#33348f"), "quiet": ("#e2e6eb", "#414e5b"), "error": ("#b3261e", "#ffffff"),
        "missing": ("#0b5cad", "#ffffff"), "differs": ("#b0480a", "#ffffff"), "left-over": ("#7a3e9d", "#ffffff"), "not-known": ("#4b5563", "#ffffff"),
    },
    trace="#d9480f",
    drop="#c2180c",
)  # fmt: skip

DARK = Palette(
    background="#14191f",
    levels=(("#1b2229", "#45525f"), ("#21303f", "#4f6d8c"), ("#2b2638", "#6c5c8c"), ("#22302a", "#4f7561")),
    vm=("#161c23", "#5a6a7b"),
    network=("#1b2229", "#7d8b9a"),
    bars={"External": ("#17453b", "#3fae94"), "Internal": ("#1d3f61", "#5b9bd9"), "Private": ("#3b2f57", "#a48bd6")},
    lines={"External": "#3fae94", "Internal": "#5b9bd9", "Private": "#a48bd6", "nat": "#dba04a", "wire": "#8493a3", "disconnected": "#8493a3"},
    texts={
        "title": "#eef3f8", "subtitle": "#a5b2bf", "name": "#eef3f8", "muted": "#a5b2bf", "address": "#bcd4ea", "outside": "#d3dce5",
        "switch-bar-External": "#c6f1e6", "switch-bar-Internal": "#d2e6fb", "switch-bar-Private": "#e5dbfa",
    },
    badges={
        "level": ("#c4d2e0", "#1b2733"), "nat": ("#573b0c", "#fbdfae"), "extensions": ("#214a26", "#c7efc4"),
        "spoofing": ("#5d1d35", "#ffd0de"), "vlan": ("#323476", "#dcdcff"), "quiet": ("#36414c", "#d0d9e2"), "error": ("#f2b8b5", "#601410"),
        "missing": ("#8ec5ff", "#06264a"), "differs": ("#ffb066", "#3b1d00"), "left-over": ("#d9b3f0", "#3a124f"), "not-known": ("#c3ccd6", "#1b2733"),
    },
    trace="#ff9a57",
    drop="#ff6b5e",
)  # fmt: skip


def drawn_type(switch: Switch) -> str:
    """Return the type in whose colors a switch is drawn: Internal where it is not known."""
    return "Internal" if switch.switch_type is None else switch.switch_type.value


PALETTES: dict[str, Palette] = {"light": LIGHT, "dark": DARK}


def palette(theme: str) -> Palette:
    """Return the colors of a theme; raises UsageError if there is no such theme."""
    try:
        return PALETTES[theme]
    except KeyError:
        message = tr("There is no theme {theme!r}.", theme=theme)
        raise UsageError(
            message, hint=tr("Themes are light and dark; for SVG also auto and page.")
        ) from None
