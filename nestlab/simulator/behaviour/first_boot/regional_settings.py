"""The language and the time zone of a Windows, as its registry has them.

An installed Windows has those that it was installed with. Only the first boot of a generalized one
takes others, from its answer file: elsewhere the file is not read.
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
"""By the language of the image: the defaults of Windows Setup."""

_IDENTIFIERS = {name.replace("_", "-"): number for number, name in windows_locale.items()}
_UNNAMED = 0x1000  # LOCALE_CUSTOM_UNSPECIFIED: a locale without a number of its own


def regional_settings(machine: Machine) -> tuple[str, str]:
    """Return the identifier of the system locale, four hexadecimal digits, and the time zone."""
    language, zone = _INSTALLED.get(machine.world.quirks.language, _INSTALLED[""])
    number = _IDENTIFIERS.get(machine.locale or language, _UNNAMED)
    return f"{number:04x}", machine.time_zone or zone
