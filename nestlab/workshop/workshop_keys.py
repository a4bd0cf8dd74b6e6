"""The table of all keys of a workshop file, with their types and meanings."""

from __future__ import annotations

from nestlab.errors import UnknownHost
from nestlab.pattern import pattern
from nestlab.texts import tr
from nestlab.topology_file.key_types import InvalidValue, Key, ListOf, Scalar, Shape
from nestlab.topology_file.keys import CHECK
from nestlab.topology_file.network_scalars import NETWORK
from nestlab.topology_file.scalars import (
    NON_EMPTY_TEXT,
    SIZE,
    TEXT,
    TOPOLOGY_NAME,
    choice_of,
    integer,
    text_schema,
)
from nestlab.transport import require_address
from nestlab.transport.credentials import environment_variable
from nestlab.transport.host_address import without_password
from nestlab.workshop.workshop_values import (
    FaultKind,
    HostLimits,
    SeatList,
    SeatQuota,
    StageFault,
    Workshop,
    WorkshopStage,
)

SEATS_MAXIMUM = 1000
_SEAT_NAME = pattern(r"[A-Za-z0-9][A-Za-z0-9-]{0,19}")
_DEVICE = pattern(r"(?i)con|prn|aux|nul|(com|lpt)[1-9]")
_PORTS = pattern(r"\s*([0-9]{1,5})\s*-\s*([0-9]{1,5})\s*")
_PORT_MAXIMUM = 65535


def _seat_name(text: str) -> str:
    if not _SEAT_NAME.fullmatch(text):
        raise InvalidValue(
            tr(
                "must be 1 to 20 letters, digits or '-', and begin with a letter or digit, not {value!r}",
                value=text[:80],
            ),
            hint=tr("It begins the names of the VMs and switches of the seat."),
        )
    if _DEVICE.fullmatch(text):
        raise InvalidValue(
            tr("is the name of a device in Windows: {value!r}", value=text),
            hint=tr("Write another name: it is that of a folder and a file."),
        )
    return text


def _ports(text: str) -> range:
    found = _PORTS.fullmatch(text)
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < first <= last <= _PORT_MAXIMUM:
        raise InvalidValue(
            tr("must be a range of ports like 20000-29999, not {value!r}", value=text[:80]),
            hint=tr("Write the first port, a dash, and the last port, from 1 to 65535."),
        )
    return range(first, last + 1)


def _host(text: str) -> str:
    shown = without_password(text)
    if shown != text:
        raise InvalidValue(
            tr("must not contain a password: {value!r}", value=shown[:200]),
            hint=tr(
                "Set {variable}=user:password where nestlab runs; the file is copied to every seat.",
                variable=environment_variable("host"),
            ),
        )
    try:
        return require_address(text.strip())
    except UnknownHost as error:
        raise InvalidValue(
            tr("is not the address of a host: {value!r}", value=text[:200]), hint=error.hint
        ) from error


SEAT_NAME = Scalar(
    "the name of a seat",
    _seat_name,
    {
        "type": ["string", "number", "boolean"],
        "pattern": "^[A-Za-z0-9][A-Za-z0-9-]{0,19}$",
        "minimum": 0,
    },
)
PORTS = Scalar(
    "a range of ports like 20000-29999", _ports, text_schema(r"^\s*\d{1,5}\s*-\s*\d{1,5}\s*$")
)
HOST_ADDRESS = Scalar(
    "the address of a host like winrms://hv01",
    _host,
    text_schema(r"^\s*([Ss][Ii][Mm]|[Ww][Ii][Nn][Rr][Mm][Ss]?|[Ll][Oo][Cc][Aa][Ll]|[Ss][Ss][Hh]):"),
    longest=4096,  # with the path of a state file, which Windows lets be 32,767 characters long
)


def _items(text: str) -> list[str]:
    return text.split(",")


SEATS = Shape(
    "a list of seats",
    SeatList,
    (
        Key("count", integer(1, SEATS_MAXIMUM), "How many seats there are.", required=True),
        Key(
            "spare",
            integer(0, SEATS_MAXIMUM),
            "How many further seats are built, to replace one that fails.",
        ),
        Key(
            "names",
            ListOf(SEAT_NAME, split=_items),
            "Names of the first seats; the others are seat01, seat02 and so on by their number.",
        ),
    ),
)
QUOTA = Shape(
    "a quota",
    SeatQuota,
    (
        Key("memory", SIZE, "The most memory that the VMs of a seat start with."),
        Key("processors", integer(1, 1 << 16), "The most virtual processors of the VMs of a seat."),
        Key(
            "disk",
            SIZE,
            "The disk space that a seat may need on its host. Placement counts with it; without it, that is not known.",
        ),
    ),
)
LIMITS = Shape(
    "limits of a host",
    HostLimits,
    (
        Key(
            "seats_at_once", integer(1, 100), "How many seats of a host are built at the same time."
        ),
        Key(
            "workers",
            integer(1, 12),
            "On how many machines of a seat steps run at the same time; each needs a shell of the host.",
        ),
        Key(
            "processor_ratio",
            integer(1, 1000),
            "The most virtual processors for each logical processor of a host.",
        ),
    ),
)
FAULT = Shape(
    "a fault",
    StageFault,
    (
        Key(
            "kind",
            choice_of(FaultKind),
            "What is broken: spoofing, gateway, address, dns, vlan, disconnected, memory, extensions, power or firewall of a VM, nat or dhcp of a switch.",
            required=True,
        ),
        Key(
            "at",
            NON_EMPTY_TEXT,
            "The VM, by name or machine path, or the switch: LabNet, or HV1/NestedNat in a nested host.",
            required=True,
        ),
    ),
)
STAGE = Shape(
    "a stage",
    WorkshopStage,
    (
        Key("name", NON_EMPTY_TEXT, "Name of the stage.", required=True),
        Key("notebook", NON_EMPTY_TEXT, "The notebook that the learner works through."),
        Key("text", TEXT, "What the learner is to do, where there is no notebook."),
        Key(
            "until",
            ListOf(NON_EMPTY_TEXT, split=_items),
            "What of the topology is there at the end, with what earlier stages have: switches, nat, vms, nested, all, or names of switches and VMs.",
            required=True,
        ),
        Key("checks", ListOf(CHECK), "Expected reachability at the end of the stage."),
        Key("hint", TEXT, "Help for the learner, from the author."),
        Key("fault", FAULT, "What `nestlab workshop plant` breaks, for the learner to find."),
    ),
)
WORKSHOP = Shape(
    "a workshop",
    Workshop,
    (
        Key(
            "name",
            TOPOLOGY_NAME,
            "Name of the workshop; begins the names of the seats' topologies.",
            required=True,
        ),
        Key("description", TEXT, "What the workshop is for."),
        Key(
            "topology",
            NON_EMPTY_TEXT,
            "The topology file of a seat, relative to this file.",
            required=True,
        ),
        Key("seats", SEATS, "The seats of the class.", required=True),
        Key(
            "networks",
            ListOf(NETWORK, split=_items),
            "Networks from which each seat gets its own, in place of those of the topology.",
            required=True,
        ),
        Key(
            "ports",
            PORTS,
            "Ports of the hosts from which each seat gets its own for port forwards.",
        ),
        Key(
            "hosts",
            ListOf(HOST_ADDRESS, split=_items),
            "Addresses of the hosts, as `--host` takes them.",
            required=True,
        ),
        Key("quota", QUOTA, "The most that a seat is to take of its host."),
        Key("limits", LIMITS, "What is used of one host at a time."),
        Key("stages", ListOf(STAGE), "The stages of the workshop, in order."),
    ),
)
