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
from pathlib import Path
from typing import Any, Protocol

import pytest
import yaml
from hypothesis import HealthCheck, Phase, assume, given, settings

from nestlab.model.topology import Topology
from nestlab.reachability import Network, from_topology, trace
from nestlab.reachability.elements import Stack
from nestlab.topology_file import load, loads
from tests.reachability.any_topology import topologies
from tests.reachability.dataplane.description import described

CASES = Path(__file__).parents[2] / "cases"
FABRIC = Path(__file__).with_name("fabric.py")


class Judge(Protocol):
    """Asks the kernel: which of these probes are answered?"""

    def __call__(self, network: Network, probes: list[dict[str, Any]]) -> list[bool]: ...


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

        def ask(network: Network, probes: list[dict[str, Any]]) -> list[bool]:
            to.write(json.dumps(described(network, probes)) + "\n")
            to.flush()
            return list(json.loads(back.readline() or "[]"))

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
        answers = judge(network, [probe for _, probe in asked])
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
    max_examples=40,
    deadline=None,
    phases=[Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_pings_agree_with_traces_on_any_topology(topology: Topology, judge: Judge) -> None:
    network = from_topology(topology)
    assume(not any(_routes_by_itself(stack) for stack in network.stacks))
    _compare(network, judge)


def _routes_by_itself(stack: Stack) -> bool:
    """Whether a next hop is an address of the machine itself: Linux refuses it, and what Windows does is nowhere told."""
    own = {address.ip for interface in stack.interfaces for address in interface.addresses}
    return any(interface.gateway in own for interface in stack.interfaces) or any(
        route.via in own for route in stack.routes
    )
