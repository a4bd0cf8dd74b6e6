"""Cmdlets for virtual disk files, drives and controllers."""
