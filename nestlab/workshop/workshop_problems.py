"""Problems of a workshop whose file can be read: names, networks, ports, what seats share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from nestlab.constants import VM_NAME_LENGTH_MAXIMUM
from nestlab.dataclass import dataclass, replace
from nestlab.enumerations import all_of
from nestlab.model import HOST, path_text
from nestlab.model.origin import KeyPath
from nestlab.model.ownership import is_topology_name
from nestlab.model.topology import VM, SwitchType, Topology
from nestlab.texts import tr
from nestlab.topology_file.reading_hints import nearest
from nestlab.workshop.faults import fault_places, with_fault
from nestlab.workshop.lab_networks import block_prefix, blocks, own_networks, shared_networks
from nestlab.workshop.seat_topologies import forwarded_ports, topology_name
from nestlab.workshop.stage_cut import cut_of
from nestlab.workshop.stage_notebooks import taken_places
from nestlab.workshop.stage_parts import StagePart, has_switch, known_parts, vm_paths
from nestlab.workshop.workshop_values import StageFault, Workshop, WorkshopStage


@dataclass(frozen=True)
class WorkshopProblem:
    """A problem of a workshop file: the keys of its value, the reason, and what to do."""

    keys: KeyPath
    message: str
    hint: str


def problems_of(workshop: Workshop) -> Iterator[WorkshopProblem]:
    """Yield everything that prevents making the seats of a workshop from its topology."""
    yield from _seat_names(workshop)
    yield from _hosts(workshop)
    yield from _networks(workshop)
    yield from _ports(workshop)
    yield from _stages(workshop)
    if workshop.seats.total > 1:
        yield from _shared_objects(workshop.base)


def _seat_names(workshop: Workshop) -> Iterator[WorkshopProblem]:
    seats = workshop.seats
    if len(seats.names) > seats.count:
        yield WorkshopProblem(
            ("seats", "names"),
            tr("has {count} names for {seats} seats", count=len(seats.names), seats=seats.count),
            tr("Write count: {count}, or remove names.", count=len(seats.names)),
        )
        return
    seen: dict[str, int] = {}
    for index, name in enumerate(workshop.seat_names):
        if name.casefold() in seen:
            named = min(max(seen[name.casefold()], 0), len(seats.names) - 1)
            is_second = index < len(seats.names)
            yield WorkshopProblem(
                ("seats", "names", index if is_second else named),
                tr("names the seat {name} twice", name=name)
                if is_second
                else tr(
                    "is the name of another seat, which has it by its number: {name}", name=name
                ),
                tr("Write another name; upper and lower case do not matter."),
            )
        seen.setdefault(name.casefold(), index)
        if not is_topology_name(topology_name(workshop.name, name)):
            yield WorkshopProblem(
                ("name",),
                tr(
                    "is too long: the topology of a seat would be {name}, and a topology's name has at most 40 characters",
                    name=topology_name(workshop.name, name),
                ),
                tr("Write a shorter name for the workshop or the seat."),
            )
            return
    longest = max((len(name) for name in workshop.seat_names), default=0) + 1
    for vm in workshop.base.vms:
        if len(vm.name) + longest > VM_NAME_LENGTH_MAXIMUM:
            message = tr("the name of the VM {vm} is too long with that of a seat", vm=vm.name)
            yield WorkshopProblem(("topology",), message, tr("Write a shorter name."))


def _hosts(workshop: Workshop) -> Iterator[WorkshopProblem]:
    if not workshop.hosts:
        hint = tr("Write hosts: [winrms://hv01], or hosts: [sim:ws2022-intel] to rehearse.")
        yield WorkshopProblem(("hosts",), tr("names no host"), hint)
    for index, host in enumerate(workshop.hosts):
        if host.casefold() in {other.casefold() for other in workshop.hosts[:index]}:
            message = tr("names the host {host} twice", host=host)
            yield WorkshopProblem(("hosts",), message, tr("Remove one of the two."))


def _networks(workshop: Workshop) -> Iterator[WorkshopProblem]:
    pool = workshop.networks
    for index, network in enumerate(pool):
        other = next((each for each in pool[:index] if each.overlaps(network)), None)
        if other is not None:
            message = tr("{network} overlaps {other}", network=network, other=other)
            yield WorkshopProblem(("networks",), message, tr("Remove one of the two."))
        shared = next(
            (each for each in shared_networks(workshop.base) if each.overlaps(network)), None
        )
        if shared is not None:
            yield WorkshopProblem(
                ("networks",),
                tr(
                    "{network} overlaps {shared}, a network that all seats share",
                    network=network,
                    shared=shared,
                ),
                tr("Choose networks that are used nowhere else, such as 10.64.0.0/14."),
            )
    networks = own_networks(workshop.base)
    prefix = block_prefix(networks)
    found = blocks(pool, prefix)
    if found < workshop.seats.total:
        yield WorkshopProblem(
            ("networks",),
            tr(
                "is too small: {needed} seats, with the spare ones, need a block /{prefix} each for {networks}, and there are {found}",
                needed=workshop.seats.total,
                prefix=prefix,
                networks=all_of([str(network) for network in networks]),
                found=found,
            ),
            tr(
                "Write a network with a prefix of at most /{prefix}, or fewer seats.",
                prefix=max(prefix - (workshop.seats.total - 1).bit_length(), 0),
            ),
        )


def _ports(workshop: Workshop) -> Iterator[WorkshopProblem]:
    each = len(forwarded_ports(workshop.base))
    needed = each * workshop.seats.total
    if needed > len(workshop.ports):
        yield WorkshopProblem(
            ("ports",),
            tr(
                "has {found} ports, and the seats need {needed}: {each} each",
                found=len(workshop.ports),
                needed=needed,
                each=each,
            ),
            tr("Write a larger range, or fewer seats."),
        )


def _stages(workshop: Workshop) -> Iterator[WorkshopProblem]:
    for index, place in taken_places(workshop):
        yield WorkshopProblem(
            ("stages", index, "notebook"),
            tr("would be {place} in the folder of a seat, as another file", place=place),
            tr("Rename the notebook."),
        )
    seen: set[str] = set()
    for index, stage in enumerate(workshop.stages):
        keys: KeyPath = ("stages", index)
        if stage.name.casefold() in seen:
            message = tr("names the stage {stage} twice", stage=stage.name)
            yield WorkshopProblem((*keys, "name"), message, tr("Write another name."))
        seen.add(stage.name.casefold())
        for part in stage.until:
            yield from _until(workshop.base, part, (*keys, "until"))
        if stage.fault is not None and all(
            _is_part(workshop, part) for each in workshop.stages[: index + 1] for part in each.until
        ):
            yield from _fault(workshop, stage, stage.fault, (*keys, "fault"))
        for number, check in enumerate(stage.checks):
            for key, endpoint in (("from", check.source), ("to", check.target)):
                yield from _endpoint(workshop.base, endpoint, (*keys, "checks", number, key))


def _is_part(workshop: Workshop, stage_part: str) -> bool:
    return not [*_until(workshop.base, stage_part, ())]


def _fault(
    workshop: Workshop, stage: WorkshopStage, fault: StageFault, keys: KeyPath
) -> Iterator[WorkshopProblem]:
    cut = cut_of(workshop, stage)
    if with_fault(cut, fault) != replace(cut, checks=()):
        return
    places = [*fault_places(cut, fault.kind)]
    yield WorkshopProblem(
        (*keys, "at"),
        tr(
            "names nothing that the fault {kind} can be planted at, at the end of this stage: {name!r}",
            kind=fault.kind,
            name=fault.at,
        ),
        tr("Write one of {names}.", names=", ".join(places))
        if places
        else tr("Write another kind: nothing of this stage has what it would break."),
    )


def _until(base: Topology, part: str, keys: KeyPath) -> Iterator[WorkshopProblem]:
    if part.casefold() in set(StagePart) or has_switch(base, part):
        return
    paths = vm_paths(base, part)
    if len(paths) > 1:
        yield WorkshopProblem(
            keys,
            tr("{name!r} can be any of several VMs", name=part),
            tr("Write one of {names}.", names=", ".join(map(path_text, paths))),
        )
    elif not paths:
        near = nearest(part, known_parts(base))
        guess = tr("Did you mean {word!r}?", word=near) if near else ""
        words = tr(
            "Write {words}, or the name of a switch or VM of the topology.",
            words=", ".join(StagePart),
        )
        yield WorkshopProblem(
            keys,
            tr("names nothing of the topology: {name!r}", name=part),
            f"{guess} {words}".lstrip(),
        )


def _endpoint(base: Topology, name: str, keys: KeyPath) -> Iterator[WorkshopProblem]:
    is_address = name.replace(".", "").isdecimal()
    if is_address or name.casefold() in ("host", "internet") or vm_paths(base, name):
        return
    near = nearest(name, known_parts(base))
    guess = tr("Did you mean {word!r}?", word=near) if near else ""
    words = tr("Write a VM's name or machine path, host, internet, or an IP address.")
    message = tr("names no machine of the topology: {name!r}", name=name)
    yield WorkshopProblem(keys, message, f"{guess} {words}".lstrip())


def _shared_objects(base: Topology) -> Iterator[WorkshopProblem]:
    keys: KeyPath = ("topology",)
    for switch in base.switches:
        if switch.switch_type is SwitchType.EXTERNAL and not switch.existing:
            yield WorkshopProblem(
                keys,
                tr(
                    "the External switch {switch} cannot be created for each seat: a physical adapter has one",
                    switch=switch.name,
                ),
                tr(
                    "Create the switch on each host, and write existing: true in the topology: all seats use it then."
                ),
            )
    shared = shared_networks(base)
    for path, machine in base.machines():
        if not isinstance(machine, VM):
            continue
        for adapter in machine.network_adapters:
            if adapter.ip_address and any(adapter.ip_address.ip in each for each in shared):
                yield WorkshopProblem(
                    keys,
                    tr(
                        "{vm} has the address {address} in a network that all seats share",
                        vm=path_text(path),
                        address=adapter.ip_address,
                    ),
                    tr("Write dhcp: true, or connect the VM to a switch of the topology."),
                )
        for _, disk in machine.all_disks if path[:-1] == HOST else ():
            if disk.path:
                yield WorkshopProblem(
                    keys,
                    tr(
                        "{vm} has the existing disk {disk}, which one VM can use",
                        vm=path_text(path),
                        disk=PurePath(disk.path),
                    ),
                    tr("Write disk: {image: NAME}, so that each seat gets its own."),
                )
