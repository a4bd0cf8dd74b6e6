"""Widgets: the panels of the notebooks."""
