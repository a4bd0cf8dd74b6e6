"""Settings that the key table declares: one key, one parameter of one cmdlet, one property.

The observed value, the value in the file, and the step that sets it follow from the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nestlab.dataclass import dataclass, fields
from nestlab.model import Cmdlet
from nestlab.model.plain import Declared
from nestlab.model.state import Settings, SettingValue
from nestlab.texts import tr
from nestlab.topology_file.key_types import KeySetting


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """A setting that differs from the file; `had` is None if it could not be read."""

    of: KeySetting
    wanted: SettingValue
    had: SettingValue | None

    @property
    def why(self) -> str:
        """Why the step is needed."""
        return (
            tr("it could not be read") if self.had is None else tr("it is {value}", value=self.had)
        )

    @property
    def cmdlet(self) -> Cmdlet:
        """The cmdlet that sets it, without its VM or adapter."""
        return self._set(self.wanted)

    @property
    def undo(self) -> tuple[Cmdlet, ...]:
        """The cmdlet that restores it; none if it is not known what to restore."""
        return () if self.had is None else (self._set(self.had),)

    def title(self, vm: str, adapter: str | None = None) -> str:
        """Return the title of the step, about a setting of a VM or of one of its adapters."""
        name = self.of.key.text_name
        if self.wanted is True:
            return tr("Turn on the {setting} of {vm}", setting=name, vm=vm)
        if self.wanted is False:
            return tr("Turn off the {setting} of {vm}", setting=name, vm=vm)
        if adapter is None:
            return tr(
                "Set the {setting} of {vm} to {value}", setting=name, vm=vm, value=self.wanted
            )
        return tr(
            "Set the {setting} of {vm}'s adapter {adapter} to {value}",
            setting=name,
            vm=vm,
            adapter=adapter,
            value=self.wanted,
        )

    def _set(self, value: SettingValue) -> Cmdlet:
        return Cmdlet(self.of.setting.cmdlet, {self.of.setting.parameter: value})


def setting_changes(
    settings: Iterable[KeySetting], wanted: Declared, current: Settings, *, while_off: bool
) -> Iterator[SettingChange]:
    """Yield what the file sets and `current` has otherwise.

    With `while_off`, the settings that change only while the VM is off, otherwise the others. If a
    host does not support a setting, its default is not set.
    """
    values = dict(current)
    for each in settings:
        value, had = each.declared(wanted), values.get(each.key.name)
        if had is None and _is_default(each, wanted):
            continue
        if each.setting.while_off is while_off and value is not None and value != had:
            yield SettingChange(of=each, wanted=value, had=had)


def initial_settings(settings: Iterable[KeySetting], *, client: bool = False) -> Settings:
    """Return the values that a new VM or a new adapter has, on a client system or a server."""
    return tuple(
        (each.key.name, on_client if client and on_client is not None else each.setting.initial)
        for each in settings
        for on_client in (each.setting.initial_on_client,)
    )


def _is_default(setting: KeySetting, item: Any) -> bool:
    field, value = setting.key.field, getattr(item, setting.key.field)
    return any(each.name == field and each.default == value for each in fields(item))
