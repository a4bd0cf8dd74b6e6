"""The settings in the key table of the topology file, read from the records of a host."""

from __future__ import annotations

from collections.abc import Iterable

from nestlab.model import Record
from nestlab.model.state import Settings, SettingValue
from nestlab.observe.reading import enum_name, flag, number
from nestlab.topology_file.key_types import KeySetting, Setting


def settings_of(record: Record, settings: Iterable[KeySetting]) -> Settings:
    """Return the values of these settings in a record; missing ones are left out."""
    return tuple(
        (each.key.name, setting_value(record, each.setting))
        for each in settings
        if record.get(each.setting.parameter) is not None
    )


def setting_value(record: Record, setting: Setting) -> SettingValue:
    """Return the value of a setting in a record that has it."""
    if isinstance(setting.initial, bool):
        return flag(record, setting.parameter)
    if isinstance(setting.initial, int):
        return number(record, setting.parameter)
    return enum_name(record, setting.parameter, setting.numbers)
