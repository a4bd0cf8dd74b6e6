"""Checks the file that an image is copied to in a nested host, right before the copy."""

from __future__ import annotations

from nestlab.observe.target_reader import TargetReader
from nestlab.plan import Refusal, Step, why_image_is_not_copied


def identify_image(reader: TargetReader) -> Step | Refusal:
    """Return the step that copies an image, or why it must not run: the existing file is in use.

    A file that was created since the plan was made is not replaced either if a VM uses it.
    """
    step = reader.step
    exists = bool(step.existing_disks)
    why = why_image_is_not_copied(step.target.name, reader.disk_uses(), exists=exists)
    return Refusal(why, in_use=True) if why else step
