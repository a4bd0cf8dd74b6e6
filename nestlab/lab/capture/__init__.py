"""Capturing: what a host has, at every level, as a topology."""

from nestlab.lab.capture.host import Capture, capture, capture_all

__all__ = ["Capture", "capture", "capture_all"]
