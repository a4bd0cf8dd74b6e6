"""Hints followed one after the other, and all at once: none raises what another one ended."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from ipaddress import IPv4Network
from pathlib import Path

import pytest

import nestlab
from nestlab.model import Finding
from nestlab.rules.rule_registry import REGISTRY
from nestlab.rules.topology.topology_index import TopologyIndex

CASES = Path(__file__).parents[1] / "cases" / "findings"
ROUNDS = 8

Document = dict
Follow = Callable[[Document, Finding, tuple], None]


def at(document, keys):
    """What the document has at the longest part of these keys that it has: a mapping."""
    for key in keys:
        if isinstance(document, list) or key in document:
            found = document[key]
            if not isinstance(found, (dict, list)):
                break
            document = found
    return document


def put(key: str) -> Follow:
    """Write what the hint says as the value of a key of the adapter, VM or switch."""

    def follow(document, finding, said):
        at(document, finding.keys)[key] = said[0]

    return follow


def put_address(document, finding, said):
    at(document, finding.keys[:-1])["ip_address"] = said[0]


def put_computer_name(document, finding, said):
    at(document, finding.keys[:-1])["guest"]["computer_name"] = said[0]


def put_range(document, finding, said):
    at(document, finding.keys[:-1])["dhcp"] = {"range": said[0]}


def put_range_of_network(document, finding, said):
    """The range in the hint about a static address is that of the server that leases it."""
    (server,) = re.findall(r"which switch (\S+) leases", finding.message) or [
        finding.subject.removeprefix("switch ")
    ]
    *path, name = server.split("/")
    for machine in path:
        (document,) = (vm for vm in document["vms"] if vm["name"] == machine)
        document = document["nested"]
    (switch,) = (each for each in document["switches"] if each["name"] == name)
    switch["dhcp"] = {"range": said[0]}


def put_list(key: str) -> Follow:
    def follow(document, finding, said):
        keys = finding.keys[:-1] if finding.keys[-1] == key else finding.keys
        at(document, keys)[key] = said[0].split(", ")

    return follow


def put_dns_servers(document, finding, said):
    scope = re.search(r"to dhcp of switch (\w+),", finding.hint)
    if scope:
        (switch,) = (each for each in document["switches"] if each["name"] == scope[1])
        switch["dhcp"]["dns_servers"] = said[0].split(", ")
        return
    put_list("dns_servers")(document, finding, said)
    if "credential: NAME" in finding.hint:
        at(document, finding.keys[: finding.keys.index("network_adapters")])["guest"] = {
            "os": "windows",
            "credential": "lab",
        }


def put_credential(document, finding, said):
    guest = at(document, finding.keys)
    guest["credential"] = "lab"


def put_nat(document, finding, said):
    """Another internal network: that of the NAT, and the machine's address in it."""
    switch = at(document, finding.keys)
    network = IPv4Network(said[0])
    switch["nat"] = str(network)
    switch["ip_address"] = f"{network[1]}/{network.prefixlen}"


def put_one_nat(document, finding, said):
    (first,) = (switch for switch in document["switches"] if switch["name"] == said[1])
    first["nat"] = said[0]
    for switch in document["switches"]:
        if switch is first or not switch.pop("nat", None):
            continue
        if "port_forwards" in switch:
            assert f"port_forwards go to switch {said[1]}" in finding.hint
            first.setdefault("port_forwards", []).extend(switch.pop("port_forwards"))


def put_port_forward(document, finding, said):
    forward = at(document, finding.keys)
    forward["to"] = f"{said[0]}:{forward['to'].rpartition(':')[2]}"


FIRST: dict[str, tuple[str, Follow]] = {
    "address-in-dhcp-range": (r"Give it ([\d./]+), which is free", put("ip_address")),
    "dhcp-range-too-small": (r"dhcp: \{range: ([\d.-]+)\}", put_range),
    "gateway-missing": (r"Add gateway: ([\d.]+)\.", put("gateway")),
    "gateway-without-machine": (r"address there is ([\d.]+)\.", put("gateway")),
    "guest-without-name-server": (r"Add dns_servers: \[([\d., ]+)\]", put_dns_servers),
    "nat-without-address": (r"ip_address(?: to|:) ([\d./]+)\.", put("ip_address")),
    "nat-overlap": (r"machine, ([\d./]+) for example", put_nat),
    "several-nats": (r"nat: ([\d./]+) on switch (\w+) covers", put_one_nat),
    "port-forward-without-machine": (r"[Ff]orward to ([\d.]+), which", put_port_forward),
    "subnet-mask-mismatch": (r"Write ip_address: ([\d./]+)\.", put_address),
    "dns-server-without-machine": (r"rite .* such as ([\d.]+) where", put_list("dns_servers")),
    "computer-name-not-set": (r"Add computer_name: (\S+) to its guest", put_computer_name),
    "credential-missing": (r"Add guest: .*credential: (NAME)", put_credential),
}
"""The words of a hint, and what following them is; of hints with two ways, the first one."""
OTHER = {
    **FIRST,
    "address-in-dhcp-range": (r"is dhcp: \{range: ([\d.-]+)\}", put_range_of_network),
}
"""The same with the second way."""

