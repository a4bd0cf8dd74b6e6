"""The VLANs of a trunk: numbers and ranges, kept as they are written.

A range is a Python `range`: a trunk of all 4094 VLANs is one item.
"""

from __future__ import annotations

from collections.abc import Iterable

VlanIds = tuple[int | range, ...]
"""VLANs: numbers, and ranges of them whose last number is included in the text ``1-10``."""

_SHORTEST_RANGE = 3  # two consecutive numbers are listed one by one


def vlan_range(first: int, last: int) -> int | range:
    """Return the VLANs from `first` to `last`, both included; a single VLAN is a number.

    >>> vlan_range(1, 10), vlan_range(5, 5)
    (range(1, 11), 5)
    """
    return first if first == last else range(first, last + 1)


def has_vlan(vlans: VlanIds, vlan: int) -> bool:
    """Whether a VLAN is among these.

    >>> has_vlan((range(1, 11), 30), 7), has_vlan((range(1, 11), 30), 20)
    (True, False)
    """
    return any(vlan in item if isinstance(item, range) else vlan == item for item in vlans)


def merged_vlans(vlans: Iterable[int | range]) -> VlanIds:
    """Return the same VLANs sorted and without duplicates; three or more in a row are a range.

    >>> merged_vlans((range(711, 720), 3, 1, 2, range(4, 6), 30, 31))
    (range(1, 6), 30, 31, range(711, 720))
    """
    spans: list[list[int]] = []
    for first, last in sorted(map(_ends, vlans)):
        if spans and first <= spans[-1][1] + 1:
            spans[-1][1] = max(spans[-1][1], last)
        else:
            spans.append([first, last])
    found: list[int | range] = []
    for first, last in spans:
        whole = range(first, last + 1)
        found += [whole] if len(whole) >= _SHORTEST_RANGE else whole
    return tuple(found)


def _ends(item: int | range) -> tuple[int, int]:
    return (item.start, item.stop - 1) if isinstance(item, range) else (item, item)


def vlan_item_text(item: int | range) -> str:
    """Return one number or range as text.

    >>> vlan_item_text(30), vlan_item_text(range(1, 11))
    ('30', '1-10')
    """
    first, last = _ends(item)
    return str(first) if first == last else f"{first}-{last}"


def vlan_list_text(vlans: VlanIds, separator: str = ",") -> str:
    """Return VLANs as Hyper-V writes them: ``-AllowedVlanIdList '1-10,30'``.

    >>> vlan_list_text((range(1, 11), 30))
    '1-10,30'
    """
    return separator.join(map(vlan_item_text, vlans))


def parse_vlan_list(text: str) -> VlanIds:
    """Read what Hyper-V shows as AllowedVlanIdListString.

    >>> parse_vlan_list("1-10, 30"), parse_vlan_list("")
    ((range(1, 11), 30), ())
    """
    found = []
    for part in filter(None, text.replace(" ", "").split(",")):
        first, _, last = part.partition("-")
        found.append(vlan_range(int(first), int(last or first)))
    return merged_vlans(found)
