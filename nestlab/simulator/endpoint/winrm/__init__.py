"""The simulated host's WinRM/PSRP endpoint, like port 5985 or 5986 of a real host."""

from nestlab.simulator.endpoint.winrm.endpoint import Endpoint, serve
from nestlab.simulator.endpoint.winrm.request_faults import (
    FaultPlan,
    RequestFault,
    RequestFaultKind,
)

__all__ = ["Endpoint", "FaultPlan", "RequestFault", "RequestFaultKind", "serve"]