GUEST = "guest: {os: windows, credential: lab}"
LEASING = """
name: x
images: {ws2022: {path: 'D:\\images\\ws2022.vhdx', os: windows}}
switches: [{name: L, switch_type: Internal, ip_address: 10.3.0.1/%s, nat: 10.3.0.0/%s, dhcp: {range: %s}}]
defaults: {vm: {memory_startup: 1GB, disk: {image: ws2022}, guest: {os: windows, credential: lab}}, network_adapter: {switch: L}}
vms:
%s
"""
CLIENTS = "  - {name: 'k{n}', count: %s, network_adapters: [{dhcp: true}]}\n"
UNSET = "  - {name: 'u{n}', count: %s, network_adapters: [{}]}\n"
STATIC = "  - {name: %s, network_adapters: [{ip_address: 10.3.0.%s/24, %s}]}\n"
LABS = {
    "a range that is used up by a static address": LEASING
    % (24, 24, "10.3.0.2-10.3.0.3", CLIENTS % 2 + STATIC % ("s", 2, "gateway: 10.3.0.1")),
    "two static addresses in a range": LEASING
    % (
        24,
        24,
        "10.3.0.2-10.3.0.5",
        CLIENTS % 3 + STATIC % ("s", 2, "") + STATIC % ("t", 3, "gateway: 10.3.0.77"),
    ),
    "clients by default": LEASING
    % (24, 24, "10.3.0.100-10.3.0.101", CLIENTS % 2 + UNSET % 2 + STATIC % ("s", 101, "")),
    "a gateway of others in the range": LEASING
    % (
        24,
        24,
        "10.3.0.100-10.3.0.104",
        CLIENTS % 2 + STATIC % ("r", 101, "") + STATIC % ("s", 9, "gateway: 10.3.0.101"),
    ),
    "a DNS server in the range": LEASING
    % (
        24,
        24,
        "10.3.0.100-10.3.0.101",
        CLIENTS % 1 + STATIC % ("r", 100, "") + STATIC % ("s", 9, "dns_servers: [10.3.0.100]"),
    ),
    "a small network": LEASING
    % (
        "28",
        "28",
        "10.3.0.2-10.3.0.4",
        (CLIENTS % 3 + STATIC % ("r", 3, "") + STATIC % ("s", 4, "")).replace("/24", "/28"),
    ),
    "two NATs": """
name: x
switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}, {name: B, switch_type: Internal, ip_address: 10.0.0.129/25, nat: 10.0.0.128/25}, {name: C, switch_type: Internal, nat: 10.0.3.0/24}]
vms: [{name: a, guest: {os: windows}, network_adapters: [{switch: A, ip_address: 10.0.0.5/24, dns_servers: [1.1.1.1]}]}]
""",
    "a network between those of two NATs": """
name: x
uplinks: [{net_adapter: Ethernet, network: 10.0.1.0/24, gateway: 10.0.1.1}]
switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}, {name: B, switch_type: Internal, ip_address: 10.0.2.1/24, nat: 10.0.2.0/24}]
""",
    "three NATs in one network, and one inside": """
name: x
switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}, {name: B, switch_type: Internal, ip_address: 10.0.0.129/25, nat: 10.0.0.128/25}, {name: C, switch_type: Internal, ip_address: 10.0.0.193/26, nat: 10.0.0.192/26}]
vms:
  - name: HV1
    memory_startup: 4GB
    disk: {path: 'D:\\vms\\hv1.vhdx'}
    guest: {os: windows, credential: lab}
    network_adapters: [{switch: A, ip_address: 10.0.0.5/24, gateway: 10.0.0.1, dns_servers: [1.1.1.1]}]
    nested: {switches: [{name: D, switch_type: Internal, ip_address: 10.0.0.65/26, nat: 10.0.0.64/26}]}
""",
    "a gateway outside of a mask": """
name: x
switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24}, {name: B, switch_type: Private}]
defaults: {vm: {disk: {path: 'D:\\vms\\a.vhdx'}, guest: {os: windows, credential: lab}}}
vms:
  - {name: a, network_adapters: [{switch: A, ip_address: 10.0.0.200/25, gateway: 10.0.0.1, dns_servers: [1.1.1.1]}]}
  - {name: b, network_adapters: [{switch: A, ip_address: 10.0.0.5/16, gateway: 10.0.0.1, dns_servers: [1.1.1.1]}]}
  - {name: c, network_adapters: [{switch: B, ip_address: 10.3.0.1/25}]}
  - {name: d, network_adapters: [{switch: B, ip_address: 10.3.0.2/24}]}
  - {name: e, network_adapters: [{switch: B, ip_address: 10.3.0.3/24}]}
""".replace("path", "image")
    .replace("'D:\\vms\\a.vhdx'", "ws")
    .replace("switches", "images: {ws: {path: 'D:\\ws.vhdx', os: windows}}\nswitches"),
    "names that are none of computers": """
name: x
switches: [{name: A, switch_type: Private}]
images: {ws: {path: 'D:\\ws.vhdx', os: windows}, gen: {path: 'D:\\gen.vhdx', os: windows, prepared: false}}
defaults: {vm: {disk: {image: ws}, guest: {os: windows, credential: lab}, network_adapters: [{switch: A}]}}
vms: [{name: a-very-long-name-1}, {name: a-very-long-name-2}, {name: '2022'}, {name: web_1}, {name: web-1}, {name: web 1, disk: {image: gen}}]
""",
    "DNS servers": LEASING
    % (
        24,
        24,
        "10.3.0.100-10.3.0.104",
        STATIC % ("r", 10, "gateway: 10.3.0.1, dns_servers: [10.3.0.77]")
        + STATIC % ("s", 11, "gateway: 10.3.0.1, dns_servers: [10.3.0.1]"),
    ),
    "port forwards": """
name: x
switches: [{name: A, switch_type: Internal, ip_address: 10.0.0.1/24, nat: 10.0.0.0/24, dhcp: {range: 10.0.0.100-10.0.0.101}, port_forwards: [{protocol: tcp, external_port: 80, to: '10.0.0.50:80'}, {protocol: tcp, external_port: 81, to: '10.0.0.100:80'}]}]
vms:
  - {name: a, guest: {os: windows}, network_adapters: [{switch: A, ip_address: 10.0.0.100/24}]}
  - {name: b, guest: {os: windows}, network_adapters: [{switch: A, dhcp: true}]}
""",
}
FILES = sorted(
    path
    for code in FIRST
    for path in CASES.glob("*.yml")
    if path.read_text(encoding="utf-8").splitlines()[0].endswith(f": {code}")
)
TEXTS = {**LABS, **{path.stem: path.read_text(encoding="utf-8") for path in FILES}}
STARTS = {name: nestlab.loads(text).to_dict() for name, text in TEXTS.items()}


