"""Reachability by simulating frames: which machine reaches which, and what blocks it."""

from nestlab.reachability.answer import Fix, Trace, TraceDrop, TraceHop
from nestlab.reachability.declared import from_topology, mac_addresses
from nestlab.reachability.elements import (
    Assumption,
    Elements,
    Interface,
    Nat,
    Port,
    Stack,
    SwitchUplink,
    Wire,
    WireKey,
)
from nestlab.reachability.endpoints import INTERNET_ADDRESS
from nestlab.reachability.existing_switches import (
    first_address,
    observed_switch,
    with_observed_switches,
)
from nestlab.reachability.network import Network
from nestlab.reachability.observed import from_states
from nestlab.reachability.observed_nats import with_nats_of_others
from nestlab.reachability.outcome import DropPlace, Reason
from nestlab.reachability.pairs import Matrix, PairResult, matrix
from nestlab.reachability.physical_networks import PhysicalNetworkFacts, add_physical_networks
from nestlab.reachability.team_uplink import uplink_through
from nestlab.reachability.topology_edits import TopologyEdit
from nestlab.reachability.tracing import trace

__all__ = [
    "INTERNET_ADDRESS",
    "Assumption",
    "DropPlace",
    "Elements",
    "Fix",
    "Interface",
    "Matrix",
    "Nat",
    "Network",
    "PairResult",
    "PhysicalNetworkFacts",
    "Port",
    "Reason",
    "Stack",
    "SwitchUplink",
    "TopologyEdit",
    "Trace",
    "TraceDrop",
    "TraceHop",
    "Wire",
    "WireKey",
    "add_physical_networks",
    "first_address",
    "from_states",
    "from_topology",
    "mac_addresses",
    "matrix",
    "observed_switch",
    "trace",
    "uplink_through",
    "with_nats_of_others",
    "with_observed_switches",
]
