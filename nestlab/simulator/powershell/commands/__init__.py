"""PowerShell's own commands on objects of any kind, and on the session."""
