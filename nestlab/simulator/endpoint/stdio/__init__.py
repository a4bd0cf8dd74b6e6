"""The simulated host on standard input and output, like PowerShell's server mode."""

from nestlab.simulator.endpoint.stdio.stdio_server import serve_stdio

__all__ = ["serve_stdio"]
