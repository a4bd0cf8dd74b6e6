"""Pure walk of a frame over a network of values: who reaches whom, where it dies, and what would help."""

from nestlab.reachability.declared import from_topology, mac_addresses
from nestlab.reachability.network import Network
from nestlab.reachability.outside import Outside, add_outside
from nestlab.reachability.parts import Assumption, Interface, Nat, Parts, Port, Stack, Uplink, Wire, WireKey

__all__ = [
    "Assumption",
    "Interface",
    "Nat",
    "Network",
    "Outside",
    "Parts",
    "Port",
    "Stack",
    "Uplink",
    "Wire",
    "WireKey",
    "add_outside",
    "from_topology",
    "mac_addresses",
]
