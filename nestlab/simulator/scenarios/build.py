"""Builds a world from the values of a scenario."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address, IPv4Interface
from typing import Any

from nestlab.dataclass import replace
from nestlab.model.topology import Route as RouteSpec
from nestlab.simulator.behaviour import volumes
from nestlab.simulator.behaviour.hyper_v_role import new_hyper_v
from nestlab.simulator.behaviour.network import default_switch
from nestlab.simulator.behaviour.network.ip_stack import DEFAULT_ROUTE, add_management_adapter
from nestlab.simulator.faults import Fault
from nestlab.simulator.scenarios.build_vm import DAY, build_vm, copies_of, set_initial_state
from nestlab.simulator.scenarios.consistency import problems_of
from nestlab.simulator.scenarios.scenario_file import Problem, Scenario
from nestlab.simulator.scenarios.scenario_keys import RIGHTS
from nestlab.simulator.scenarios.specs import (
    ImageSpec,
    NatSpec,
    NetAdapterSpec,
    SwitchSpec,
)
from nestlab.simulator.state.clock import Clock
from nestlab.simulator.state.hardware import Hardware, Processors
from nestlab.simulator.state.machine import File, Machine, World
from nestlab.simulator.state.networking import (
    IPInterface,
    NatStaticMapping,
    NetAdapter,
    NetIPAddress,
    NetNat,
    NetRoute,
)
from nestlab.simulator.state.operating_systems import OPERATING_SYSTEMS
from nestlab.simulator.state.quirks import PhysicalNetwork, Quirks
from nestlab.simulator.state.virtual_machine import (
    HyperV,
    VirtualSwitch,
)


def build_world(scenario: Scenario, name: str, clock: Clock, language: str = "") -> World:
    """Return the world of a scenario, with Windows in `language` if given.

    Raises ScenarioFileError if the scenario is not consistent.
    """
    values = copy.deepcopy(scenario.values)  # hosts of the same scenario change their own copies
    scenario.raise_for(problems_of(values))
    computer = values["computer"]
    host = Machine(
        name=computer["name"],
        operating_system=replace(OPERATING_SYSTEMS[computer["operating_system"]]),
        hardware=Hardware(
            manufacturer=computer["manufacturer"],
            model=computer["model"],
            memory=int(computer["memory"]),
            processors=Processors(**values["processors"]),
            virtual=computer.get("virtual", False),
            secure_boot=computer.get("secure_boot", Hardware().secure_boot),
        ),
    )
    host.domain = computer.get("domain", "")
    host.features = dict.fromkeys(computer.get("features", ()), "Installed")
    world = World(
        scenario=name,
        host=host,
        wires=[PhysicalNetwork(**wire) for wire in values.get("wires", ())],
        quirks=_quirks(values, language),
        seed=values.get("seed") or values.get("name") or name,
        clock=clock,
        faults=[Fault(**fault) for fault in values.get("faults", ())],
    )
    host.booted_at = host.ready_at = clock.now - 3 * DAY
    host.adapters = [net_adapter(world, adapter) for adapter in values.get("net_adapters", ())]
    for image in values.get("images", ()):
        host.files[image.path.lower()] = image_file(image)
    if "Hyper-V" in host.features:
        host.hyper_v = new_hyper_v(host)
        scenario.raise_for(_fill_hyper_v(host, host.hyper_v, values))
    host.attach(world)
    return world


def _quirks(values: Mapping[str, Any], language: str) -> Quirks:
    rights = values.get("rights", RIGHTS[0])
    chosen = {"language": language} if language else {}
    return Quirks(
        **{**values.get("quirks", {}), **chosen},
        administrator=rights == RIGHTS[0],
        hyper_v_rights=rights != RIGHTS[2],
    )


def net_adapter(world: World, spec: NetAdapterSpec) -> NetAdapter:
    """Return a physical adapter."""
    return NetAdapter(
        name=spec.name,
        interface_description=spec.interface_description,
        interface_index=world.new_interface_index(),
        mac_address=spec.mac_address,
        device_id="{" + world.new_id().upper() + "}",
        port=spec.wire,
        link=spec.link,
        wireless=spec.wireless,
        ip=_ip_interface(spec.ip_address, spec.gateway, spec.dns_servers, spec.routes),
    )


def _ip_interface(
    address: IPv4Interface | None,
    gateway: IPv4Address | None,
    dns_servers: tuple[IPv4Address, ...],
    routes: tuple[RouteSpec, ...],
) -> IPInterface:
    return IPInterface(
        dhcp=address is None,
        addresses=[NetIPAddress(str(address.ip), address.network.prefixlen)] if address else [],
        routes=([NetRoute(DEFAULT_ROUTE, str(gateway))] if gateway else [])
        + [NetRoute(str(route.to), str(route.via)) for route in routes],
        dns_servers=[str(server) for server in dns_servers],
    )


def image_file(spec: ImageSpec) -> File:
    """Return the file of a disk image."""
    length, size = int(spec.length), int(spec.size)
    return File(
        spec.path,
        "vhd",
        length=length,
        size=size,
        operating_system=spec.operating_system,
        generalized=spec.generalized,
        partition_style=spec.partition_style,
        partitions=volumes.contiguous_partitions(
            (part.kind, int(part.size), part.file_system, part.windows) for part in spec.partitions
        ),
    )


def _fill_hyper_v(host: Machine, hyper_v: HyperV, values: Mapping[str, Any]) -> Iterator[Problem]:
    """Create switches, NATs and VMs; yield problems of VMs whose initial state is impossible."""
    for switch in values.get("switches", ()):
        add_switch(host, hyper_v, switch)
    default_switch.renew(host)
    host.nats = [_nat(nat) for nat in values.get("nats", ())]
    for index, spec in enumerate(values.get("vms", ())):
        for single in copies_of(spec):
            vm = build_vm(host, hyper_v, single)
            hyper_v.add(vm)
            reason = set_initial_state(host, vm, single.state)
            if reason:
                yield Problem(
                    "bad-value",
                    ("vms", index, "state"),
                    reason,
                    "Use the state Off, or change the host.",
                )


def add_switch(host: Machine, hyper_v: HyperV, spec: SwitchSpec) -> None:
    """Add a virtual switch, with the host's own adapter on it."""
    new_id = host.world.new_id()
    switch = VirtualSwitch(spec.id or new_id, spec.name, spec.switch_type, spec.notes)
    hyper_v.switches.append(switch)
    if spec.switch_type == "External":
        uplink = host.adapter(spec.net_adapter)
        if uplink is not None:
            switch.net_adapters, uplink.bound_switch = [uplink.device_id], switch.id
        if spec.allow_management_os:
            add_management_adapter(host, hyper_v, switch)
    elif spec.switch_type == "Internal":
        adapter = add_management_adapter(host, hyper_v, switch)
        adapter.ip = _ip_interface(spec.ip_address, spec.gateway, spec.dns_servers, spec.routes)


def _nat(spec: NatSpec) -> NetNat:
    mappings = [
        NatStaticMapping(
            number,
            forward.protocol.upper(),
            "0.0.0.0",  # noqa: S104  # WinNAT's "any address"
            forward.external_port,
            str(forward.to_address),
            forward.to_port,
        )
        for number, forward in enumerate(spec.port_forwards)
    ]
    return NetNat(spec.name, str(spec.internal_prefix), mappings=mappings)
