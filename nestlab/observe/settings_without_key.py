"""The settings of VMs and adapters that a topology file has no key for, and that are not usual.

The parameters and what a new VM has are those of Microsoft's reference of Set-VMProcessor,
Set-VMMemory and Set-VMNetworkAdapter
(https://learn.microsoft.com/powershell/module/hyper-v/set-vmprocessor).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from nestlab.constants.enum_numbers import ON_OFF
from nestlab.model import Record
from nestlab.observe.key_settings import setting_value
from nestlab.topology_file.key_types import Setting

PROCESSOR_WITHOUT_KEY = (
    Setting("Set-VMProcessor", "Reserve", 0),
    Setting("Set-VMProcessor", "Maximum", 100),
    Setting("Set-VMProcessor", "RelativeWeight", 100),
)
_BUFFER = Setting("Set-VMMemory", "Buffer", 20)
MEMORY_WITHOUT_KEY = (Setting("Set-VMMemory", "Priority", 50), _BUFFER)
"""The buffer counts with dynamic memory only."""
ADAPTER_WITHOUT_KEY = (Setting("Set-VMNetworkAdapter", "DhcpGuard", "Off", ON_OFF),)


def vm_settings_without_key(processor: Record, memory: Record, *, dynamic: bool) -> tuple[str, ...]:
    """Return the cmdlets that set what a VM has and no key says; a new VM has none of it."""
    of_memory = (each for each in MEMORY_WITHOUT_KEY if dynamic or each is not _BUFFER)
    return (*_cmdlets(processor, PROCESSOR_WITHOUT_KEY), *_cmdlets(memory, of_memory))


def adapter_settings_without_key(adapter: Record) -> tuple[str, ...]:
    """Return the same for the adapter of a VM."""
    return tuple(_cmdlets(adapter, ADAPTER_WITHOUT_KEY))


def _cmdlets(record: Record, settings: Iterable[Setting]) -> Iterator[str]:
    changed: dict[str, list[str]] = {}
    for setting in settings:
        if record.get(setting.parameter) is None:  # this Windows does not have it
            continue
        value = setting_value(record, setting)
        if value != setting.initial:
            changed.setdefault(setting.cmdlet, []).append(f"-{setting.parameter} {value}")
    yield from (f"{cmdlet} {' '.join(parameters)}" for cmdlet, parameters in changed.items())
