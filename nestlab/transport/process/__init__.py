"""PowerShell remoting over the standard streams of a child: PowerShell on this machine, or ssh."""
