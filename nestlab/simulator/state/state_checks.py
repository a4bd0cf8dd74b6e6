"""What a world read from a state file has to be, so that no cmdlet meets a value that the simulator itself never writes."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields, is_dataclass
from functools import cache, lru_cache
from ipaddress import IPv4Address, IPv4Network
from typing import Any, NamedTuple

from nestlab.simulator.powershell.values.object_types import enum_table
from nestlab.simulator.state import machine, virtual_machine
from nestlab.simulator.state.operating_systems import OPERATING_SYSTEMS
from nestlab.simulator.state.world import Quirks, Wire, World

LATEST_MOMENT = 1e11
"""Of every time and duration, in seconds: the year 5138. .NET's calendar ends with the year 9999."""
LARGEST_NUMBER = (1 << 63) - 1
"""Of every whole number: Int64.MaxValue."""


@dataclass(frozen=True)
class _Rule:
    """What a value has to be, in words, and whether it is."""

    says: str
    holds: Callable[[Any], bool]


def _one_of(*names: str) -> _Rule:
    return _Rule(
        f"one of {', '.join(name or 'nothing' for name in names)}", frozenset(names).__contains__
    )


def _named(enum: str, *more: str) -> _Rule:
    return _one_of(*(enum_table(enum) or {}), *more)


def _between(first: int, last: int) -> _Rule:
    return _Rule(f"a number from {first} to {last}", lambda value: first <= value <= last)


def _parsed_by(says: str, parse: Callable[[str], object], *, empty: bool = False) -> _Rule:
    @lru_cache(maxsize=4096)
    def holds(value: str) -> bool:
        if not value:
            return empty
        try:
            parse(value)
        except ValueError:
            return False
        return True

    return _Rule(f"{says}{', or nothing' if empty else ''}", holds)


def _hexadecimal(text: str) -> None:
    if not set(text.upper()) <= set("0123456789ABCDEF"):
        raise ValueError(text)


def _mac(text: str) -> None:
    _hexadecimal(text)
    if len(text) != 12:  # noqa: PLR2004  # hexadecimal digits of six octets
        raise ValueError(text)


def _version(text: str) -> None:
    for part in text.split("."):
        int(part)


_ADDRESS = _parsed_by("an IPv4 address", IPv4Address)
_NETWORK = _parsed_by("an IPv4 network", IPv4Network)
_ID = _parsed_by("an Id", uuid.UUID)
_ID_OR_NOTHING = _parsed_by("an Id", uuid.UUID, empty=True)
_MAC = _parsed_by("a MAC address of 12 hexadecimal digits", _mac)
_PORT = _between(0, 65535)
_VLAN_ID = _between(0, 4094)
_PERCENT = _between(0, 100)
_MASK = _parsed_by("a subnet mask", lambda text: IPv4Network(f"0.0.0.0/{text}"))
_VERSION = _parsed_by("a version number", _version)
_INT32 = _between(0, (1 << 31) - 1)

