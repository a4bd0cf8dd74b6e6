"""The kernel of Linux as an independent judge of the walk: the same networks, built of namespaces, bridges and NAT, and real pings.

It cannot tell whether Hyper-V follows the rules that both sides were told (see
docs/simulated-host.md); it tells whether ARP, MAC learning, routing, NAT sessions and the way back
were worked out right.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings

from nestlab.model.topology import DhcpServer, Switch, Topology, dhcp_servers
from nestlab.reachability import Network, from_topology, trace
from nestlab.reachability.elements import Interface, Stack
from nestlab.topology_file import load, loads
from tests.reachability.any_topology import topologies
from tests.reachability.dataplane.description import described
from tests.reachability.router_topologies import router_topologies

CASES = Path(__file__).parents[2] / "cases"
FABRIC = Path(__file__).with_name("fabric.py")
COUNT = "NESTLAB_DATAPLANE_TOPOLOGIES"
"""The environment variable with the number of topologies that each test draws."""


class Judge(Protocol):
    """Asks the kernel: which of these probes are answered, and who hears each of these requests?"""

    def __call__(
        self,
        network: Network,
        probes: list[dict[str, Any]],
        requests: list[dict[str, int]] | None = None,
    ) -> dict[str, Any]: ...


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    """Give the kernel's answers; skip where there is no Linux with namespaces and nftables, unless they are required."""
    missing = _missing()
    if missing and not os.environ.get("NESTLAB_REQUIRE_DATAPLANE"):
        pytest.skip(missing)
    assert not missing, missing
    command = ["unshare", "-Urn", sys.executable, str(FABRIC)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        to, back = process.stdin, process.stdout

        def ask(
            network: Network,
            probes: list[dict[str, Any]],
            requests: list[dict[str, int]] | None = None,
        ) -> dict[str, Any]:
            to.write(json.dumps(described(network, probes, requests or [])) + "\n")
            to.flush()
            return dict(json.loads(back.readline()))

        yield ask
        to.close()


def _missing() -> str:
    tools = [tool for tool in ("unshare", "ip", "nft") if shutil.which(tool) is None]
    if sys.platform != "linux" or tools:
        return f"the dataplane tests need Linux with unshare, ip and nft; not there: {', '.join(tools) or 'Linux'}"
    tried = subprocess.run(
        ["unshare", "-Urn", "nft", "add table bridge t"],
        capture_output=True,
        text=True,
        check=False,
    )  # the system's tools
    return (
        f"the dataplane tests need network namespaces with nftables: {tried.stderr.strip()}"
        if tried.returncode
        else ""
    )


def _questions(network: Network) -> Iterator[tuple[str, int, str]]:
    """Yield source, its stack, and target: every machine asks for every address of the others, and for the internet."""
    addresses = sorted(
        {
            str(address.ip)
            for _, interface in network.interfaces()
            for address in interface.addresses
        }
    )
    for number, stack in enumerate(network.stacks):
        if stack.kind == "machine":
            yield from (
                (stack.label, number, a)
                for a in [*addresses, "internet"]
                if all(a != str(x.ip) for i in stack.interfaces for x in i.addresses)
            )


def _compare(network: Network, judge: Judge) -> int:
    asked = []
    for source, stack, target in _questions(network):
        answer = trace(network, source, target)
        if answer.status in ("reachable", "unreachable"):
            address = "1.1.1.1" if target == "internet" else target
            asked.append(
                (
                    answer,
                    {"stack": stack, "address": address, "expected": answer.status == "reachable"},
                )
            )
    if asked:
        answers = judge(network, [probe for _, probe in asked])["answers"]
        wrong = [
            f"answered: {said}\n{answer}"
            for (answer, probe), said in zip(asked, answers, strict=True)
            if said != probe["expected"]
        ]
        assert not wrong, "\n\n".join(wrong[:3])
    return len(asked)


def _drawn() -> Iterator[Any]:
    for path in sorted((CASES / "topologies").glob("*.yml")):
        yield pytest.param(load(path), id=path.stem)
    for path in sorted((CASES / "trace").glob("*.yml")):
        case = yaml.safe_load(path.read_text(encoding="utf-8"))
        yield pytest.param(loads(json.dumps({"name": "x", **case["topology"]})), id=path.stem)


@pytest.mark.parametrize("topology", list(_drawn()))
def test_pings_agree_with_traces(topology: Topology, judge: Judge) -> None:
    _compare(from_topology(topology), judge)


@given(topology=topologies())
@settings(
    max_examples=int(os.environ.get(COUNT, "40")),
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_pings_agree_with_traces_on_any_topology(topology: Topology, judge: Judge) -> None:
    network = from_topology(topology)
    assume(not any(_routes_by_itself(stack) for stack in network.stacks))
    _compare(network, judge)


@dataclass(frozen=True)
class _Client:
    """An adapter that asks for its address, by the numbers of its stack and interface."""

    stack: int
    interface: int
    settings: Interface


def _clients(network: Network) -> list[_Client]:
    """Return the adapters of running guests that ask for their address; the host asks beyond the lab."""
    return [
        _Client(number, index, interface)
        for number, stack in enumerate(network.stacks)
        for index, interface in enumerate(stack.interfaces)
        if interface.dhcp and stack.running and stack.machine and interface.port.live
    ]


def _served(topology: Topology, network: Network) -> dict[tuple[int, int], DhcpServer]:
    """Return the DHCP servers by the numbers of the stack and interface with their address."""
    stacks = {stack.machine: n for n, stack in enumerate(network.stacks) if stack.kind == "machine"}
    found = {}
    for path, machine in topology.machines():
        for server in dhcp_servers(machine):
            for index, interface in enumerate(network.stacks[stacks[path]].interfaces):
                alias = server.on.management_alias if isinstance(server.on, Switch) else None
                has_address = server.ip_address in interface.addresses
                if has_address and alias in (None, interface.port.adapter):
                    found.setdefault((stacks[path], index), server)
    return found


def _wrong_leases(topology: Topology, network: Network, judge: Judge) -> list[str]:
    """Return the clients whose address is not from the only server that hears them and answers."""
    clients, served = _clients(network), _served(topology, network)
    requests = [{"stack": each.stack, "interface": each.interface} for each in clients]
    heard = judge(network, [], requests)["heard"] if clients else []
    wrong = []
    for client, hearing in zip(clients, heard, strict=True):
        places = [tuple(place) for place in hearing]
        is_physical = any(
            stack >= len(network.stacks) or network.stacks[stack].kind == "gateway"
            for stack, _ in places
        )
        servers = [
            served[place] for place in places if place in served and place[0] != client.stack
        ]
        expected = servers[0] if len(servers) == 1 and not is_physical else None
        if not _is_leased_from(client.settings, expected):
            at = network.stacks[client.stack].label
            wrong.append(f"{at}: {client.settings}\nheard: {hearing}, expected: {expected}")
    return wrong


def _is_leased_from(client: Interface, server: DhcpServer | None) -> bool:
    """Whether a client has an address, prefix and router of a server; none of the three without one."""
    if server is None or server.ip_address is None:
        return not client.addresses
    (address,) = client.addresses or (None,)
    if address is None or address.network != server.ip_address.network:
        return (
            address is None and server.scope.first == server.scope.last
        )  # given to another client
    reserved = {each.mac_address: each.ip_address for each in server.scope.reservations}
    is_own = (
        address.ip == reserved[client.port.mac_address]
        if client.port.mac_address in reserved
        else server.scope.first <= address.ip <= server.scope.last
    )
    router = server.scope.router or (
        server.ip_address.ip if server.forwards or not server.is_in_guest else None
    )
    return is_own and client.gateway == router


@given(topology=router_topologies())
@settings(
    max_examples=int(os.environ.get(COUNT, "8")),
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_pings_and_dhcp_requests_agree_with_traces_of_routers(
    topology: Topology, judge: Judge
) -> None:
    """NAT and DHCP in guests, teams as one wire, VLANs on a machine's own adapters."""
    network = from_topology(topology)
    assume(not any(_routes_by_itself(stack) for stack in network.stacks))
    _compare(network, judge)
    # On a busy machine, a frame may be late: requests that disagree are sent again.
    wrong = _wrong_leases(topology, network, judge) and _wrong_leases(topology, network, judge)
    assert wrong == []


def _routes_by_itself(stack: Stack) -> bool:
    """Whether a next hop is an address of the machine itself: Linux refuses it, and what Windows does is nowhere told."""
    own = {address.ip for interface in stack.interfaces for address in interface.addresses}
    return any(interface.gateway in own for interface in stack.interfaces) or any(
        route.via in own for route in stack.routes
    )
