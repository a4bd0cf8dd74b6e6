"""A VLAN setting as text: for sentences, and as a short label in drawings and tables."""

from __future__ import annotations

from nestlab.model.topology.declared_network import Vlan
from nestlab.model.vlan_ids import vlan_list_text
from nestlab.texts import tr


def vlan_text(vlan: Vlan | None) -> str:
    """Return a VLAN setting as part of a sentence.

    >>> vlan_text(None), vlan_text(Vlan(access=30)), vlan_text(Vlan(trunk=(10, 20), native=1))
    ('untagged', 'access VLAN 30', 'trunk of 10, 20, native VLAN 1')
    """
    if vlan is not None and vlan.access is not None:
        return tr("access VLAN {vlan}", vlan=vlan.access)
    if vlan is not None and vlan.trunk:
        return tr(
            "trunk of {vlans}, native VLAN {native}",
            vlans=vlan_list_text(vlan.trunk, ", "),
            native=vlan.native or 0,
        )
    return tr("untagged")


def short_vlan_text(vlan: Vlan, limit: int | None = None) -> str:
    """Return a VLAN setting in a few characters, with at most `limit` VLANs of a trunk.

    >>> trunk = Vlan(trunk=(10, 20, 30), native=1)
    >>> short_vlan_text(Vlan(access=30)), short_vlan_text(trunk, limit=2)
    ('VLAN 30', 'VLANs 10, 20 …, native 1')
    """
    if not vlan.trunk:
        return f"VLAN {vlan.access if vlan.access is not None else vlan.native}"
    shown = vlan_list_text(vlan.trunk[:limit], ", ")
    shown += " …" if limit is not None and len(vlan.trunk) > limit else ""
    if vlan.native is None:
        return tr("VLANs {vlans}", vlans=shown)
    return tr("VLANs {vlans}, native {native}", vlans=shown, native=vlan.native)
