"""Settings that the key table declares: one key, one parameter of one cmdlet, one property.

What a host has, what the file says, and the step between them follow from the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.dataclass import dataclass
from nestlab.model import Cmdlet
from nestlab.model.plain import Declared
from nestlab.model.state import Settings, SettingValue
from nestlab.topology_file.key_types import KeySetting


@dataclass(frozen=True, kw_only=True)
class SettingChange:
    """A setting that is not as the file says; `had` is None if it could not be read."""

    of: KeySetting
    wanted: SettingValue
    had: SettingValue | None

    @property
    def why(self) -> str:
        """Why the step is needed."""
        return "it could not be read" if self.had is None else f"it is {self.had}"

    @property
    def cmdlet(self) -> Cmdlet:
        """The cmdlet that sets it, without its VM or adapter."""
        return self._set(self.wanted)

    @property
    def undo(self) -> tuple[Cmdlet, ...]:
        """The cmdlet that restores it; none if it is not known what to restore."""
        return () if self.had is None else (self._set(self.had),)

    def title(self, owner: str) -> str:
        """Return the title of the step; `owner` is the VM or the adapter."""
        return f"Set the {self.of.key.text_name} of {owner} to {self.wanted}"

    def _set(self, value: SettingValue) -> Cmdlet:
        return Cmdlet(self.of.setting.cmdlet, {self.of.setting.parameter: value})


def setting_changes(
    settings: Iterable[KeySetting], wanted: Declared, current: Settings, *, while_off: bool
) -> Iterator[SettingChange]:
    """Yield what the file sets and `current` has otherwise.

    Either the settings that change only while the VM is off, or the others.
    """
    values = dict(current)
    for each in settings:
        value, had = each.declared(wanted), values.get(each.key.name)
        if each.setting.while_off is while_off and value is not None and value != had:
            yield SettingChange(of=each, wanted=value, had=had)


def initial_settings(settings: Iterable[KeySetting]) -> Settings:
    """Return the values that a new VM or a new adapter has."""
    return tuple((each.key.name, each.setting.initial) for each in settings)
