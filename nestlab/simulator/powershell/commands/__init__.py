"""The commands of PowerShell itself, on objects of any kind and on the session."""
