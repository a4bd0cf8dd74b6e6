"""The settings of the key table that a captured VM or adapter has."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from nestlab.model.state import Settings
from nestlab.topology_file.key_types import KeySetting
from nestlab.topology_file.one_line import value_of


def captured_settings(settings: Iterable[KeySetting], current: Settings) -> dict[str, Any]:
    """Return the settings that differ from those of a new VM or adapter, by attribute.

    One that could not be read is left out.
    """
    values = dict(current)
    return {
        each.key.field: value_of(str(values[each.key.name]), each.key.value_kind)
        for each in settings
        if values.get(each.key.name, each.setting.initial) != each.setting.initial
    }
