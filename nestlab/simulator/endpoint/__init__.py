"""The simulated host to clients outside of this process: PowerShell remoting over WinRM, or over standard input and output."""
