"""A network made for real, in Linux network namespaces, and echo requests through it.

Reads one JSON network a line (see `description.py`), writes one JSON object a line: for each probe,
did an answer come back, and for each request of a DHCP client, which interfaces hear it and can
answer? One namespace holds a bridge for every wire and VLAN, and one namespace stands for
each IP stack. It knows nothing of nestlab: the kernel resolves neighbours, learns MAC addresses,
routes, translates and remembers sessions.

Run as ``unshare -Urn python fabric.py``; needs no rights, and nothing it makes can reach the
machine's own network.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import select
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

CLONE_NEWNET = 0x40000000
QUIET_SECONDS = 0.3
AT_MOST_SECONDS = 5.0
FRAME_SECONDS = 0.01
MAGIC = b"nestlab!"
PROTOCOL = 0x88B5
"""The number of a protocol for experiments: IEEE 802, 9.2.3."""
INTERNET = "1.1.1.1"
NOT_PUBLIC = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "240.0.0.0/4",
]

STRONG_HOST = {
    "ip_forward": "1",
    "fwmark_reflect": "1",
    "icmp_ratelimit": "0",
    "conf/all/rp_filter": "0",
    "conf/default/rp_filter": "0",
    "conf/all/arp_ignore": "1",
    "conf/all/arp_announce": "2",
    "conf/all/send_redirects": "0",
    "conf/default/send_redirects": "0",
    "conf/all/accept_redirects": "0",
    "conf/default/accept_redirects": "0",
    "conf/all/accept_local": "1",
}
"""Windows' strong host model in Linux' words: an address belongs to its adapter."""

Stack = dict[str, Any]


class Fabric:
    """One network, from the moment it is built until `close`."""

    def __init__(self, network: dict[str, Any]) -> None:
        self._network = network
        self._files: list[int] = []
        self._fabric = self._namespace()
        self._build_wires()
        self._namespaces = [
            self._build_stack(number, stack) for number, stack in enumerate(network["stacks"])
        ]

    def close(self) -> None:
        """Let go of the namespaces: the kernel removes them with everything in them."""
        for file in self._files:
            os.close(file)

    def answers(self) -> list[bool]:
        """Return for every probe whether it was answered; one that disagrees with what is expected is sent again, alone."""
        probes = self._network["probes"]
        sockets = [_socket(namespace) for namespace in self._namespaces]
        try:
            answered = _ping(sockets, dict(enumerate(probes)))
            for number, probe in enumerate(probes):
                if (number in answered) != probe["expected"]:
                    self._forget_neighbors()
                    alone = _ping(sockets, {number: probe})
                    answered = answered | alone if alone else answered - {number}
        finally:
            for each in sockets:
                each.close()
        return [number in answered for number in range(len(probes))]

    def heard(self) -> list[list[list[int]]]:
        """Return for every request the stack and interface of all that hear it and whose answer arrives."""
        requests = self._network["requests"]
        sockets = {
            (stack, index): _frames(self._namespaces[stack], index)
            for stack, each in enumerate(self._network["stacks"] if requests else ())
            for index in range(len(each["interfaces"]))
        }
        try:
            return [
                _request(number, (each["stack"], each["interface"]), sockets)
                for number, each in enumerate(requests)
            ]
        finally:
            for each in sockets.values():
                each.close()

    def _namespace(self) -> int:
        _call("unshare", CLONE_NEWNET)
        namespace = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        self._files.append(namespace)
        for name in ("all", "default"):
            Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1", encoding="ascii")
        _ip(["link set lo up"])
        return namespace

    def _build_wires(self) -> None:
        lines, rules = [], []
        for number in range(self._network["segments"]):
            lines.append(
                f"link add b{number} type bridge stp_state 0 mcast_snooping 0 forward_delay 0"
            )
            lines.append(f"link set b{number} up")
        for number, link in enumerate(self._network["links"]):
            lines.append(
                f"link add d{number} master b{link['below']} type veth peer name u{number}"
            )
            lines += [
                f"link set u{number} master b{link['above']}",
                f"link set d{number} up",
                f"link set u{number} up",
            ]
            rules += _link_rules(number, link)
        _ip(lines)
        for bridge in self._bridges():
            Path(f"/proc/sys/net/bridge/{bridge}").write_text("0", encoding="ascii")
        before, after = (
            [rule for when, rule in rules if when == "before"],
            [rule for when, rule in rules if when == "after"],
        )
        _nft("bridge", {"prerouting priority -300": before, "forward priority 0": after})

    def _bridges(self) -> Iterator[str]:
        """Yield the switches that would send bridged packets through the rules of IP."""
        folder = Path("/proc/sys/net/bridge")
        return (
            (name.name for name in folder.iterdir() if name.name.startswith("bridge-nf-call"))
            if folder.is_dir()
            else iter(())
        )

    def _build_stack(self, number: int, stack: Stack) -> int:
        namespace = self._namespace()
        for name, value in STRONG_HOST.items():
            Path(f"/proc/sys/net/ipv4/{name}").write_text(value, encoding="ascii")
        _enter(self._fabric)
        plugs = []
        for index, interface in enumerate(stack["interfaces"]):
            port = f"p{number}.{index}"
            path = f"/proc/{os.getpid()}/fd/{namespace}"
            plugs.append(
                f"link add {port} type veth peer name e{index} address {interface['mac']} netns {path}"
            )
            if interface["segment"] is not None:
                plugs.append(f"link set {port} master b{interface['segment']}")
            plugs.append(f"link set {port} up")
        _ip(plugs)
        if stack["gateway"]:
            self._internet(number, namespace)
        _enter(namespace)
        _ip(_stack_lines(stack))
        _nft("ip", _stack_rules(stack))
        return namespace

    def _internet(self, number: int, gateway: int) -> None:
        """Plug a gateway into an internet that answers."""
        outside = self._namespace()
        _ip([f"addr add {INTERNET}/32 dev lo"])
        _enter(self._fabric)
        both = f"link add x{number} netns /proc/{os.getpid()}/fd/{gateway} type veth peer name inet netns /proc/{os.getpid()}/fd/{outside}"
        _ip([both])
        _enter(outside)
        _ip(["addr add 100.64.0.1/30 dev inet", "link set inet up"])
        _enter(gateway)
        _ip(
            [
                f"link set x{number} name outside",
                "addr add 100.64.0.2/30 dev outside",
                "link set outside up",
            ]
        )

    def _forget_neighbors(self) -> None:
        for namespace in self._namespaces:
            _enter(namespace)
            _ip(["neigh flush all"])


def _link_rules(number: int, link: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the rules of the port that joins two wires: seen from above, the frames from below come in at it."""
    up = f"u{number}"
    for mac in link["macs"]:
        yield "before", f'iifname "{up}" ether saddr != {mac} drop'
        yield (
            "after",
            f'oifname "{up}" ether daddr & 01:00:00:00:00:00 == 00:00:00:00:00:00 ether daddr != {mac} drop',
        )
    if not link["down"]:
        yield "after", f'oifname "{up}" drop'