_FIELDS: Mapping[type, Mapping[str, _Rule]] = {
    machine.OperatingSystem: {
        "family": _one_of("windows", "linux"),
        "product_type": _between(1, 3),
        "build": _INT32,
        "operating_system_sku": _INT32,
    },
    machine.Hardware: {"secure_boot": _one_of("On", "Off", "Unsupported")},
    machine.Processors: {
        "architecture": _between(0, 99),
        "sockets": _between(1, 64),
        "cores": _between(1, 4096),
        "logical_processors": _between(1, 4096),
    },
    machine.Address: {
        "address": _ADDRESS,
        "prefix_length": _between(0, 32),
        "origin": _one_of("Manual", "Dhcp", "WellKnown"),
    },
    machine.Route: {"destination": _NETWORK, "next_hop": _ADDRESS, "metric": _INT32},
    machine.IPInterface: {"dns_servers": _ADDRESS, "interface_metric": _INT32, "mtu": _INT32},
    machine.NetAdapter: {
        "kind": _one_of("physical", "synthetic", "management"),
        "mac_address": _MAC,
        "device_id": _ID,
        "interface_index": _INT32,
        "bound_switch": _ID_OR_NOTHING,
    },
    machine.StaticMapping: {
        "protocol": _one_of("TCP", "UDP"),
        "external_address": _ADDRESS,
        "internal_address": _ADDRESS,
        "external_port": _PORT,
        "internal_port": _PORT,
        "id": _INT32,
    },
    machine.Nat: {"internal_prefix": _NETWORK, "timeouts": _INT32, "mappings_made": _INT32},
    machine.DhcpScope: {
        "scope_id": _ADDRESS,
        "start": _ADDRESS,
        "end": _ADDRESS,
        "subnet_mask": _MASK,
        "state": _one_of("Active", "InActive", "Inactive"),
        "router": _ADDRESS,
        "dns_servers": _ADDRESS,
    },
    machine.File: {
        "kind": _one_of("file", "vhd"),
        "disk_type": _named("VhdType"),
        "operating_system": _one_of("", *OPERATING_SYSTEMS),
    },
    machine.Machine: {
        "features": _one_of(
            "Installed", "InstallPending", "UninstallPending", "Available", "Removed"
        ),
        "services": _one_of("Running", "Stopped"),
    },
    virtual_machine.Vlan: {
        "mode": _named("VMNetworkAdapterVlanMode"),
        "private_mode": _named("VMNetworkAdapterPrivateVlanMode", ""),
        **dict.fromkeys(("access", "native", "allowed", "primary", "secondary"), _VLAN_ID),
    },
    virtual_machine.VMNetworkAdapter: {
        "switch_id": _ID_OR_NOTHING,
        "mac_address": _MAC,
        "device_id": _ID_OR_NOTHING,
    },
    virtual_machine.VirtualSwitch: {
        "id": _ID,
        "net_adapters": _ID,
        "switch_type": _named("VMSwitchType"),
        "bandwidth_mode": _named("VMSwitchBandwidthMode"),
        "load_balancing": _named("VMSwitchLoadBalancingAlgorithm", ""),
    },
    virtual_machine.Processor: {
        "count": _between(1, 2048),
        "reserve": _PERCENT,
        "maximum": _PERCENT,
        "hw_thread_count_per_core": _between(0, 64),
    },
    virtual_machine.Memory: {"buffer": _between(0, 2000), "priority": _PERCENT},
    virtual_machine.Firmware: {
        "console_mode": _named("ConsoleModeType"),
        "preferred_network_boot_protocol": _named("IPProtocolPreference"),
        "key_protector": _parsed_by("hexadecimal digits", bytes.fromhex, empty=True),
    },
    virtual_machine.Drive: {
        "kind": _one_of("disk", "dvd"),
        "controller_type": _one_of("IDE", "SCSI"),
        "controller_number": _between(0, 3),
        "controller_location": _between(0, 63),
    },
    virtual_machine.Settings: {"scsi_controllers": _between(0, 4)},
    virtual_machine.Snapshot: {"id": _ID, "parent_id": _ID_OR_NOTHING, "state": _named("VMState")},
    virtual_machine.VirtualMachine: {
        "id": _ID,
        "state": _named("VMState"),
        "generation": _between(1, 2),
        "version": _VERSION,
        "parent_snapshot_id": _ID_OR_NOTHING,
        "checkpoint_type": _named("CheckpointType"),
        "automatic_start_action": _named("StartAction"),
        "automatic_start_delay": _INT32,
        "automatic_stop_action": _named("StopAction"),
    },
    virtual_machine.HyperV: {
        "mac_address_minimum": _MAC,
        "mac_address_maximum": _MAC,
        "default_version": _VERSION,
    },
    Wire: {
        "network": _parsed_by("an IPv4 network", IPv4Network, empty=True),
        "gateway": _parsed_by("an IPv4 address", IPv4Address, empty=True),
    },
    Quirks: {"hidden_nats": _NETWORK, "amd_minimum_version": _VERSION},
}


def check_clock(data: Mapping[str, Any]) -> None:
    """Raise TypeError or ValueError where the clock of a state file is none; before it is read, since time never goes back."""
    clock = data["clock"]
    if not isinstance(clock, dict):
        msg = f"expected an object at 'clock', found {clock!r}"
        raise TypeError(msg)
    _raise(_problem(clock, None), "clock")
    for name, kind in (("seen", list), ("nat_changes", dict)):
        found = clock.get(name, kind())
        if not isinstance(found, kind) or not all(
            type(n) in (int, float) for n in (found.values() if isinstance(found, dict) else found)
        ):
            msg = f"expected numbers at clock.{name}, found {found!r}"
            raise TypeError(msg)


def check_world(world: World) -> None:
    """Raise ValueError, which names the place, where a value of a world is not one that the simulator writes itself."""
    values = {
        "host": world.host,
        "wires": world.wires,
        "quirks": world.quirks,
        "faults": world.faults,
        "nat_changes": world.nat_changes,
    }
    for name, value in {
        **values,
        "counter": world.counter,
        "scenario": world.scenario,
        "seed": world.seed,
    }.items():
        _raise(_problem(value, None), name)
    _check_machine(world.host, "host")


