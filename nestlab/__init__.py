"""nestlab: a lab-notebook kit for nested Hyper-V."""

__version__ = "0.1.0"
