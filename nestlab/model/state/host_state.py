"""Everything that was observed on one machine."""

from __future__ import annotations

from nestlab.dataclass import dataclass, field
from nestlab.model.machine_path import HOST, MachinePath
from nestlab.model.state.hypervisor import HyperVState
from nestlab.model.state.windows_computer import (
    ComputerState,
    ProcessorState,
    SecurityState,
    VolumeState,
)
from nestlab.model.state.windows_network import (
    DhcpScopeState,
    FirewallRuleState,
    IPInterfaceState,
    NatState,
    NetAdapterState,
)


@dataclass(frozen=True, kw_only=True)
class Unread:
    """A cmdlet or value that could not be read (`what`), and the error message of the host."""

    what: str
    error: str


OTHERS_ON_SWITCHES = "Get-VMNetworkAdapter -VMName *"
"""`Unread.what` of the adapters that other VMs have on the topology's switches."""


@dataclass(frozen=True, kw_only=True)
class HostState:
    """What was observed on one machine.

    If two states are equal, nothing that a plan depends on has changed.
    """

    machine: MachinePath = HOST
    host: str = ""  # the address the session was opened with
    computer: ComputerState
    processors: tuple[ProcessorState, ...] = ()
    security: SecurityState = field(default_factory=SecurityState)
    volumes: tuple[VolumeState, ...] = ()
    features: frozenset[str] = frozenset()  # installed roles and features, by name
    pending_features: frozenset[str] = frozenset()  # installed, active after a restart
    # None: Get-VMHost gave no answer (role not installed, restart pending, service stopped, or no
    # rights).
    hyper_v: HyperVState | None = None
    net_adapters: tuple[NetAdapterState, ...] = ()
    ip_interfaces: tuple[IPInterfaceState, ...] = ()
    nats: tuple[NatState, ...] = ()
    dhcp_scopes: tuple[DhcpScopeState, ...] = ()
    # Status of the service DHCPServer; empty where it was not read. A plan does not depend on it.
    dhcp_server: str = field(default="", compare=False)
    # Whether Active Directory authorizes it; irrelevant in a workgroup. None: not read.
    dhcp_authorized: bool | None = field(default=None, compare=False)
    firewall_rules: tuple[
        FirewallRuleState, ...
    ] = ()  # of a guest: those for echo requests, Windows' and nestlab's own
    unread: tuple[Unread, ...] = ()

    def firewall_rule(self, name: str) -> FirewallRuleState | None:
        """Return the firewall rule of this Name."""
        return next(
            (rule for rule in self.firewall_rules if rule.name.casefold() == name.casefold()), None
        )

    @property
    def answers_ping(self) -> bool | None:
        """Whether the rules that were read allow echo requests; a Block rule takes precedence.

        None if none was read.
        """
        enabled = [rule.action for rule in self.firewall_rules if rule.enabled]
        return ("Block" not in enabled and "Allow" in enabled) if self.firewall_rules else None
