"""The subject of a finding, as it is shown."""

from __future__ import annotations

from nestlab.texts import mark, tr, translate

_KINDS = {
    "adapter": mark("adapter {name}"),
    "check": mark("check {name}"),
    "image": mark("image {name}"),
    "switch": mark("switch {name}"),
    "uplink": mark("uplink {name}"),
}


def subject_text(subject: str) -> str:
    """Return the subject of a finding in the chosen language; the subject itself is a key.

    >>> subject_text("switch LabNet"), subject_text("HV1/web1")
    ('switch LabNet', 'HV1/web1')

    A VM whose name begins with one of these words and a space is translated in the same way.
    """
    kind, _, name = subject.partition(" ")
    if kind == "VM":
        vm, separator, adapter = name.partition(", adapter ")
        return tr("VM {vm}, adapter {adapter}", vm=vm, adapter=adapter) if separator else subject
    return translate(_KINDS[kind], name=name) if kind in _KINDS and name else subject
