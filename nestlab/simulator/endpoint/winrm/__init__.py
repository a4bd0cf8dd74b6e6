"""The simulated host's WinRM/PSRP endpoint: what a real host's port 5985 or 5986 is to a client."""

from nestlab.simulator.endpoint.winrm.endpoint import Endpoint, serve
from nestlab.simulator.endpoint.winrm.request_faults import (
    FaultPlan,
    RequestFault,
    RequestFaultKind,
)

__all__ = ["Endpoint", "FaultPlan", "RequestFault", "RequestFaultKind", "serve"]
