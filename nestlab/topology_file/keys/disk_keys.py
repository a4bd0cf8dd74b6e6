"""The keys of disks of virtual machines: the system disk, data disks, and DVD drives."""

from __future__ import annotations

from nestlab.model.topology import DataDisk, Disk, DvdDrive
from nestlab.texts import mark
from nestlab.topology_file.key_types import Key, OneLine, Shape
from nestlab.topology_file.keys.count_key import COUNT
from nestlab.topology_file.keys.image_keys import IMAGE_NAME
from nestlab.topology_file.scalars import NON_EMPTY_TEXT, SIZE

_ALTERNATIVES = (
    ("image",),
    ("image", "size"),
    ("parent",),
    ("parent", "size"),
    ("size",),
    ("path",),
)
_SIZE = (
    "Size of a new, empty disk; with an image, the size of the differencing disk, "  # not shown
    "by default that of the image. A disk can grow, but not shrink."
)
DISK = Shape(
    "a disk",
    Disk,
    (
        Key(
            "image",
            IMAGE_NAME,
            "Name of the image, under `images`, that the VM's differencing disk is based on. nestlab copies it to nested hosts.",
            label="Image",
        ),
        Key(
            "parent",
            NON_EMPTY_TEXT,
            "Path of the image, on the VM's own host, that the VM's differencing disk is based on.",
            label="Path of an image",
            hint=r"D:\images\ws2022.vhdx",
        ),
        Key(
            "size",
            SIZE,
            _SIZE,
            label="Disk size",
            hint="60GB",
        ),
        Key(
            "path",
            NON_EMPTY_TEXT,
            "Path of an existing disk, on the VM's own host.",
            label="Existing disk",
            hint=r"D:\VMs\web1.vhdx",
        ),
    ),
    alternatives=_ALTERNATIVES,
)
DATA_DISK = Shape(
    "a data disk",
    DataDisk,
    (
        Key(
            "image",
            IMAGE_NAME,
            "Name of the image, under `images`, that the differencing disk is based on. nestlab copies it to nested hosts.",
        ),
        Key(
            "parent",
            NON_EMPTY_TEXT,
            "Path of the disk, on the VM's own host, that the differencing disk is based on.",
        ),
        Key(
            "size",
            SIZE,
            _SIZE,
        ),
        Key(
            "path",
            NON_EMPTY_TEXT,
            "Path of an existing disk, on the VM's own host. nestlab attaches it and never deletes it.",
        ),
    ),
    alternatives=_ALTERNATIVES,
    line=OneLine(
        (
            "image {image} size {size}",
            "parent {parent} size {size}",
            "image {image}",
            "parent {parent}",
            "path {path}",
            "{size}",
        ),
        mark("4TB or path D:\\VMs\\data.vhdx"),
    ),
    short_forms=(COUNT,),
)
DVD_DRIVE = Shape(
    "a DVD drive",
    DvdDrive,
    (
        Key(
            "path",
            NON_EMPTY_TEXT,
            "Path of the ISO file in the drive, on the VM's own host. nestlab never deletes it. Default: the drive is empty.",
        ),
    ),
    line=OneLine(("empty", "{path}"), mark("empty or D:\\iso\\ws2022.iso")),
)
