"""A rule about images that VMs of both generations boot from."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from nestlab.constants import GENERATIONS
from nestlab.model.finding import Finding
from nestlab.model.machine_path import MachinePath
from nestlab.model.topology import VM, image_named
from nestlab.rules.rule import Rule, Scope, Variant, detects
from nestlab.rules.shared_causes import listed
from nestlab.rules.topology.places import MachinePlace
from nestlab.rules.topology.topology_index import TopologyIndex

IMAGE_IN_BOTH_GENERATIONS = Rule(
    code="image-in-both-generations",
    severity="error",
    looks_at=(Scope.TOPOLOGY,),
    meaning="VMs of generation 1 and of generation 2 are on one image.",
    why="Generation 1 boots from a disk with a master boot record (MBR), generation 2 from one with a GUID partition table (GPT). Windows on a disk boots in one of the two only, and the VMs of the other generation never answer.",
    fix="Use an image of its own for each generation, or give the VMs one generation.",
    example="images: {ws2022: {path: 'D:\\images\\ws2022.vhdx'}}\nvms:\n  - {name: a, generation: 1, disk: {image: ws2022}}\n  - {name: b, disk: {image: ws2022}}",
    source=GENERATIONS,
    variants=(
        Variant("warning", "if the image has Linux: some images have boot loaders for both"),
    ),
)

_Users = dict[int, list[tuple[MachinePlace, VM]]]


@detects(IMAGE_IN_BOTH_GENERATIONS)
def image_in_both_generations(index: TopologyIndex) -> Iterator[Finding]:
    """An image that VMs of both generations boot from."""
    users: dict[tuple[MachinePath, str], _Users] = defaultdict(lambda: defaultdict(list))
    for place, vm in index.vms:
        if (file := _image_file(index, place, vm)) is not None:
            users[file][vm.generation].append((place, vm))
    for (_, path), by_generation in users.items():
        if len(by_generation) > 1:
            yield _in_both(index, path, by_generation)


def _image_file(
    index: TopologyIndex, place: MachinePlace, vm: VM
) -> tuple[MachinePath, str] | None:
    """Return the file that a VM's disk is based on, and its machine: images are on the host."""
    if vm.disk is None:
        return None
    image = image_named(index.topology.images, vm.disk.image)
    if image is not None:
        return (), image.path.casefold()
    return (place.path[:-1], vm.disk.parent.casefold()) if vm.disk.parent else None


def _in_both(index: TopologyIndex, path: str, users: _Users) -> Finding:
    place, vm = users[1][0]
    image = image_named(index.topology.images, vm.disk.image) if vm.disk else None
    name = f"image {image.name}" if image else path
    first, second = (listed([user.subject for user, _ in users[n]]) for n in (1, 2))
    is_linux = (image.os if image else vm.guest.os) == "linux"
    boots = "may boot" if is_linux else "boots"
    return index.finding(
        IMAGE_IN_BOTH_GENERATIONS.at("warning" if is_linux else "error"),
        place.subject,
        (*place.keys, "generation"),
        f"is on {name}, which {boots} in one generation only; of generation 1: {first}; of generation 2: {second}",
        hint=_LINUX_HINT if is_linux else None,
    )


_LINUX_HINT = "Check that the image has boot loaders for both (BIOS and UEFI), as cloud images often do; else use an image of its own for each generation."