def _stack_lines(stack: Stack) -> Iterator[str]:
    """Yield what `ip` is told: addresses, routes, and that answers leave by the adapter that has the address."""
    own = {
        address.split("/")[0]
        for interface in stack["interfaces"]
        for address in interface["addresses"]
    }
    if stack["gateway"]:
        yield "route add default via 100.64.0.1 dev outside"
        yield from (f"route add unreachable {network} metric 4000000000" for network in NOT_PUBLIC)
    yield "rule add priority 100 fwmark 1 lookup main"
    ruled: set[str] = set()
    for index, interface in enumerate(stack["interfaces"]):
        yield f"link set e{index} up"
        yield f"ntable change name arp_cache dev e{index} retrans 60"
        table = 1000 + index
        for address in interface["addresses"]:
            yield f"addr add {address} dev e{index} noprefixroute"
            if (plain := address.split("/")[0]) not in ruled:
                yield f"rule add priority 200 from {plain} lookup {table}"
                ruled.add(plain)
        if interface["segment"] is not None:
            for route in _routes(interface, index, own):
                yield f"route add {route}"
                yield f"route add {route} table {table}"
        yield f"route add unreachable default metric 4000000000 table {table}"


def _routes(interface: dict[str, Any], index: int, own: set[str]) -> Iterator[str]:
    metric = interface["metric"] * 1000 + index
    for network in interface["networks"]:
        yield f"{network} dev e{index} scope link metric {metric}"
    for order, (network, via) in enumerate(interface["routes"]):
        if via in own:
            yield f"unreachable {network} metric {metric + 100 * (order + 1)}"
        else:
            yield f"{network} via {via} dev e{index} onlink metric {metric + 100 * (order + 1)}"


