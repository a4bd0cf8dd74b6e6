# ruff: noqa: EM102, TRY003  # the function exists to raise this message
"""The keys of disk images, and the names of the computers on them."""

from __future__ import annotations

import re

from nestlab.model.topology import Image, is_computer_name
from nestlab.topology_file.key_types import InvalidValue, Key, Scalar, Shape
from nestlab.topology_file.scalars import BOOLEAN, NON_EMPTY_TEXT, choice

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")


def _image_name(text: str) -> str:
    if not _NAME.fullmatch(text) or text.endswith("."):
        raise InvalidValue(
            f"must be 1 to 60 letters, digits, '.', '_' or '-', not {text[:80]!r}",
            hint="The name is that of the image's file in nested hosts.",
        )
    return text


IMAGE_NAME = Scalar(
    "the name of an image",
    _image_name,
    {
        "type": ["string", "number", "boolean"],
        "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,58}[A-Za-z0-9_-]?$",
        "minimum": 0,
    },
)


def _computer_name(text: str) -> str:
    if not is_computer_name(text):
        raise InvalidValue(
            f"must be 1 to 15 letters, digits or '-', and not digits alone: {text[:80]!r}"
        )
    return text


COMPUTER_NAME = Scalar(
    "a computer name",
    _computer_name,
    {"type": ["string", "boolean"], "pattern": r"^(?!\d+$)[A-Za-z0-9-]{1,15}$"},
)
IMAGE = Shape(
    "an image",
    Image,
    (
        Key("path", NON_EMPTY_TEXT, "The disk file on the host.", required=True),
        Key(
            "os",
            choice({"windows": "windows", "linux": "linux"}),
            "The operating system that is installed in it.",
        ),
        Key(
            "prepared",
            BOOLEAN,
            "Whether it boots to a known account; false for a generalized (sysprepped) image.",
        ),
    ),
    build=dict,
)
