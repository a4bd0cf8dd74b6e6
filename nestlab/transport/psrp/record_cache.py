"""A cache of the records of a session; the keys are the bytes of their messages.

The same objects are listed again and again, before and after each step, and most of them have not
changed. Equal bytes are equal records, so each needs to be parsed only once.
"""

from __future__ import annotations

from types import MappingProxyType

from nestlab.model import Record

_LONGEST = 4_096
_LIMIT = 16 << 20
"""The maximum total size of the cached messages; an observation of 1,000 VMs is 5 MB."""

_MUTABLE = frozenset({list, dict})


class RecordCache:
    """Caches the records that were read."""

    def __init__(self) -> None:
        self.unchanging: dict[bytes, Record] = {}
        """The records without lists, by the bytes that they were read from; not to be changed."""
        self._with_lists: dict[bytes, tuple[Record, tuple[str, ...]]] = {}
        self._size = 0

    def copy(self, body: bytes) -> Record | None:
        """Return a copy of a record with lists that was read from these bytes, or None.

        Its lists are copies, because the caller may change them.
        """
        known = self._with_lists.get(body)
        if known is None:
            return None
        record, names = known
        values = dict(record.properties)
        for name in names:
            values[name] = values[name].copy()
        return record.copied(MappingProxyType(values))

    def add(self, body: bytes, record: Record) -> None:
        """Cache a record, unless it is long or has nested lists."""
        values = record.properties
        mutable = tuple(name for name in values if type(values[name]) in _MUTABLE)
        if len(body) > _LONGEST or any(_is_nested(values[name]) for name in mutable):
            return
        if self._size > _LIMIT:
            self.unchanging.clear()
            self._with_lists.clear()
            self._size = 0
        self._size += len(body)
        if mutable:
            self._with_lists[body] = record, mutable
            # The caller has the record, and may change its lists.
            self._with_lists[body] = self.copy(body) or record, mutable
        else:
            self.unchanging[body] = record


def _is_nested(value: list[object] | dict[object, object]) -> bool:
    items = value.values() if isinstance(value, dict) else value
    return any(type(item) in _MUTABLE for item in items)