def _stack_rules(stack: Stack) -> dict[str, list[str]]:
    """Return the rules of an IP stack: strong host (but in Linux guests), forwarding where it is on, NAT for its own inside."""
    router = ", ".join(
        f'"e{i}"' for i, interface in enumerate(stack["interfaces"]) if interface["forwarding"]
    )
    receive = ['iifname "lo" accept']
    forward = ["ct direction reply ct status snat accept"]
    translate = []
    if router:
        receive.append(f"iifname {{ {router} }} accept")
    for number, nat in enumerate(stack["nats"]):
        if nat["outside"] is not None:  # a rule of nftables, as in a Linux guest
            translate.append(f'ip saddr {nat["prefix"]} oifname "e{nat["outside"]}" masquerade')
            continue
        inside = ", ".join(f'"e{i}"' for i in nat["inside"])
        if inside:
            receive.append(f"iifname {{ {inside} }} ip saddr {nat['prefix']} accept")
            forward.append(
                f"iifname {{ {inside} }} ip saddr {nat['prefix']} oifname != {{ {inside} }} ct state new,established "
                f"meta mark set {16 + number} accept"
            )
            translate.append(f"meta mark {16 + number} masquerade")
    if not stack["weak_host"]:
        receive.append("fib daddr . iif type != local drop")
    if not stack["answers_ping"]:
        receive = [receive[0], "icmp type echo-request drop", *receive[1:]]
    if router:
        forward.append(f"iifname {{ {router} }} accept")
    if stack["gateway"]:
        translate.append('oifname "outside" masquerade')
    return {
        "prerouting priority -150": [
            "fib daddr type local fib daddr . iif type != local meta mark set 1"
        ],
        "input priority 0": receive,
        "forward priority 0": [*forward, "drop"],
        "nat postrouting priority 100": translate,
    }


def _nft(family: str, chains: dict[str, list[str]]) -> None:
    text = []
    for number, (hook, rules) in enumerate(chains.items()):
        kind, _, place = hook.rpartition("nat ")
        text.append(
            f"chain c{number} {{ type {'nat' if kind or hook.startswith('nat ') else 'filter'} hook {place};"
        )
        text += [f"{rule};" for rule in rules]
        text.append("}")
    subprocess.run(
        ["nft", "-f", "-"],
        input=f"table {family} t {{\n" + "\n".join(text) + "\n}",
        text=True,
        check=True,
    )  # the system's nft


def _ip(lines: Iterable[str]) -> None:
    subprocess.run(
        ["ip", "-batch", "-"], input="\n".join(lines), text=True, check=True
    )  # the system's ip


def _call(name: str, *arguments: int) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), name)(*arguments) != 0:
        raise OSError(ctypes.get_errno(), name)


def _enter(namespace: int) -> None:
    _call("setns", namespace, CLONE_NEWNET)


def _socket(namespace: int) -> socket.socket:
    """Return a raw ICMP socket of a namespace: it stays there wherever this process goes."""
    _enter(namespace)
    made = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    made.setblocking(False)
    return made