def findings_of(document):
    """All findings one by one: `validate` combines those with one cause."""
    index = TopologyIndex(nestlab.loads(json.dumps(document)))
    return [finding for detector in REGISTRY.topology for finding in detector(index)]


def followed(document, ways, *, only_first):
    """The document after the hints of one round, or None where nothing is left to follow."""
    changed = copy.deepcopy(document)
    found = False
    for finding in findings_of(document):
        words, follow = ways.get(finding.code, ("$.", put("")))
        said = re.search(words, finding.hint)
        if said is not None and not (found and only_first):
            found = True
            follow(changed, finding, said.groups())
    return changed if found else None


def numbers(document):
    """How many errors, warnings and notes to follow there are: it falls as tuples compare."""
    found = findings_of(document)
    return (
        sum(item.severity == "error" for item in found),
        sum(item.severity == "warning" for item in found),
        sum(item.severity == "info" and item.code in FIRST for item in found),
    )


@pytest.mark.parametrize("only_first", [True, False], ids=["one by one", "all of a round"])
@pytest.mark.parametrize("ways", [FIRST, OTHER], ids=["first way", "other way"])
@pytest.mark.parametrize("name", STARTS)
def test_hints_followed_in_sequence_end(name, ways, only_first):
    """Each round leaves fewer findings, or less severe ones: no hint raises what another ended."""
    document = STARTS[name]
    for _ in range(ROUNDS if not only_first else 4 * ROUNDS):
        changed = followed(document, ways, only_first=only_first)
        if changed is None:
            return
        assert numbers(changed) < numbers(document), json.dumps(changed)
        document = changed
    pytest.fail(f"hints without end: {json.dumps(document)}")


OFF = """
name: x
switches: [{name: A, switch_type: Private}]
vms: [{name: a, state: 'Off', disk: {path: 'D:\\vms\\a.vhdx'}, %s network_adapters: [{switch: A, ip_address: 10.0.0.5/24}]}]
"""


@pytest.mark.parametrize(
    ("guest", "code"),
    [("guest: {os: windows},", "credential-missing"), ("", "set-by-hand")],
)
def test_what_a_vm_that_is_off_lacks_is_said_at_once(guest, code):
    """The credential alone led to the next finding: nothing is set in a VM that is off."""
    document = nestlab.loads(OFF % guest).to_dict()
    (finding,) = findings_of(document)
    assert finding.code == code
    assert "guest: {os: windows, credential: NAME}" in finding.hint
    vm = document["vms"][0]
    vm["guest"] = {"os": "windows", "credential": "lab"}
    assert "state: Running for at least one apply" in finding.hint
    vm["state"] = "Running"
    assert findings_of(document) == []


def test_the_hints_of_the_labs_are_followed():
    """The table is not one of words that no hint has any more."""
    seen = set()
    for document in STARTS.values():
        for finding in findings_of(document):
            if finding.code in FIRST and re.search(FIRST[finding.code][0], finding.hint):
                seen.add(finding.code)
    assert FIRST.keys() - seen == set()
