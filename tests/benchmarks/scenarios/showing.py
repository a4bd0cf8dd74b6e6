"""What a notebook shows: ``showing.py VMS`` measures the designer and the picture of a lab of that many VMs.

The first picture of a process is measured as well as a later one, because a kernel loads a library
of pictures with its first.
"""

from __future__ import annotations

import base64
import json
import sys
import time

from beside import report
from rooms import lab

import nestlab
from nestlab.notebook import TopologyDesigner

LABS = {5: (1, 4), 50: (5, 9), 200: (10, 19), 300: (15, 19)}
"""Nested hosts, and VMs in each, by the number of all VMs."""


def timed(action):
    """Return what an action returns, and its processor time."""
    began = time.process_time()
    result = action()
    return result, time.process_time() - began


def stored(shown: object) -> int:
    """Return the length of an output in a notebook file, in bytes of JSON."""
    bundle = shown[0] if isinstance(shown, tuple) else shown
    return len(json.dumps(bundle, default=_base64).encode())


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def formats(picture: object) -> dict[str, object]:
    """Return what IPython stores of a picture: the formats that its methods give."""
    methods = {"text/html": "_repr_html_", "image/png": "_repr_png_", "text/plain": "__repr__"}
    return {
        kind: getattr(picture, name)() for kind, name in methods.items() if hasattr(picture, name)
    }


def edit_bytes(designer: TopologyDesigner) -> tuple[int, float]:
    """Return what adding a VM sends to the page, in bytes of JSON, and the time until its picture."""
    sent, times = [], []

    def send(message, **_buffers):
        sent.append(json.dumps(message, default=str))
        if "vm1" in sent[-1] and len(sent[-1]) > 500:  # with more than what is selected
            times.append(time.process_time())

    designer._send = send
    began = time.process_time()
    designer.edit({"do": "add-vm", "into": "host"})
    return sum(len(message.encode()) for message in sent), times[0] - began


def main(vms: int) -> None:
    """Measure showing a designer and a picture, the first and a later time."""
    topology = lab(*LABS[vms])
    assert len(list(topology.machines())) == vms + 1
    shown, first = timed(lambda: TopologyDesigner(topology)._repr_mimebundle_())
    designer = TopologyDesigner(topology)
    _, later = timed(designer._repr_mimebundle_)
    _, drawn = timed(lambda: formats(nestlab.draw(topology)))
    wire, until = edit_bytes(designer)
    report(
        {
            f"open and show a designer of {vms} VMs, the first": first,
            f"show a designer of {vms} VMs again": later,
            f"draw {vms} VMs": drawn,
            f"an edit of {vms} VMs, until its picture is sent": until,
        },
        sizes={
            f"stored output of a designer of {vms} VMs": stored(shown),
            f"stored output of the picture of {vms} VMs": stored(formats(nestlab.draw(topology))),
            f"an edit of {vms} VMs on the wire": wire,
        },
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
