"""The version of nestlab."""

__version__ = "0.1.0"
