"""Distances in a picture, in pixels."""

from __future__ import annotations

PAD = 14
HEADER_ROW = 19
BAR_HEIGHT = 26
BAR_GAP = 12
SHORT_BAR_HEIGHT = 15
SHORT_BAR_GAP = 6
COLUMN_GAP = 18
ROW_GAP = 22
LABEL_ROW = 17
LABEL_PAD = (
    8  # between a switch bar and the first label under it, and between the last one and the VM
)
SPINE = 9
UPLINK_SLOT = 14
STRIP = 9
PORT_INSET = 20