def _frames(namespace: int, index: int) -> socket.socket:
    """Return a socket for frames of an own protocol at an interface, which is no part of IP."""
    _enter(namespace)
    made = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(PROTOCOL))
    made.bind((f"e{index}", PROTOCOL))
    made.setblocking(False)
    return made


def _request(
    number: int, client: tuple[int, int], sockets: dict[tuple[int, int], socket.socket]
) -> list[list[int]]:
    """Broadcast like a DHCP client, answer wherever that is heard, and return whose answer arrives."""
    own, payload = sockets[client], MAGIC + struct.pack("!I", number)
    sender = own.getsockname()[4]
    own.send(b"\xff" * 6 + sender + struct.pack("!H", PROTOCOL) + payload)
    time.sleep(FRAME_SECONDS)
    hearing = [key for key, each in sockets.items() if key != client and _hears(each, payload)]
    for stack, index in hearing:
        mac = sockets[stack, index].getsockname()[4]
        answer = payload + struct.pack("!II", stack, index)
        sockets[stack, index].send(sender + mac + struct.pack("!H", PROTOCOL) + answer)
    time.sleep(FRAME_SECONDS if hearing else 0)
    answers = [_hears(own, payload) for _ in hearing]
    return sorted(list(struct.unpack("!II", answer[:8])) for answer in answers if answer)


def _hears(at: socket.socket, payload: bytes) -> bytes:
    """Return what follows the payload in the next frame with it, and padding; empty if none is there."""
    while True:
        try:
            frame = at.recv(2048)
        except BlockingIOError:
            return b""
        if frame[14:].startswith(payload):
            return frame[14 + len(payload) :] or b"\0"


def _ping(sockets: list[socket.socket], probes: dict[int, dict[str, Any]]) -> set[int]:
    """Send every probe, and return the numbers of those that were answered where they were sent from."""
    poll = select.epoll()
    numbers = {each.fileno(): index for index, each in enumerate(sockets)}
    for each in sockets:
        poll.register(each, select.EPOLLIN)
    for number, probe in probes.items():
        with contextlib.suppress(OSError):  # no route: nothing is sent
            sockets[probe["stack"]].sendto(_echo_request(number), (probe["address"], 0))
    answered: set[int] = set()
    end = last = time.monotonic()
    while (now := time.monotonic()) < min(last + QUIET_SECONDS, end + AT_MOST_SECONDS) and len(
        answered
    ) < len(probes):
        for file, _ in poll.poll(max(0.0, last + QUIET_SECONDS - now)):
            number = _echo_reply(sockets[numbers[file]])
            if number is not None and probes.get(number, {}).get("stack") == numbers[file]:
                answered.add(number)
                last = time.monotonic()
    poll.close()
    return answered


def _echo_request(number: int) -> bytes:
    payload = MAGIC + struct.pack("!I", number)
    head = struct.pack("!BBHHH", 8, 0, 0, number & 0xFFFF, number >> 16)
    total = sum(struct.unpack(f"!{len(head + payload) // 2}H", head + payload))
    total = (total >> 16) + (total & 0xFFFF)
    return head[:2] + struct.pack("!H", ~(total + (total >> 16)) & 0xFFFF) + head[4:] + payload


def _echo_reply(from_socket: socket.socket) -> int | None:
    packet = from_socket.recv(2048)
    message = packet[(packet[0] & 15) * 4 :]
    if message[0] != 0 or message[8:16] != MAGIC:
        return None
    return int(struct.unpack("!I", message[16:20])[0])


def main() -> None:
    """Answer one network after the other."""
    for line in sys.stdin:
        fabric = Fabric(json.loads(line))
        try:
            found = {"answers": fabric.answers(), "heard": fabric.heard()}
            sys.stdout.write(json.dumps(found) + "\n")
            sys.stdout.flush()
        finally:
            fabric.close()


if __name__ == "__main__":
    main()
