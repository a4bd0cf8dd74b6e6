"""Labs that share a host, and what a host is like beside the order in which things were made."""

from __future__ import annotations

import copy
import re
import threading
from typing import Any

import nestlab
from nestlab.model.topology import Topology
from nestlab.simulator.host import SimulatedHost
from nestlab.simulator.runspace import Runspace
from nestlab.transport.simulated import SimulatedSession

_IMAGE = "disk: {image: ws2022}, guest: {os: windows, credential: lab-admin}"
_IMAGES = r"images: {ws2022: {path: 'D:\images\ws2022.vhdx'}}"
_MADE_ANEW = re.compile(
    r"(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|00155D[0-9A-F]{6}|WIN-[0-9A-F]{8}"
)
_MOMENTS = {"created", "started", "booted_at", "ready_at", "pending_ip_at", "interface_index"}


def topology(number: int) -> Topology:
    """Return one of many labs: four Windows VMs behind a NAT of their own; in every fifth, two of them inside a nested host."""
    inside = ""
    if number % 5 == 0:
        inner = ", ".join(
            f"{{name: l2-{number}-{vm}, memory_startup: 1GB, {_IMAGE}, "
            f"network_adapters: [{{switch: Inner, ip_address: 172.16.{number}.{10 + vm}/24, gateway: 172.16.{number}.1}}]}}"
            for vm in (1, 2)
        )
        switch = f"{{name: Inner, switch_type: Internal, ip_address: 172.16.{number}.1/24, nat: 172.16.{number}.0/24}}"
        inside = f", nested: {{switches: [{switch}], vms: [{inner}]}}"
    vms = [
        f"{{name: vm-{number}-{vm}, memory_startup: {'5GB' if inside and vm == 0 else '1GB'}, {_IMAGE}, network_adapters: "
        f"[{{switch: Net-{number}, ip_address: 10.1.{number}.{10 + vm}/24, gateway: 10.1.{number}.1}}]{inside if vm == 0 else ''}}}"
        for vm in range(2 if inside else 4)
    ]
    switch = f"{{name: Net-{number}, switch_type: Internal, ip_address: 10.1.{number}.1/24, nat: 10.1.{number}.0/24}}"
    return nestlab.loads(
        f"name: lab-{number}\n{_IMAGES}\nswitches: [{switch}]\nvms: [{', '.join(vms)}]\n"
    )


def large_host() -> SimulatedHost:
    """Return a host that carries all of them."""
    host = SimulatedHost.from_scenario("ws2022-intel")
    host.machine.hardware.memory = 1 << 40
    return host


def session(host: SimulatedHost) -> SimulatedSession:
    """Return a client's own session to a host."""
    return SimulatedSession(Runspace(host), "sim:ws2022-intel")


def in_threads(*works: Any) -> None:
    """Do each work in a thread of its own, and raise what one of them raised."""
    errors: list[BaseException] = []

    def attempt(work: Any) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # raised below, in the test's thread
            errors.append(error)

    threads = [threading.Thread(target=attempt, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]


def belongings(host: SimulatedHost, number: int) -> Any:
    """Return all that a host keeps of one lab, to the byte."""
    return _belongings(host, re.compile(rf"(?i)\b(lab|vm|net|l2)-{number}\b"))


def belongings_of(host: SimulatedHost, seat: str) -> Any:
    """Return all that a host keeps of one seat of a workshop, to the byte."""
    return _belongings(host, re.compile(rf"(?i)\b{seat}-|-{seat}\b"))


def _belongings(host: SimulatedHost, pattern: re.Pattern[str]) -> Any:
    with host.exclusively() as world:
        data = copy.deepcopy(world.to_dict()["host"])
    hyper_v = data["hyper_v"]
    things = [
        *hyper_v["vms"],
        *hyper_v["switches"],
        *hyper_v["management_adapters"],
        *data["adapters"],
        *data["nats"],
    ]
    return [thing for thing in things if pattern.search(str(thing))], {
        path: file for path, file in data["files"].items() if pattern.search(path)
    }


def timeless(host: SimulatedHost) -> Any:
    """Return a host's state without what depends on the order of work: Ids, MAC addresses, made-up names, moments, order."""
    data = {key: value for key, value in host.world.to_dict().items() if key != "clock"}
    names: dict[str, str] = {}
    _gather(data, names)
    return _plain(data, names)


def _gather(value: Any, names: dict[str, str]) -> None:
    if isinstance(value, dict):
        if "id" in value and "name" in value:
            names[str(value["id"]).lower()] = str(value["name"])
        for item in value.values():
            _gather(item, names)
    elif isinstance(value, list):
        for item in value:
            _gather(item, names)


def _plain(value: Any, names: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item, names) for key, item in value.items() if key not in _MOMENTS}
    if isinstance(value, list):
        return sorted((_plain(item, names) for item in value), key=str)
    if isinstance(value, str):
        if value.lower() in names:
            return f"the Id of {names[value.lower()]}"
        return re.sub(r"(Adapter) #\d+$", r"\1", _MADE_ANEW.sub("made anew", value))
    return value
