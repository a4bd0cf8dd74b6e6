"""Values that most VMs and adapters of a lab have in common, as the `defaults` of a file."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from nestlab.model.plain import Plain

VM_KEYS = (
    "generation",
    "processor_count",
    "memory_startup",
    "dynamic_memory",
    "automatic_start_action",
    "automatic_stop_action",
    "automatic_checkpoints_enabled",
    "disk",
    "guest",
    "secure_boot",
    "tpm",
)
ADAPTER_KEYS = (
    "gateway",
    "dns_servers",
    "dhcp",
    "mac_address_spoofing",
    "allow_teaming",
    "vlan",
)
"""Keys for `defaults`. Names, switches and addresses are better read where they are used."""
_FILE_DEFAULTS: Mapping[str, Plain] = {
    "generation": 2,
    "processor_count": 2,
    "memory_startup": "1GB",
}
_MAPPINGS = ("disk", "guest")  # each of their keys can have a default
_MOST = 0.6


def common_values(
    items: Sequence[Mapping[str, Plain]], keys: Sequence[str], *, may_be_absent: bool
) -> dict[str, Plain]:
    """Return the value that most items have, for each key with such a value.

    With `may_be_absent`, a few items may lack the key: the file then needs null for them.

    >>> vms = [{"memory_startup": "2GB"}, {"memory_startup": "2GB"}, {"memory_startup": "4GB"}]
    >>> common_values(vms, VM_KEYS, may_be_absent=True)
    {'memory_startup': '2GB'}
    """
    return dict(_common(items, keys, may_be_absent=may_be_absent))


def _common(
    items: Sequence[Mapping[str, Plain]], keys: Sequence[str], *, may_be_absent: bool
) -> Iterator[tuple[str, Plain]]:
    for key in keys:
        values = [item[key] for item in items if key in item]
        if len(values) < len(items) * (_MOST if may_be_absent else 1):
            continue
        if key in _MAPPINGS:
            found: Plain = _common_entries(values, whole=key == "disk")
        else:
            found = _most_frequent(values)
        if found not in (None, {}, _FILE_DEFAULTS.get(key, {})):
            yield key, found


def _common_entries(values: Sequence[dict[str, Plain]], *, whole: bool) -> dict[str, Plain]:
    """Return the frequent value of each key that all mappings have.

    With `whole`, the mappings must have the same keys: a disk of a size is not one of an image.
    """
    shared = [key for key in values[0] if all(key in value for value in values)] if values else []
    if whole and any(len(value) != len(shared) for value in values):
        return {}
    frequent = {key: _most_frequent([value[key] for value in values]) for key in shared}
    return {key: value for key, value in frequent.items() if value is not None}


def _most_frequent(values: Sequence[Plain]) -> Plain:
    """Return the value of at least two, and at least half, of the items; None if there is none."""
    texts = [json.dumps(value, sort_keys=True) for value in values]
    if not texts:
        return None
    ((text, number),) = Counter(texts).most_common(1)
    enough = number > 1 and number * 2 >= len(values)
    return values[texts.index(text)] if enough else None


def without_common(item: dict[str, Plain], common: Mapping[str, Plain]) -> dict[str, Plain]:
    """Return an item without the values that the defaults give it.

    >>> without_common({"name": "a", "guest": {"os": "windows"}}, {"guest": {"os": "windows"}})
    {'name': 'a'}
    """
    found = {key: item[key] for key in item if item[key] != common.get(key)}
    for key in _MAPPINGS:
        default = common.get(key)
        if key in found and isinstance(default, dict):
            different = {name: v for name, v in found[key].items() if v != default.get(name)}
            found[key] = different
            if not different:
                del found[key]
    # Null removes the value that a default gives to an item without the key.
    missing = {key: None for key in common if key not in item}
    return {**found, **missing}


def without_file_defaults(items: Sequence[dict[str, Plain]]) -> list[dict[str, Plain]]:
    """Return VMs without the values that all of them have and that are defaults of the file."""
    redundant = [
        key
        for key, value in _FILE_DEFAULTS.items()
        if all(item.get(key) == value for item in items)
    ]
    return [{key: item[key] for key in item if key not in redundant} for item in items]
