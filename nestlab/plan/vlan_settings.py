"""Converts the VLAN settings of a file to those of a host, and to parameters that set them."""

from __future__ import annotations

from nestlab.model import SwitchParameter
from nestlab.model.state import VlanState
from nestlab.model.topology import Vlan, vlan_text
from nestlab.model.vlan_ids import merged_vlans, vlan_list_text
from nestlab.texts import tr

SET_VLAN = "Set-VMNetworkAdapterVlan"


def vlan_state(vlan: Vlan | None) -> VlanState:
    """Return the VLAN setting of a file in the terms of a host."""
    if vlan is None:
        return VlanState()
    if vlan.access is not None:
        return VlanState(operation_mode="Access", access_vlan_id=vlan.access)
    return VlanState(
        operation_mode="Trunk",
        native_vlan_id=vlan.native or 0,
        allowed_vlan_ids=merged_vlans(vlan.trunk),
    )


def same_vlan(one: VlanState, other: VlanState) -> bool:
    """Whether two settings are equal; in untagged mode, VLAN ids are ignored."""
    return one == other or (one.operation_mode == other.operation_mode == "Untagged")


def vlan_state_text(vlan: VlanState) -> str:
    """Return a setting as text, for use in a sentence."""
    match vlan.operation_mode:
        case "Access":
            return vlan_text(Vlan(access=vlan.access_vlan_id))
        case "Trunk":
            return vlan_text(Vlan(trunk=vlan.allowed_vlan_ids, native=vlan.native_vlan_id))
        case "Private":
            secondary = vlan_list_text(vlan.secondary_vlan_ids, ", ")
            mode = vlan.private_vlan_mode.lower()
            return tr(
                "{mode} private VLAN, primary {primary}, secondary {secondary}",
                mode=mode,
                primary=vlan.primary_vlan_id,
                secondary=secondary,
            )
        case "Untagged":
            return tr("untagged")
        case mode:
            return mode.lower()


def vlan_parameters(vlan: VlanState) -> dict[str, object]:
    """Return the parameters of Set-VMNetworkAdapterVlan for a setting.

    The modes exclude each other, and Trunk needs both its list and its native VLAN.
    """
    match vlan.operation_mode:
        case "Access":
            return {"Access": SwitchParameter.ON, "VlanId": vlan.access_vlan_id}
        case "Trunk":
            return {
                "Trunk": SwitchParameter.ON,
                "AllowedVlanIdList": vlan_list_text(vlan.allowed_vlan_ids),
                "NativeVlanId": vlan.native_vlan_id,
            }
        case "Private":
            return _private_vlan_parameters(vlan)
        case _:
            return {"Untagged": SwitchParameter.ON}


def _private_vlan_parameters(vlan: VlanState) -> dict[str, object]:
    """Return the parameters for a private VLAN, which a file cannot express and undo restores."""
    mode, secondary = vlan.private_vlan_mode, vlan.secondary_vlan_ids
    primary = {mode: SwitchParameter.ON, "PrimaryVlanId": vlan.primary_vlan_id}
    if mode == "Promiscuous":
        return {**primary, "SecondaryVlanIdList": vlan_list_text(secondary)}
    return {**primary, "SecondaryVlanId": next(iter(secondary), 0)}
