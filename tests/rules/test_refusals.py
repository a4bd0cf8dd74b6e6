"""Whatever the simulated host refuses, and a file or an observed host gives away, a rule reports first.

`tests/cases/refusals.yml` has a row for each refusal: the rules, or why there is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

import nestlab
from nestlab.constants.commands import COMMANDS
from nestlab.lab.lab_planner import LabPlanner
from nestlab.model import Cmdlet, Size
from nestlab.observe import identity, vm_identity
from nestlab.rules import all_rules
from tests.rules.refusals import refusals

FILE = Path(__file__).parents[1] / "cases" / "refusals.yml"
ROWS = yaml.safe_load(FILE.read_text(encoding="utf-8"))
REFUSALS = refusals()
WITH_RULES = [
    pytest.param(module, text, codes, id=f"{module}: {text}"[:100])
    for module, rows in ROWS.items()
    for text, codes in rows.items()
    if isinstance(codes, list)
]


def test_every_refusal_has_a_row_and_every_row_a_refusal():
    known = {(module, text) for module, rows in ROWS.items() for text in rows}
    found = {(module, text) for module, texts in REFUSALS.items() for text in texts}
    assert found - known == set(), "name the rules that report it first, or say why none does"
    assert known - found == set(), "the simulated host does not refuse this any more"


def test_refusals_are_found_by_their_source():
    assert len(REFUSALS) > 40
    assert sum(map(len, REFUSALS.values())) > 200
    assert "The operation cannot be performed while" in str(REFUSALS)


@pytest.mark.parametrize(("module", "text", "codes"), WITH_RULES)
def test_a_row_names_rules_that_exist(module, text, codes):
    assert codes
    assert set(codes) - {rule.code for rule in all_rules()} == set()


def test_a_row_without_a_rule_says_why():
    for rows in ROWS.values():
        for reason in rows.values():
            if isinstance(reason, list):
                continue
            assert re.fullmatch(r"[A-Zn].{20,}\.", reason), reason
            named = re.findall(r"\b[A-Z]\w+-[A-Z]\w+", reason) if "not send" in reason else []
            assert set(named) & COMMANDS == set(), f"nestlab sends it now: {reason}"


def test_every_text_says_more_than_what_varies():
    for rows in ROWS.values():
        for text in rows:
            assert len(_pattern(text).replace(".*", "")) > 8, text


def test_a_command_that_is_not_sent_is_named_by_its_reason():
    reasons = {r for rows in ROWS.values() for r in rows.values() if "does not send" in str(r)}
    assert len(reasons) > 10


# -- Both sides: the rule reports it, and without the rule the host refuses it. ----------------


def run(*cmdlets):
    return lambda host: [host.run(Cmdlet(name, parameters)) for name, parameters in cmdlets]


def renamed_to_a_team(host):
    adapter = host.simulated_host.world.host.adapters[0]
    adapter.interface_description = "Microsoft Network Adapter Multiplexor Driver"


@dataclass(frozen=True)
class Case:
    """What a host refuses: the rule, the topology, the host, and what was done on it before."""

    code: str
    topology: str
    host: str = "sim:ws2022-intel"
    before: object = None


SWITCH = "switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24%s}]"
SERVING = SWITCH % ", dhcp: {range: 10.5.0.100-10.5.0.110}"
SCOPE = {
    "Name": "theirs",
    "StartRange": "10.5.0.10",
    "EndRange": "10.5.0.20",
    "SubnetMask": "255.255.255.0",
}
MAPPING = {
    "NatName": "Other",
    "Protocol": "TCP",
    "ExternalIPAddress": "0.0.0.0/0",
    "ExternalPort": 80,
    "InternalIPAddress": "10.77.0.5",
    "InternalPort": 80,
}
OTHER_NAT = ("New-NetNat", {"Name": "Other", "InternalIPInterfaceAddressPrefix": "10.77.0.0/24"})
OFF = "vms: [{name: a, state: 'Off', %s}]"
RUNNING = "vms: [{name: a, memory_startup: 1GB, %s}]"


def disk(path):
    return run(("New-VHD", {"Path": path, "SizeBytes": Size(1 << 30)}))


RESERVING = "switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24, dhcp: {range: 10.5.0.100-10.5.0.110, reservations: [{ip_address: %s, mac_address: 00-15-5D-00-00-%s}, {ip_address: %s, mac_address: 00-15-5D-00-00-%s}]}}]"

CASES = (
    Case("memory-not-possible", OFF % "memory_startup: 1073741825"),
    Case("memory-not-possible", OFF % "memory_startup: 30MB"),
    Case("memory-not-possible", OFF % "memory_startup: 13TB"),
    Case("memory-not-possible", OFF % "generation: 1, memory_startup: 2TB"),
    Case("memory-not-possible", RUNNING % "dynamic_memory: {minimum: 513MB, maximum: 4GB}"),
    Case("memory-not-possible", RUNNING % "dynamic_memory: {minimum: 512MB, maximum: 4099MB}"),
    Case("memory-not-possible", RUNNING % "dynamic_memory: {minimum: 512MB, maximum: 13TB}"),
    Case("dynamic-memory-range", RUNNING % "dynamic_memory: {minimum: 2GB, maximum: 4GB}"),
    Case("too-many-processors", OFF % "generation: 1, processor_count: 65"),
    Case("too-many-processors", OFF % "processor_count: 241"),
    Case("processors-not-enough", RUNNING % "processor_count: 48"),
    Case("memory-not-enough", "vms: [{name: a, memory_startup: 200GB}]"),
    Case("version-not-supported", OFF % "version: 12.0"),
    Case("disk-size-not-possible", OFF % "disk: {size: 2MB}"),
    Case("disk-size-not-possible", OFF % "disk: {size: 65TB}"),
    Case("disk-format-wrong", OFF % r"disk: {path: 'C:\old.vhd'}", before=disk(r"C:\old.vhd")),
    Case("disk-format-wrong", OFF % r"disk: {parent: 'C:\old.vhd'}", before=disk(r"C:\old.vhd")),
    Case("disk-missing", OFF % r"disk: {path: 'C:\none.vhdx'}"),
    Case("disk-missing", OFF % r"disk: {parent: 'C:\none.vhdx'}"),
    Case("iso-file-missing", OFF % r"dvd_drives: [{path: 'C:\none.iso'}]"),
    Case("iso-file-missing", OFF % r"generation: 1, dvd_drives: [{path: 'C:\none.iso'}]"),
    Case("too-many-dvd-drives", OFF % "generation: 1, dvd_drives: [{}, {}, {}, {}, {}]"),
    Case(
        "disk-in-two-vms",
        r"vms: [{name: a, disk: {path: 'C:\x.vhdx'}}, {name: b, disk: {path: 'C:\x.vhdx'}}]",
        before=disk(r"C:\x.vhdx"),
    ),
    Case("parent-in-use", OFF % r"disk: {parent: 'D:\vms\build-agent\disk.vhdx'}"),
    Case("unknown-switch", OFF % "network_adapters: [{switch: Nowhere}]"),
    Case(
        "too-many-adapters",
        OFF % f"network_adapters: [{', '.join(f'{{name: n{n}}}' for n in range(65))}]",
    ),
    Case(
        "too-many-adapters",
        OFF % f"network_adapters: [{', '.join(f'{{name: n{n}}}' for n in range(9))}]",
        "sim:ws2016-intel",
    ),
    Case("vlan-out-of-range", OFF % "network_adapters: [{vlan: {access: 4095}}]"),
    Case("net-adapter-missing", "switches: [{name: A, switch_type: External, net_adapter: eth0}]"),
    Case(
        "net-adapter-in-use",
        "switches: [{name: A, switch_type: External, net_adapter: Ethernet}]",
        before=run(("New-VMSwitch", {"Name": "Corp", "NetAdapterName": "Ethernet"})),
    ),
    Case(
        "uplink-is-a-team",
        "switches: [{name: A, switch_type: External, net_adapter: Ethernet}]",
        before=renamed_to_a_team,
    ),
    Case(
        "adapter-in-two-switches",
        "switches: [{name: A, switch_type: External, net_adapter: Ethernet}, {name: B, switch_type: External, net_adapter: Ethernet}]",
    ),
    Case(
        "switch-on-a-switch",
        "switches: [{name: A, switch_type: Internal}, {name: B, switch_type: External, net_adapter: vEthernet (A)}]",
    ),
    Case(
        "duplicate-address",
        "switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24}, {name: B, switch_type: Internal, ip_address: 10.5.0.1/25}]",
    ),
    Case(
        "address-overlap", "switches: [{name: A, switch_type: Internal, ip_address: 192.0.2.10/24}]"
    ),
    Case("gateway-outside-subnet", SWITCH % ", gateway: 10.6.0.1"),
    Case(
        "duplicate-route",
        f"{SWITCH % ''}\nroutes: [{{to: 10.9.0.0/16, via: 10.5.0.2}}, {{to: 10.9.0.0/16, via: 10.5.0.2}}]",
    ),
    Case(
        "several-nats",
        "switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}, {name: B, switch_type: Internal, ip_address: 10.6.0.1/24, nat: 10.6.0.0/24}]",
        "sim:ws2019-amd",
    ),
    Case("nat-taken", SWITCH % ", nat: 10.5.0.0/24", "sim:ws2019-amd", run(OTHER_NAT)),
    Case(
        "nat-taken", SWITCH.replace("10.5", "10.77") % ", nat: 10.77.0.0/24", before=run(OTHER_NAT)
    ),
    Case(
        "nat-overlap",
        "switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24, nat: 10.5.0.0/24}, {name: B, switch_type: Internal, ip_address: 10.5.0.129/25, nat: 10.5.0.128/25}]",
    ),
    Case("nat-part-of-network", SWITCH % ", nat: 10.5.0.0/28"),
    Case(
        "port-forward-taken",
        SWITCH
        % ", nat: 10.5.0.0/24, port_forwards: [{protocol: tcp, external_port: 80, to: '10.5.0.7:80'}]",
        before=run(OTHER_NAT, ("Add-NetNatStaticMapping", MAPPING)),
    ),
    Case(
        "port-forward-wrong",
        SWITCH
        % ", nat: 10.5.0.0/24, port_forwards: [{protocol: tcp, external_port: 80, to: '10.6.0.7:80'}]",
    ),
    Case(
        "dhcp-scope-taken",
        SERVING,
        before=run(
            ("Install-WindowsFeature", {"Name": "DHCP", "IncludeManagementTools": True}),
            ("Add-DhcpServerv4Scope", SCOPE),
        ),
    ),
    Case(
        "dhcp-wrong",
        "switches: [{name: A, switch_type: Internal, ip_address: 10.5.0.1/24, dhcp: {range: 10.5.0.100-10.5.0.110}}, {name: B, switch_type: Internal, ip_address: 10.5.0.2/24, dhcp: {range: 10.5.0.120-10.5.0.130}}]",
    ),
    Case("dhcp-reservation-wrong", RESERVING % ("10.6.0.50", 50, "10.5.0.51", 51)),
    Case("dhcp-reservation-wrong", RESERVING % ("10.5.0.50", 50, "10.5.0.51", 50)),
    Case("rights-missing", SWITCH % "", "sim:hyperv-admin-only"),
    Case(
        "rights-missing",
        "routes: [{to: 10.99.0.0/24, via: 192.0.2.7}]",
        "sim:hyperv-admin-only",
    ),
    Case(
        "platform-cannot-nest",
        "vms: [{name: a, memory_startup: 4GB, guest: {os: windows, credential: lab}, nested: {}}]",
        "sim:ws2019-amd",
    ),
)


def rows_of(message):
    """The rows whose text a message has."""
    return [
        codes
        for rows in ROWS.values()
        for text, codes in rows.items()
        if re.fullmatch(_pattern(text), message, re.DOTALL)
    ]


def _pattern(text):
    """A pattern for a text of which some parts, in braces, vary, and the middle may be left out."""
    head, cut, tail = text.partition(" ... ")
    head = re.sub(r"\{[^{}]*$", "", head)
    tail = re.sub(r"^[^{}]*\}", "", tail)
    parts, depth = [""], 0
    for sign in f"{head}{{ ... }}{tail}" if cut else text:
        if sign == "{":
            depth += 1
            parts += [""] * (depth == 1)
        elif sign == "}":
            depth -= 1
        elif not depth:
            parts[-1] += sign
    return ".*".join(re.escape(part).replace(r"\ /\ ", r"\s+") for part in parts)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.code)
def test_the_rule_reports_what_the_host_would_refuse(case, tmp_path, monkeypatch):
    host = nestlab.connect(case.host)
    if case.before:
        case.before(host)
    topology = nestlab.loads(f"name: planted\n{case.topology}")
    lab = nestlab.Lab(topology, host, journal=tmp_path / "journal.jsonl")
    assert (case.code, "error") in {(found.code, found.severity) for found in lab.check()}
    monkeypatch.setattr(LabPlanner, "check_and_plan", LabPlanner.plan)  # without a look at findings
    for module in (identity, vm_identity):  # nor at who uses a disk, right before a step
        monkeypatch.setattr(module, "refuse_disks_in_use", lambda *_: None)
    refused = next((result.message for result in lab.apply() if not result.ok), "")
    assert refused, "the host accepts it, so the finding must not be an error"
    assert any(case.code in codes for codes in rows_of(refused)), refused
