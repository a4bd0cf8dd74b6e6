"""Recorded conversations, on standard streams: ``python replayed_over_stdio.py LOG NAME...``.

What the client asked goes to the file LOG, one JSON text a line. Text that a recorded server wrote
between its packets is written in the middle of a line here.
"""

from __future__ import annotations

import base64
import json
import sys
import uuid
from pathlib import Path
from xml.etree import ElementTree as ET

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.transport.replayed import Replay


def main(log: str, *names: str) -> int:
    """Serve until the input ends, or where the recorded server ended."""
    replay = Replay(*names)
    for line in sys.stdin.buffer:
        packet = ET.fromstring(line)  # noqa: S314  # nestlab wrote it
        target = packet.get("PSGuid")
        command = "" if uuid.UUID(target).int == 0 else target
        write(f"<{packet.tag}Ack PSGuid='{target}' />")
        if packet.tag == "Command":
            replay.queues[command] = []
        elif packet.tag == "Data":
            replay.take(base64.b64decode(packet.text), command)
            with Path(log).open("a", encoding="utf-8") as file:
                file.writelines(f"{json.dumps(xml)}\n" for xml in replay.asked_xml)
            replay.asked_xml.clear()
            said = replay.queues[command]
            for fragment in said:
                text = base64.b64encode(fragment).decode()
                write(f"<Data Stream='Default' PSGuid='{target}'>{text}</Data>")
            said.clear()
            if replay.done.get(command) is False:
                return 3
    return 0


def write(line: str) -> None:
    """Write one line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
