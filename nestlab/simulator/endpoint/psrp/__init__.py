"""The PowerShell remoting server of a simulated host: runspace pools, pipelines and their streams (MS-PSRP)."""
