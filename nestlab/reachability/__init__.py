"""Pure walk of a frame over a network of values: who reaches whom, where it dies, and what would help."""

from nestlab.reachability.answer import Fix, Trace, TraceDrop, TraceHop
from nestlab.reachability.declared import from_topology, mac_addresses
from nestlab.reachability.endpoints import INTERNET_ADDRESS
from nestlab.reachability.network import Network
from nestlab.reachability.observed import from_states
from nestlab.reachability.outcome import DropPlace, Reason
from nestlab.reachability.outside import Outside, add_outside
from nestlab.reachability.pairs import Matrix, Verdict, matrix
from nestlab.reachability.parts import (
    Assumption,
    Interface,
    Nat,
    Parts,
    Port,
    Stack,
    Uplink,
    Wire,
    WireKey,
)
from nestlab.reachability.tracing import trace

__all__ = [
    "INTERNET_ADDRESS",
    "Assumption",
    "DropPlace",
    "Fix",
    "Interface",
    "Matrix",
    "Nat",
    "Network",
    "Outside",
    "Parts",
    "Port",
    "Reason",
    "Stack",
    "Trace",
    "TraceDrop",
    "TraceHop",
    "Uplink",
    "Verdict",
    "Wire",
    "WireKey",
    "add_outside",
    "from_states",
    "from_topology",
    "mac_addresses",
    "matrix",
    "trace",
]