def _raise(problem: _Problem | None, name: str) -> None:
    if problem is not None:
        msg = f"expected {problem.says} at {name}{problem.place}, found {problem.found!r}"
        raise ValueError(msg)


class _Problem(NamedTuple):
    """What is wrong below a value: the place from there on, what it has to be, and what it is."""

    place: str
    says: str
    found: object


def _problem(value: Any, rule: _Rule | None) -> _Problem | None:
    """Return the first thing that is wrong in a value and below it.

    Places are put together on the way back, where there is one.
    """
    model: type = type(value)
    if model is dict:
        return _first(
            (f"[{key!r}]", _plain(key) or _problem(item, rule)) for key, item in value.items()
        )
    if model is list:
        return _first((f"[{number}]", _problem(item, rule)) for number, item in enumerate(value))
    if is_dataclass(value):
        for name, default, known in _saved(model):
            item = getattr(value, name)
            if item is default or item == default:
                continue
            problem = _problem(item, known)
            if problem is not None:
                return problem._replace(place=f".{name}{problem.place}")
        return None
    return _plain(value) or (
        _Problem("", rule.says, value)
        if rule is not None and value is not None and not rule.holds(value)
        else None
    )


def _first(problems: Iterable[tuple[str, _Problem | None]]) -> _Problem | None:
    return next(
        (
            problem._replace(place=f"{place}{problem.place}")
            for place, problem in problems
            if problem is not None
        ),
        None,
    )


@cache
def _saved(model: type) -> tuple[tuple[str, object, _Rule | None], ...]:
    """Return the fields that are in the file, each with its default, where it needs no look, and its rule."""
    rules = _FIELDS.get(model, {})
    return tuple(
        (field.name, _default(field, rules.get(field.name)), rules.get(field.name))
        for field in fields(model)
        if field.init
    )


def _default(field: Field[Any], rule: _Rule | None) -> object:
    if field.default_factory is not MISSING:
        return field.default_factory()
    if field.default is MISSING:
        return _NOTHING
    wrong = field.default is not None and rule is not None and not rule.holds(field.default)
    return _NOTHING if wrong else field.default


_NOTHING = object()


def _plain(value: object) -> _Problem | None:
    """Return what is wrong with a value for its type."""
    if type(value) is int and not 0 <= value <= LARGEST_NUMBER:
        return _Problem("", f"a number from 0 to {LARGEST_NUMBER}", value)
    if type(value) is float and not 0 <= value <= LATEST_MOMENT:  # neither is NaN
        return _Problem("", f"seconds from 0 to {LATEST_MOMENT:.0f}", value)
    if type(value) is str and _NO_TEXT.search(value):
        return _Problem("", "text", value)
    return None


_NO_TEXT = re.compile("[\0\ud800-\udfff]")


def _check_machine(host: machine.Machine, place: str) -> None:
    """Check what values of one machine have to do with each other, and those of the systems on its disks."""
    for network, where in _scopes(host, place):
        if network is None:
            msg = f"{where} is no scope: its addresses are not in one network"
            raise ValueError(msg)
    for path, file in host.files.items():
        if file.path.lower() != path:
            msg = (
                f"expected the path of {path} at {place}.files[{path!r}].path, found {file.path!r}"
            )
            raise ValueError(msg)
        _check_parents(host, path, place)
        if file.content is not None:
            _check_machine(file.content, f"{place}.files[{path!r}].content")


def _scopes(host: machine.Machine, place: str) -> Iterator[tuple[IPv4Network | None, str]]:
    for number, scope in enumerate(host.dhcp_scopes):
        network = IPv4Network(f"{scope.scope_id}/{scope.subnet_mask}", strict=False)
        whole = (
            all(IPv4Address(address) in network for address in (scope.start, scope.end))
            and str(network.network_address) == scope.scope_id
        )
        yield (network if whole else None), f"{place}.dhcp_scopes[{number}]"


def _check_parents(host: machine.Machine, path: str, place: str) -> None:
    seen = {path}
    file = host.file(path)
    while file is not None and file.parent:
        parent = file.parent.lower()
        if parent in seen:
            msg = f"{place}.files[{path!r}] is its own parent"
            raise ValueError(msg)
        seen.add(parent)
        file = host.file(parent)
