"""The language and the time zone of Windows, as they are in its registry.

Windows keeps those of its installation. A generalized image takes others from its answer file at
its first boot, the only time that the file is read.
"""

from __future__ import annotations

from locale import windows_locale

from nestlab.simulator.state.machine import Machine

_INSTALLED = {
    "": ("en-US", "Pacific Standard Time"),
    "de": ("de-DE", "W. Europe Standard Time"),
    "es": ("es-ES", "Romance Standard Time"),
    "fr": ("fr-FR", "Romance Standard Time"),
    "ja": ("ja-JP", "Tokyo Standard Time"),
}
"""Language of the image -> locale and time zone: the defaults of Windows Setup."""

_IDENTIFIERS = {name.replace("_", "-"): number for number, name in windows_locale.items()}
_UNNUMBERED = 0x1000  # LOCALE_CUSTOM_UNSPECIFIED: a locale without an identifier of its own


def regional_settings(machine: Machine) -> tuple[str, str]:
    """Return the identifier of the system locale, four hexadecimal digits, and the time zone."""
    language, zone = _INSTALLED.get(machine.world.quirks.language, _INSTALLED[""])
    number = _IDENTIFIERS.get(machine.locale or language, _UNNUMBERED)
    return f"{number:04x}", machine.time_zone or zone
