"""The PowerShell remoting server of a simulated host: runspace pools and pipelines (MS-PSRP)."""
