"""Capturing the objects of a host, at every level, as a topology."""

from nestlab.lab.capture.host import Capture, capture, capture_all

__all__ = ["Capture", "capture", "capture_all"]
