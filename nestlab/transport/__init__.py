"""Sessions to hosts: simulated in process, or real over PowerShell remoting."""
