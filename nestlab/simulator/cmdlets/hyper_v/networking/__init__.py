"""Cmdlets for virtual switches and the adapters on them."""
