"""The simulated host on standard input and output, as PowerShell's server mode is."""

from nestlab.simulator.endpoint.stdio.stdio_server import serve_stdio

__all__ = ["serve_stdio"]
