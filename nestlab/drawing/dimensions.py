"""Distances in a picture, in pixels."""

from __future__ import annotations

PAD = 14  # between the border of a machine and what is inside it
HEADER_ROW = 19
BAR_HEIGHT = 26
BAR_GAP = 12
SHORT_BAR_HEIGHT = 15
SHORT_BAR_GAP = 6
COLUMN_GAP = 18
ROW_GAP = 22
LABEL_ROW = 17
LABEL_PAD = 8  # above the first label under a switch bar, and below the last one above a VM
SPINE = 9  # between the lines on the left that join a switch bar with its repetitions
UPLINK_SLOT = 14  # between the vertical uplink lines on the right of a machine
STRIP = 9  # between the horizontal uplink lines above the header of a machine
PORT_INSET = 20
