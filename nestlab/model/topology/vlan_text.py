"""A VLAN setting as text: for sentences, and as a short label in drawings and tables."""

from __future__ import annotations

from nestlab.model.topology.declared_network import Vlan
from nestlab.model.vlan_ids import vlan_list


def vlan_text(vlan: Vlan | None) -> str:
    """Return a VLAN setting as part of a sentence.

    >>> vlan_text(None), vlan_text(Vlan(access=30)), vlan_text(Vlan(trunk=(10, 20), native=1))
    ('untagged', 'access VLAN 30', 'trunk of 10, 20, native VLAN 1')
    """
    if vlan is not None and vlan.access is not None:
        return f"access VLAN {vlan.access}"
    if vlan is not None and vlan.trunk:
        return f"trunk of {vlan_list(vlan.trunk, ', ')}, native VLAN {vlan.native or 0}"
    return "untagged"


def vlan_mark(vlan: Vlan, most: int | None = None) -> str:
    """Return a VLAN setting as a short mark; of a trunk `most` VLANs are shown.

    >>> vlan_mark(Vlan(access=30)), vlan_mark(Vlan(trunk=(10, 20, 30), native=1), most=2)
    ('VLAN 30', 'VLANs 10, 20 …, native 1')
    """
    if not vlan.trunk:
        return f"VLAN {vlan.access if vlan.access is not None else vlan.native}"
    shown = vlan_list(vlan.trunk[:most], ", ")
    shown += " …" if most is not None and len(vlan.trunk) > most else ""
    return f"VLANs {shown}" + (f", native {vlan.native}" if vlan.native is not None else "")
