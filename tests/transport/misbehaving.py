"""A server on standard streams that misbehaves: ``python misbehaving.py HOW``."""

from __future__ import annotations

import base64
import os
import signal
import sys
import threading
import time
import uuid
from pathlib import Path
from xml.etree import ElementTree as ET

sys.path.insert(0, str(Path(__file__).parents[2]))

from tests.transport.replayed import Replay

FOREVER = threading.Event()


def main(how: str) -> int:
    """Serve, and misbehave when a command arrives, or before."""
    before(how)
    replay = Replay("output-string")
    for line in sys.stdin.buffer:
        packet = ET.fromstring(line)  # noqa: S314  # nestlab wrote it
        target = packet.get("PSGuid")
        command = "" if uuid.UUID(target).int == 0 else target
        if command and packet.tag in {"Command", "Data"}:
            during(how, packet.tag, target)
        write(f"<{packet.tag}Ack PSGuid='{target}' />\n")
        if packet.tag == "Command":
            replay.queues[command] = []
        elif packet.tag == "Data":
            replay.take(base64.b64decode(packet.text), command)
            for fragment in replay.queues[command]:
                text = base64.b64encode(fragment).decode()
                noise = "Progress: 50 % " if how == "noise" else ""
                answer = f"{noise}<Data Stream='Default' PSGuid='{target}'>{text}</Data>\n"
                write(damaged(how, answer) if command else answer)
            replay.queues[command].clear()
    return 0


def damaged(how: str, line: str) -> str:
    """Return a line of a pipeline with other text in it, as another program's output leaves it."""
    start, end = line.index(">") + 9, len(line) // 2
    match how:
        case "padding-inside":
            return f"{line[:start]}={line[start + 1 :]}"
        case "line-inside":
            return f"{line[:end]}\nVERBOSE: Loading module\n{line[end:]}"
        case "text-inside":
            return f"{line[:end]} (50 %) {line[end:]}"
        case "doubled":
            return line + line
        case "id-damaged":
            return line.replace("PSGuid='", "PSGuid='zz")
    return line


def before(how: str) -> None:
    """Misbehave before anything is read."""
    match how:
        case "exit":
            sys.exit("powershell.exe: the parameter -s is not known")
        case "banner":
            write("Welcome to HV01\nMail: none\n")
        case "banner-in-pieces":
            for letter in "Welcome to HV01. " * 6:
                write(letter)
                time.sleep(0.005)
            write("\n")
        case "only-banner":
            write("Welcome to HV01\n")
            sys.exit(0)
        case "silent":
            FOREVER.wait()
        case "endless-line":
            endless("<Data Stream='Default' PSGuid='" + "A" * 60_000)
        case "endless-text":
            endless("Is there anyone?\n" * 4_000)


def during(how: str, tag: str, target: str) -> None:
    """Misbehave when a command begins (Command), or has arrived (Data)."""
    match how, tag:
        case "stops-reading", "Command":
            FOREVER.wait()
        case "dies-before", "Command":
            os.kill(os.getpid(), signal.SIGKILL)
        case "dies", "Data":
            os.kill(os.getpid(), signal.SIGKILL)
        case "half", "Data":
            write(f"<DataAck PSGuid='{target}' />\n<Data Stream='Default' PSGuid='{target}'>AAAA")
            sys.exit(0)
        case "tells-secret", "Data":
            sys.exit(f"cannot log on as ada with {os.environ['TOLD']}")


def endless(text: str) -> None:
    """Write until the other end has had enough."""
    while True:
        write(text)


def write(text: str) -> None:
    """Write at once."""
    sys.stdout.write(text)
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
