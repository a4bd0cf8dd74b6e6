"""Host state: what was observed on one machine, in Hyper-V's own terms.

The same value describes the host, a nested host, and a Windows guest without Hyper-V (then
`hyper_v` is None). What could not be read is in `unread`: a rule that needs it reports
"not known".
"""

from __future__ import annotations

from nestlab.model.state.host_state import OTHERS_ON_SWITCHES, HostState, Unread
from nestlab.model.state.hypervisor import (
    DEFAULT_SWITCH_ID,
    CheckpointState,
    DiskFileState,
    DiskUseState,
    DvdDriveState,
    HardDiskState,
    HyperVState,
    NetworkAdapterState,
    Settings,
    SettingValue,
    SwitchState,
    VirtualMachineState,
    VlanState,
    VMHostState,
)
from nestlab.model.state.management_adapters import (
    disabled_adapters,
    expected_management_alias,
    is_management_adapter,
    management_alias,
)
from nestlab.model.state.windows_computer import (
    ComputerState,
    EventState,
    ProcessorState,
    SecurityState,
    VolumeState,
)
from nestlab.model.state.windows_network import (
    BUILT_IN_ECHO_RULE,
    ECHO_RULE,
    NEW_ROUTE_METRIC,
    DhcpReservationState,
    DhcpScopeState,
    FirewallRuleState,
    IPInterfaceState,
    NatState,
    NetAdapterState,
)

__all__ = [
    "BUILT_IN_ECHO_RULE",
    "DEFAULT_SWITCH_ID",
    "ECHO_RULE",
    "NEW_ROUTE_METRIC",
    "OTHERS_ON_SWITCHES",
    "CheckpointState",
    "ComputerState",
    "DhcpReservationState",
    "DhcpScopeState",
    "DiskFileState",
    "DiskUseState",
    "DvdDriveState",
    "EventState",
    "FirewallRuleState",
    "HardDiskState",
    "HostState",
    "HyperVState",
    "IPInterfaceState",
    "NatState",
    "NetAdapterState",
    "NetworkAdapterState",
    "ProcessorState",
    "SecurityState",
    "SettingValue",
    "Settings",
    "SwitchState",
    "Unread",
    "VMHostState",
    "VirtualMachineState",
    "VlanState",
    "VolumeState",
    "disabled_adapters",
    "expected_management_alias",
    "is_management_adapter",
    "management_alias",
]
