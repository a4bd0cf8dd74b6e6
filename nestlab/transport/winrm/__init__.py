"""WinRM: addresses, logons, connections and errors of hosts that are reached over WS-Management."""
