"""Cmdlets for virtual machines and their settings, and for the host itself."""
