"""The simulated world: the host with everything inside, the wires outside, the clock, and the quirks of the scenario."""

from __future__ import annotations

import hmac
import uuid
from dataclasses import dataclass, field
from typing import Any

from nestlab.simulator.faults import Fault
from nestlab.simulator.state.clock import Clock
from nestlab.simulator.state.codec import decode, encode
from nestlab.simulator.state.machine import Machine

_NAMESPACE = uuid.UUID("6f0d3a52-2c19-5d55-9a63-6e6573746c61")


@dataclass
class Wire:
    """A physical network outside the host: its prefix and the gateway that leads to the internet."""

    name: str
    network: str = ""
    gateway: str = ""
    # false in a public cloud: frames of other MAC addresses than the machine's own are dropped
    foreign_mac_addresses: bool = True


@dataclass
class Quirks:
    """What depends on the platform, or is an inference or a conflict of sources, as switches of the scenario."""

    amd_minimum_version: str = "9.3"  # of a nested VM on AMD; older pages said 10.0
    several_nats_from_build: int = 20348  # documentation says one; seen to work from there on
    administrator: bool = True  # false: the account is in Hyper-V Administrators only
    hidden_nats: list[str] = field(
        default_factory=list
    )  # prefixes that HNS (Docker, WSL) holds while Get-NetNat shows nothing
    virtualization_based_security: int = 0  # Win32_DeviceGuard: 0 off, 1 configured, 2 running
    security_policy_check_fails: bool = (
        False  # each start writes event 124 of Kernel-Boot into the System log
    )
    hypervisor_load_options: str = (
        ""  # of the boot configuration: OFFERNESTEDVIRT=FALSE forbids nesting
    )
    data_execution_prevention: bool = True
    host_memory_reserve: int = 1 << 30  # of every host, besides 1/64 of its memory
    hyper_v_rights: bool = True  # false: the account is not even in Hyper-V Administrators
    mac_spoofing_while_running: bool = (
        True  # inference: the page of Set-VMNetworkAdapter asks for no state
    )
    old_hypervisors_processor_maximum: int = (
        225  # of an L1 of Server 2019 or older; what more do to it is an inference
    )
    dynamic_memory_blocks_nested_start: bool = False  # pages of 2015/16 said so, today's do not
    dynamic_memory_undoes_extensions: bool = False  # one report, unconfirmed
    nested_hosts_refuse_saving: bool = (
        False  # the same for saving and checkpoints while virtual machines run inside
    )
    processor_count_first: bool = (
        False  # newest builds: processor settings before any -Count were seen to fail
    )
    duplicate_switch_names: bool = True  # seen, and said to be refused
    default_switch_removable: bool = False  # refused, and once seen to work
    nat_changes_exclude_each_other: bool = (
        True  # several at once were seen to fail with ERROR_SHARING_VIOLATION
    )
    nat_keeps_switch: bool = (
        False  # whether an Internal switch cannot be removed while a NAT uses its adapter
    )
    object_exists_from_build: int = 17763  # New-NetIPAddress: error 5010 from there on, 87 below
    no_system_resources: bool = (
        False  # starts beyond the memory fail with 0x800705AA in place of 0x8007000E
    )
    adapters_cannot_bind: list[str] = field(
        default_factory=list
    )  # physical adapters that no switch can be bound to
    stuck_switches: list[str] = field(
        default_factory=list
    )  # Internal switches whose host adapter cannot be deleted
    hidden_nat_names: list[str] = field(default_factory=list)  # names of the NATs that HNS holds
    dhcp_stays_on: list[str] = field(
        default_factory=list
    )  # adapters whose DHCP New-NetIPAddress cannot turn off
    uplinks_stay_bound: list[str] = field(
        default_factory=list
    )  # adapters that a removed External switch leaves bound, without address
    address_move_seconds: float = (
        0.0  # after New- or Remove-VMSwitch ended, until the address has moved
    )
    management_service_seconds: float = (
        0.0  # after a start, until the Virtual Machine Management service finds its objects
    )
    reserved_ports: list[int] = field(
        default_factory=list
    )  # external ports that something else on the host holds


@dataclass
class World:
    """Everything a simulated host is made of."""

    scenario: str
    host: Machine
    wires: list[Wire] = field(default_factory=list)
    quirks: Quirks = field(default_factory=Quirks)
    seed: str = "nestlab"
    clock: Clock = field(default_factory=Clock)
    counter: int = 0
    faults: list[Fault] = field(default_factory=list)
    nat_changes: dict[str, float] = field(
        default_factory=dict
    )  # by machine, until when the last one lasts
    guest_passwords: dict[str, str] = field(
        default_factory=dict, repr=False
    )  # user name -> password; never saved
    lease_givers: dict[int, Machine] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )
    """The machines that have had a DHCP scope or a Default Switch, by identity: nobody else can give a lease."""

    def __post_init__(self) -> None:
        self.host.attach(self)

    def new_id(self) -> str:
        """Return the next Id; the same actions on the same scenario give the same Ids."""
        self.counter += 1
        return str(uuid.uuid5(_NAMESPACE, f"{self.seed}:{self.counter}"))

    def accepts(self, username: str, password: str) -> bool:
        """Whether a guest lets this user in."""
        user = username.rsplit("\\", 1)[-1].lower()
        return any(
            known.lower() == user and hmac.compare_digest(secret, password)
            for known, secret in self.guest_passwords.items()
        )

    def new_interface_index(self) -> int:
        """Return a fresh interface index."""
        self.counter += 1
        return 10 + self.counter

    def to_dict(self) -> dict[str, Any]:
        """Return plain data; all that changes without a lab leaving a trace is under ``clock``."""
        return {
            "scenario": self.scenario,
            "seed": self.seed,
            "quirks": encode(self.quirks),
            "wires": encode(self.wires),
            "host": encode(self.host),
            "faults": [{**encode(fault), "seen": 0} for fault in self.faults],
            "clock": {
                "now": self.clock.common,
                "counter": self.counter,
                "seen": [fault.seen for fault in self.faults],
                "nat_changes": {
                    name: end for name, end in self.nat_changes.items() if end > self.clock.common
                },
            },
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any], clock: Clock) -> World:
        """Read what `to_dict` wrote; raises KeyError, TypeError or ValueError where the data does not fit."""
        if not isinstance(data["clock"], dict):
            msg = f"expected an object at 'clock', found {data['clock']!r}"
            raise TypeError(msg)
        clock.catch_up(float(data["clock"]["now"]))
        faults = [decode(Fault, fault) for fault in data.get("faults", ())]
        for fault, seen in zip(faults, data["clock"].get("seen", ()), strict=False):
            fault.seen = int(seen)
        return cls(
            scenario=str(data["scenario"]),
            seed=str(data["seed"]),
            quirks=decode(Quirks, data["quirks"]),
            wires=[decode(Wire, wire) for wire in data["wires"]],
            host=decode(Machine, data["host"]),
            clock=clock,
            faults=faults,
            counter=int(data["clock"]["counter"]),
            nat_changes={
                str(name): float(end) for name, end in data["clock"].get("nat_changes", {}).items()
            },
        )
