"""The simulated host on standard input and output, as PowerShell's server mode speaks (``powershell.exe -s``)."""

from nestlab.simulator.endpoint.stdio.stdio_server import serve_stdio

__all__ = ["serve_stdio"]
