"""The simulated host for clients outside of this process: over WinRM, or over standard streams."""
